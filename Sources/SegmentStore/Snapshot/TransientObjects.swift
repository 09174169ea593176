// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, snapshots. Objects that live as long as one flush: the run of a new segment
// is merged into a larger one at once, so that only the merged one reaches the disk.
import Glibc

final class TransientObjects: ObjectBackend {
    private let objects = Locked<[ObjectID: [UInt8]]>([:])

    /// A store of such objects. Their pages are read once, so few are kept.
    static func makeStore() -> ObjectStore {
        ObjectStore(
            backend: TransientObjects(), cache: PageCache(byteCountMax: 1 << 20, shardCount: 1))
    }

    func makeUpload() -> any ObjectUpload { Upload(to: self) }

    func open(_ id: ObjectID) throws(StorageError) -> any ObjectSource {
        guard let bytes = objects.withLock({ $0[id] }) else {
            throw .fileSystem(.init(operation: "open", path: id.path, code: ENOENT))
        }
        return Source(bytes)
    }

    func remove(_ id: ObjectID) -> Bool {
        objects.withLock { $0.removeValue(forKey: id) != nil }
    }

    func byteCount(of id: ObjectID) -> UInt64? {
        objects.withLock { $0[id].map { UInt64($0.count) } }
    }

    func list(_ folder: ObjectFolder) -> ObjectListing {
        ObjectListing(
            objects: objects.withLock { objects in
                objects.keys.filter { ObjectFolder(of: $0.address) == folder }.sorted()
            })
    }

    func removeLeftover(_ path: String) {}

    private final class Upload: ObjectUpload {
        private let backend: TransientObjects
        private var bytes: [UInt8] = []

        init(to backend: TransientObjects) { self.backend = backend }

        func append(_ more: UnsafeRawBufferPointer) { bytes.append(contentsOf: more) }

        func publish(as id: ObjectID) -> PublishedObject {
            backend.objects.withLock { $0[id] = bytes }
            return PublishedObject(id: id, byteCount: UInt64(bytes.count), wasReused: false)
        }
    }

    private final class Source: ObjectSource {
        private let bytes: [UInt8]

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        var byteCount: UInt64 { UInt64(bytes.count) }

        func dropCache() {}

        func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) -> Int {
            guard let start = Int(exactly: offset), start < bytes.count else { return 0 }
            let count = min(buffer.count, bytes.count - start)
            bytes.withUnsafeBytes {
                UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
                    .copyMemory(from: $0.slice(start, count))
            }
            return count
        }
    }
}
