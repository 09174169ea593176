// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, objects. Where objects are kept: the seam that a bucket would implement too,
// so nothing here says "file".

/// Keeps immutable objects by address. Thread-safe.
package protocol ObjectBackend: AnyObject, Sendable {
    /// Begins an object whose address is not known before its last byte.
    func makeUpload() throws(StorageError) -> any ObjectUpload

    /// Opens an object for reading; `StorageError.isNotFound` where there is none.
    func open(_ id: ObjectID) throws(StorageError) -> any ObjectSource

    /// Removes an object; false where there was none. Its return after a power loss is harmless:
    /// it is collected again.
    func remove(_ id: ObjectID) throws(StorageError) -> Bool

    /// The bytes an object has; nil where there is none.
    func byteCount(of id: ObjectID) throws(StorageError) -> UInt64?

    /// What one folder holds.
    func list(_ folder: ObjectFolder) throws(StorageError) -> ObjectListing

    /// Removes something that `list` gave as a leftover.
    func removeLeftover(_ path: String) throws(StorageError)
}

/// An object being written. One thread at a time; dropped without `publish`, it leaves nothing.
package protocol ObjectUpload: AnyObject {
    func append(_ bytes: UnsafeRawBufferPointer) throws(StorageError)

    /// Makes the object durable under its address, which is the XXH3-128 of all that was appended.
    /// Where the address is taken by the same bytes, those are used and made durable again
    /// (rule 9); where it is taken by damaged bytes, they are replaced.
    func publish(as id: ObjectID) throws(StorageError) -> PublishedObject
}

/// An object being read. Thread-safe.
package protocol ObjectSource: AnyObject, Sendable {
    var byteCount: UInt64 { get }

    /// Fills `buffer` from `offset`; returns the bytes read, fewer only where the object ends.
    func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64
    ) throws(StorageError) -> Int

    /// Drops what is cached of the object below this seam, so that a read sees what the medium
    /// holds; a hint.
    func dropCache()
}

/// An object that is durable, with its name.
package struct PublishedObject: Hashable, Sendable {
    package let id: ObjectID
    package let byteCount: UInt64
    /// Whether the object was there before: then its address must be recorded as revived in the
    /// transaction that comes to reach it (rule 9).
    package let wasReused: Bool

    package init(id: ObjectID, byteCount: UInt64, wasReused: Bool) {
        self.id = id
        self.byteCount = byteCount
        self.wasReused = wasReused
    }
}

/// What one of the 256 folders holds, each list sorted.
package struct ObjectListing: Hashable, Sendable {
    package var objects: [ObjectID] = []
    /// Paths of replacements that a crash left beside their objects: nobody needs them.
    package var leftovers: [String] = []
    /// Paths of what is not ours.
    package var foreign: [String] = []

    package init(objects: [ObjectID] = []) { self.objects = objects }
}
