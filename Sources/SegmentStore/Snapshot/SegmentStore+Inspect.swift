// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, snapshots. Looking at what a root takes over before anybody relies on it.

extension SegmentStore {
    /// Reads every byte of what `root` reaches and `known` does not, but for objects that were
    /// `made` just now: whoever gives sound bytes up for these must not be given damaged ones
    /// (invariant 10). False, and nothing is read, where that is more than `byteCountMax`.
    ///
    /// O(nodes of both roots) and the bytes that are read; what this process found sound before
    /// is not read again. Throws `.damaged` for the first that is not sound.
    package func inspect(
        _ root: ManifestRoot, beyond known: ManifestRoot?, made: Set<ObjectID>,
        byteCountMax: UInt64
    ) throws(StorageError) -> Bool {
        let old = try known.map { (known) throws(StorageError) in try mark([known]) } ?? []
        var fresh: [ObjectID] = []
        var byteCount: UInt64 = 0
        for object in try mark([root]).sorted()
        where !old.contains(object) && !made.contains(object) {
            if inspected.holds(object) { continue }
            fresh.append(object)
            byteCount += try objects.open(object).byteCount
        }
        guard byteCount <= byteCountMax else { return false }
        for object in fresh {
            try inspected.value(of: object) { () throws(StorageError) in
                try objects.open(object).verify()
            }
        }
        return true
    }
}
