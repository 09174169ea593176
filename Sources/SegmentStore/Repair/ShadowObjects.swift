// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, repair. Objects as they would be after a repair: what is written stays in
// memory, over what is there.

final class ShadowObjects: ObjectBackend {
    private let base: any ObjectBackend
    private let written = TransientObjects()

    init(over base: any ObjectBackend) { self.base = base }

    func makeUpload() -> any ObjectUpload { written.makeUpload() }

    func open(_ id: ObjectID) throws(StorageError) -> any ObjectSource {
        written.byteCount(of: id) == nil ? try base.open(id) : try written.open(id)
    }

    func remove(_ id: ObjectID) -> Bool { written.remove(id) }

    func byteCount(of id: ObjectID) throws(StorageError) -> UInt64? {
        if let byteCount = written.byteCount(of: id) { return byteCount }
        return try base.byteCount(of: id)
    }

    /// A folder that is missing has what was written for it.
    func list(_ folder: ObjectFolder) throws(StorageError) -> ObjectListing {
        var listing = ObjectListing()
        do throws(StorageError) {
            listing = try base.list(folder)
        } catch {
            guard error.isNotFound else { throw error }
        }
        let known = Set(listing.objects)
        listing.objects += written.list(folder).objects.filter { !known.contains($0) }
        return listing
    }

    func removeLeftover(_ path: String) {}
}

extension SegmentStore {
    /// The same objects, read anew; what is written goes to memory, and no further.
    package func shadow() -> SegmentStore {
        SegmentStore(
            objects: ObjectStore(
                backend: ShadowObjects(over: objects.backend),
                cache: PageCache(byteCountMax: 8 << 20, shardCount: 1)),
            limits: limits)
    }
}
