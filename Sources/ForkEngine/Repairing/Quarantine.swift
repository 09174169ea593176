// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, repairing. What a repair sets aside, and what it knows to be lost.
//
//   quarantine/<name of a file>         the damaged file itself, by a second name or moved
//   quarantine/<name of a file>.<n>     the same name once more
//   quarantine/<name of an object>.lost what is wrong with an object that cannot be brought back:
//                                       damage that is just that is no news to `verify` and `gc`
//
// Nothing here is ever deleted, or read but for the last: whoever wants the room takes it.
import SegmentStore

struct Quarantine {
    let fileSystem: any FileSystem

    static let lostSuffix = ".lost"
    private static let lineByteCountMax = 1 << 16
    private static let sameNameCountMax = 1_000

    /// Gives a damaged file a second name here, so that its bytes stay whatever becomes of the
    /// first one. Nothing where it is missing, or has one.
    func keep(_ path: String) throws(StorageError) {
        do throws(StorageError) {
            let file = try fileSystem.open(path, for: .read)
            guard try file.linkCount() == 1 else { return }
            try makeFolder()
            try name(path) { (target) throws(StorageError) in
                try fileSystem.link(file, at: target)
            }
            try fileSystem.syncFolder(StoreLayout.quarantine)
        } catch {
            guard !error.isNotFound else { return }
            guard error.isUnreadable else { throw error }
            try move(path)
        }
    }

    /// Moves a damaged file here. Nothing where it is missing.
    func move(_ path: String) throws(StorageError) {
        guard try fileSystem.status(path) != nil else { return }
        try makeFolder()
        try name(path) { (target) throws(StorageError) in
            try fileSystem.rename(path, to: target, replacing: false)
        }
        try fileSystem.syncFolder(StoreLayout.quarantine)
        let folder = path.split(separator: "/").dropLast().joined(separator: "/")
        try fileSystem.syncFolder(folder.isEmpty ? "." : folder)
    }

    /// Notes for good what is wrong with an object that cannot be brought back.
    func acknowledge(_ object: ObjectID, fault: String) throws(StorageError) {
        try makeFolder()
        let path = "\(StoreLayout.quarantine)/\(object.fileName)\(Self.lostSuffix)"
        let file = try fileSystem.createTemporary(in: StoreLayout.quarantine)
        let bytes = Array("\(fault)\n".utf8)
        try bytes.span.withUnsafeBytes { (bytes) throws(StorageError) in
            try file.write(bytes, at: 0)
        }
        try file.sync()
        do throws(StorageError) {
            try fileSystem.link(file, at: path)
        } catch {
            guard error.isAlreadyThere else { throw error }
            // It says what was wrong before.
            try fileSystem.remove(path)
            try fileSystem.link(file, at: path)
        }
        try fileSystem.syncFolder(StoreLayout.quarantine)
    }

    /// The objects that are known to be lost, wholly or in part, with what is wrong with each.
    func acknowledged() throws(StorageError) -> [ObjectID: String] {
        var known: [ObjectID: String] = [:]
        for name in try names() where name.hasSuffix(Self.lostSuffix) {
            let object = ObjectID(fileName: String(name.dropLast(Self.lostSuffix.count)))
            guard let object else { continue }
            let line = try line("\(StoreLayout.quarantine)/\(name)")
            // What a crash or a hand left here says nothing.
            if let line, line.hasSuffix("\n") { known[object] = String(line.dropLast()) }
        }
        return known
    }

    /// All that is here; nothing where no repair ever set anything aside.
    func names() throws(StorageError) -> [String] {
        do throws(StorageError) {
            return try fileSystem.list(StoreLayout.quarantine)
        } catch {
            if error.isNoFolder {
                throw .damaged(
                    .init(
                        path: StoreLayout.quarantine, offset: nil,
                        reason: "something else stands in the place of the folder: move it away"))
            }
            guard error.isNotFound else { throw error }
            return []
        }
    }

    private func line(_ path: String) throws(StorageError) -> String? {
        do throws(StorageError) {
            let file = try fileSystem.open(path, for: .read)
            let count = try Int(min(file.byteCount(), UInt64(Self.lineByteCountMax)))
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 8)
            defer { buffer.deallocate() }
            let read = try file.read(into: buffer, at: 0)
            return String(validating: buffer.prefix(read), as: UTF8.self)
        } catch {
            guard error.isNotFound || error.isUnreadable else { throw error }
            return nil
        }
    }

    private func makeFolder() throws(StorageError) {
        do throws(StorageError) {
            try fileSystem.createFolder(StoreLayout.quarantine)
            try fileSystem.syncFolder(".")
        } catch {
            guard error.isAlreadyThere else { throw error }
        }
    }

    /// Calls `body` with names for a file, until it takes one.
    private func name(
        _ path: String, _ body: (String) throws(StorageError) -> Void
    ) throws(StorageError) {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        var target = "\(StoreLayout.quarantine)/\(name)"
        for number in 1...Self.sameNameCountMax {
            do throws(StorageError) {
                return try body(target)
            } catch {
                guard error.isAlreadyThere, number < Self.sameNameCountMax else { throw error }
                target = "\(StoreLayout.quarantine)/\(name).\(number)"
            }
        }
    }
}
