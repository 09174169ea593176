// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, objects. Where an object that does not verify is wrong, page by page: what
// else is in it can still be believed (invariant 10).
import CXXHash

/// Which part of a damaged object cannot be read.
enum ObjectFault: Equatable {
    /// It is missing, or its trailer or directory is wrong: no page can be found.
    case all
    /// These pages; the others verify.
    case pages(Set<Int>)
    /// Only the first 16 bytes, which no reader needs.
    case header
    /// Each part verifies by itself. The bytes are others than those of the address, or say what
    /// cannot be.
    case content

    /// Reads all of the object, past every cache. O(bytes of the object), a page in memory.
    /// Throws only what is not damage.
    static func find(
        in id: ObjectID, of backend: any ObjectBackend
    ) throws(StorageError) -> ObjectFault {
        do throws(StorageError) {
            let source = try backend.open(id)
            source.dropCache()
            let contents = try ObjectContents(of: id, in: source)
            var bad: Set<Int> = []
            for (index, page) in contents.directory.enumerated()
            where try !page.isSound(in: source) { bad.insert(index) }
            if !bad.isEmpty { return .pages(bad) }
            return try hasHeader(id, source) ? .content : .header
        } catch {
            guard error.isDamage || error.isNotFound else { throw error }
            return .all
        }
    }

    private static func hasHeader(
        _ id: ObjectID, _ source: any ObjectSource
    ) throws(StorageError) -> Bool {
        let header = UnsafeMutableRawBufferPointer.allocate(
            byteCount: ObjectFormat.headerByteCount, alignment: 8)
        defer { header.deallocate() }
        let count = try source.read(into: header, at: 0)
        return ObjectFormat.isHeader(
            UnsafeRawBufferPointer(header).slice(0, count), of: id.kind)
    }
}

extension PageLocation {
    /// Whether the stored bytes are those that were written.
    fileprivate func isSound(in source: any ObjectSource) throws(StorageError) -> Bool {
        let stored = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Int(storedByteCount), alignment: 16)
        defer { stored.deallocate() }
        do throws(StorageError) {
            let count = try source.read(into: stored, at: offset)
            return count == stored.count && forkctl_hash64(stored.baseAddress, count) == checksum
        } catch {
            // A page that the medium does not give back: the others may be sound.
            guard error.isDamage else { throw error }
            return false
        }
    }
}
