// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, objects. Objects as files: "objects/ab/<address>.<kind>".

/// Keeps objects in the 256 folders below `objects/`, which `makeFolders` made.
package final class FileObjectBackend: ObjectBackend {
    let fileSystem: any FileSystem

    /// What a replacement is called until it takes its damaged object's name.
    static let leftoverSuffix = ".replacement"

    package init(fileSystem: any FileSystem) { self.fileSystem = fileSystem }

    /// Makes the folders of objects below `parent`, which stands and is "" for the store's own
    /// folder; those already there stay. Durable but for the name of `objects` in `parent`, which
    /// the caller syncs.
    package static func makeFolders(
        in fileSystem: any FileSystem, below parent: String = ""
    ) throws(StorageError) {
        let prefix = parent.isEmpty ? "" : parent + "/"
        try makeFolder(prefix + ObjectFolder.root, in: fileSystem)
        for folder in ObjectFolder.all {
            try makeFolder(prefix + folder.path, in: fileSystem)
        }
        try fileSystem.syncFolder(prefix + ObjectFolder.root)
    }

    private static func makeFolder(
        _ path: String, in fileSystem: any FileSystem
    ) throws(StorageError) {
        do throws(StorageError) {
            try fileSystem.createFolder(path)
        } catch {
            guard error.isAlreadyThere else { throw error }
        }
    }

    package func makeUpload() throws(StorageError) -> any ObjectUpload {
        FileObjectUpload(
            file: try fileSystem.createTemporary(in: ObjectFolder.root), in: fileSystem)
    }

    package func open(_ id: ObjectID) throws(StorageError) -> any ObjectSource {
        try id.reading { () throws(StorageError) in
            try FileObjectSource(fileSystem.open(id.path, for: .read), of: id)
        }
    }

    package func remove(_ id: ObjectID) throws(StorageError) -> Bool {
        do throws(StorageError) {
            try fileSystem.remove(id.path)
            return true
        } catch {
            guard error.isNotFound else { throw error }
            return false
        }
    }

    package func byteCount(of id: ObjectID) throws(StorageError) -> UInt64? {
        try fileSystem.status(id.path).map { $0.byteCount }
    }

    package func list(_ folder: ObjectFolder) throws(StorageError) -> ObjectListing {
        var listing = ObjectListing()
        for name in try fileSystem.list(folder.path) {
            if let id = ObjectID(fileName: name), ObjectFolder(of: id.address) == folder {
                listing.objects.append(id)
            } else if name.hasSuffix(Self.leftoverSuffix),
                ObjectID(fileName: String(name.dropLast(Self.leftoverSuffix.count))) != nil
            {
                listing.leftovers.append(folder.path + "/" + name)
            } else {
                listing.foreign.append(folder.path + "/" + name)
            }
        }
        return listing
    }

    package func removeLeftover(_ path: String) throws(StorageError) {
        precondition(path.hasSuffix(Self.leftoverSuffix))
        do throws(StorageError) {
            try fileSystem.remove(path)
        } catch {
            guard error.isNotFound else { throw error }
        }
    }
}

/// An object's open file.
final class FileObjectSource: ObjectSource {
    let byteCount: UInt64
    private let file: any File
    private let id: ObjectID

    init(_ file: any File, of id: ObjectID) throws(StorageError) {
        self.file = file
        self.id = id
        byteCount = try file.byteCount()
    }

    func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64
    ) throws(StorageError) -> Int {
        try id.reading { () throws(StorageError) in try file.read(into: buffer, at: offset) }
    }

    func dropCache() { file.dropCache() }
}

extension ObjectID {
    /// Runs a call that reads the object: bytes that the medium does not give back are damage of
    /// the object, and whoever goes on beside damage goes on (invariant 10).
    @inline(__always)
    fileprivate func reading<Answer>(
        _ call: () throws(StorageError) -> Answer
    ) throws(StorageError) -> Answer {
        do throws(StorageError) {
            return try call()
        } catch {
            guard error.isUnreadable else { throw error }
            throw damage(at: nil, "it cannot be read: \(error)")
        }
    }
}
