// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, sabotage. A file system that commits the faults of names and folders.
import ForkEngine
import SegmentStore

final class SabotagedFileSystem: FileSystem {
    private let base: any FileSystem
    private let saboteur: Saboteur
    /// The pins of when the last listing began.
    private let earlyPins = Locked<[String]?>(nil)

    init(_ base: any FileSystem, _ saboteur: Saboteur) {
        self.base = base
        self.saboteur = saboteur
    }

    func open(_ path: String, for access: FileAccess) throws(StorageError) -> any File {
        if let bytes = saboteur.remembered(path), saboteur.strikes(.objectsAreServedFromMemory) {
            return RememberedFile(path: path, bytes: bytes)
        }
        return SabotagedFile(try base.open(path, for: access), saboteur, isNew: false)
    }

    func create(_ path: String) throws(StorageError) -> any File {
        SabotagedFile(try base.create(path), saboteur, isNew: true, in: base)
    }

    func createTemporary(in folder: String) throws(StorageError) -> any File {
        SabotagedFile(
            try base.createTemporary(in: folder), saboteur, isNew: true,
            isTemporary: true)
    }

    func link(_ file: any File, at path: String) throws(StorageError) {
        guard let file = file as? SabotagedFile else {
            preconditionFailure("a file of another file system")
        }
        try base.link(file.base, at: path)
        if saboteur.sabotage == .objectsAreServedFromMemory {
            saboteur.remember(try file.base.allBytes(), of: path)
        }
        if let last = saboteur.linked(path), saboteur.strikes(.objectsAreRewritten) {
            try base.open(last, for: .readWrite).flipByte(at: 40)
        }
    }

    func rename(
        _ path: String, to newPath: String, replacing: Bool
    ) throws(StorageError) {
        try base.rename(path, to: newPath, replacing: replacing)
    }

    func remove(_ path: String) throws(StorageError) {
        if saboteur.strikes(.objectRemovalsAreLost, where: path.isObject) { return }
        try base.remove(path)
        saboteur.remember(nil, of: path)
    }

    func createFolder(_ path: String) throws(StorageError) { try base.createFolder(path) }

    func removeFolder(_ path: String) throws(StorageError) { try base.removeFolder(path) }

    func list(_ folder: String) throws(StorageError) -> [String] {
        let names = try base.list(folder)
        if saboteur.sabotage == .pinsAreReadEarly {
            if folder == "\(StoreLayout.objects)/00" {
                let pins = try base.list(StoreLayout.pins)
                earlyPins.withLock { $0 = pins }
            }
            let early = folder == StoreLayout.pins ? earlyPins.withLock { $0 } : nil
            if let early, saboteur.strikes(.pinsAreReadEarly, where: early != names) {
                return early
            }
        }
        if saboteur.sabotage == .pinsAreSweptFreely, folder == "\(StoreLayout.objects)/00" {
            try sweepPins()
        }
        let isFitting = folder == StoreLayout.pins && !names.isEmpty
        return saboteur.strikes(.pinsAreHidden, where: isFitting) ? [] : names
    }

    /// As a collection does that holds the publish lock, but without it. A pin is locked at byte 0.
    private func sweepPins() throws(StorageError) {
        for name in try base.list(StoreLayout.pins) {
            let path = "\(StoreLayout.pins)/\(name)"
            do throws(StorageError) {
                let pin = try base.open(path, for: .readWrite)
                let isDead = try pin.lock(0..<1, .exclusive, waiting: .never)
                if saboteur.strikes(.pinsAreSweptFreely, where: isDead) { try base.remove(path) }
            } catch {
                // Its reader finished meanwhile.
                if !error.isNotFound { throw error }
            }
        }
    }

    func status(_ path: String) throws(StorageError) -> FileStatus? {
        if let bytes = saboteur.remembered(path), saboteur.strikes(.objectsAreServedFromMemory) {
            let count = UInt64(bytes.count)
            return FileStatus(byteCount: count, isFolder: false, allocatedByteCount: count)
        }
        return try base.status(path)
    }

    func syncFolder(_ path: String) throws(StorageError) {
        if saboteur.strikes(
            .journalFolderSyncsAreLost, where: path == StoreLayout.journals)
            || saboteur.strikes(.objectFolderSyncsAreLost, where: path.isObject)
        {
            return
        }
        try base.syncFolder(path)
    }

    func map(_ path: String, wordCount: Int) throws(StorageError) -> any SharedWords {
        SabotagedWords(try base.map(path, wordCount: wordCount), saboteur, path: path)
    }
}

extension String {
    var isObject: Bool { hasPrefix("\(StoreLayout.objects)/") }
    var isJournal: Bool { hasPrefix("\(StoreLayout.journals)/") }
    var isPin: Bool { hasPrefix("\(StoreLayout.pins)/") }
}

extension File {
    func allBytes() throws(StorageError) -> [UInt8] {
        let byteCount = Int(try byteCount())
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 8)
        defer { buffer.deallocate() }
        return Array(buffer.prefix(try read(into: buffer, at: 0)))
    }

    fileprivate func flipByte(at offset: UInt64) throws(StorageError) {
        let byte = UnsafeMutableRawBufferPointer.allocate(byteCount: 1, alignment: 1)
        defer { byte.deallocate() }
        guard try read(into: byte, at: offset) == 1 else { return }
        byte[0] ^= 0xFF
        try write(UnsafeRawBufferPointer(byte), at: offset)
    }
}
