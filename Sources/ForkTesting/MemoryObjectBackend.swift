// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting. Objects in memory, and bytes that were tampered with: what tests of formats
// need, thousands of times a second.
import Glibc
package import SegmentStore

/// Keeps objects in memory; what stands at an address can be replaced by any bytes.
package final class MemoryObjectBackend: ObjectBackend {
    private let objects = Locked<[ObjectID: [UInt8]]>([:])

    package init() {}

    /// The bytes at an address; nil where there are none.
    package subscript(id: ObjectID) -> [UInt8]? {
        get { objects.withLock { $0[id] } }
        set { objects.withLock { $0[id] = newValue } }
    }

    package func makeUpload() -> any ObjectUpload { Upload(backend: self) }

    package func open(_ id: ObjectID) throws(StorageError) -> any ObjectSource {
        guard let bytes = self[id] else {
            throw .fileSystem(.init(operation: "open", path: id.path, code: ENOENT))
        }
        return Source(bytes: bytes)
    }

    package func remove(_ id: ObjectID) -> Bool {
        objects.withLock { $0.removeValue(forKey: id) != nil }
    }

    package func byteCount(of id: ObjectID) -> UInt64? { self[id].map { UInt64($0.count) } }

    package func list(_ folder: ObjectFolder) -> ObjectListing {
        var listing = ObjectListing()
        listing.objects = objects.withLock { $0.keys.sorted() }
            .filter { ObjectFolder(of: $0.address) == folder }
        return listing
    }

    package func removeLeftover(_ path: String) {}

    private final class Upload: ObjectUpload {
        private let backend: MemoryObjectBackend
        private var bytes: [UInt8] = []

        init(backend: MemoryObjectBackend) { self.backend = backend }

        func append(_ more: UnsafeRawBufferPointer) { bytes.append(contentsOf: more) }

        func publish(as id: ObjectID) -> PublishedObject {
            let before = backend[id]
            backend[id] = bytes
            return PublishedObject(
                id: id, byteCount: UInt64(bytes.count), wasReused: before != nil)
        }
    }

    private final class Source: ObjectSource {
        private let bytes: [UInt8]

        init(bytes: [UInt8]) { self.bytes = bytes }

        var byteCount: UInt64 { UInt64(bytes.count) }

        func dropCache() {}

        func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) -> Int {
            guard offset < UInt64(bytes.count) else { return 0 }
            let start = Int(offset)
            let end = min(bytes.count, start + buffer.count)
            bytes.withUnsafeBytes {
                buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<end]))
            }
            return end - start
        }
    }
}
