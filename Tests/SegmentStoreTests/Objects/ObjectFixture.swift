// SPDX-License-Identifier: Apache-2.0
// Objects that tests make, and what they compare.
import ForkTesting
import SegmentStore

enum ObjectFixture {
    static func store(
        _ backend: any ObjectBackend, cacheByteCount: Int = 1 << 20, shardCount: Int = 4,
        readerCountMax: Int = 16, sourceCountMax: Int = 4
    ) -> ObjectStore {
        ObjectStore(
            backend: backend,
            cache: PageCache(byteCountMax: cacheByteCount, shardCount: shardCount),
            readerCountMax: readerCountMax, sourceCountMax: sourceCountMax)
    }

    /// A folder of the real disk with the folders of objects, and its backend.
    static func disk() throws -> (TemporaryFolder, FileObjectBackend) {
        let folder = try TemporaryFolder()
        try FileObjectBackend.makeFolders(in: folder.fileSystem)
        return (folder, FileObjectBackend(fileSystem: folder.fileSystem))
    }

    static func write(
        _ pages: [[UInt8]], kind: ObjectKind = .nodes, compress: Bool = true,
        in store: ObjectStore
    ) throws -> PublishedObject {
        var writer = try store.makeWriter(kind)
        for page in pages {
            _ = try page.withUnsafeBytes { try writer.appendPage($0, compress: compress) }
        }
        return try writer.finish()
    }

    /// The same, throwing what the store throws.
    static func publish(
        _ pages: [[UInt8]], in store: ObjectStore
    ) throws(StorageError) -> PublishedObject {
        do {
            return try write(pages, in: store)
        } catch let error as StorageError {
            throw error
        } catch {
            preconditionFailure("\(error)")
        }
    }

    static func read(_ id: ObjectID, in store: ObjectStore) throws(StorageError) -> [[UInt8]] {
        let reader = try store.open(id)
        var pages: [[UInt8]] = []
        for index in 0..<reader.pageCount {
            pages.append(try reader.page(index, role: .node).withBytes { Array($0) })
        }
        return pages
    }

    /// A page that LZ4 makes smaller, and one that it cannot.
    static let compressible = [UInt8](repeating: 7, count: 5000)
    static func random(_ byteCount: Int, seed: UInt64 = 1) -> [UInt8] {
        var generator = SeededGenerator(seed: seed)
        return (0..<byteCount).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    static func writeFile(_ bytes: [UInt8], at path: String, in folder: TemporaryFolder) throws {
        let fileSystem = folder.fileSystem
        if try fileSystem.status(path) != nil { try fileSystem.remove(path) }
        let file = try fileSystem.create(path)
        try bytes.withUnsafeBytes { try file.write($0, at: 0) }
    }

    static func readFile(_ path: String, in folder: TemporaryFolder) throws -> [UInt8] {
        let file = try folder.fileSystem.open(path, for: .read)
        var bytes = [UInt8](repeating: 0, count: Int(try file.byteCount()))
        _ = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
        return bytes
    }
}
