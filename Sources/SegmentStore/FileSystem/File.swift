// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, file-system seam.

/// An open file. Closed when its last reference goes; its locks go with it. Thread-safe.
package protocol File: AnyObject, Sendable {
    /// The path it was opened by, for messages; "" for a temporary file not yet linked.
    var path: String { get }

    /// Reads at `offset` until `buffer` is full or the file ends; returns the bytes read.
    func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64
    ) throws(StorageError) -> Int

    /// Writes all of `bytes` at `offset`, growing the file where it ends. After an error any part
    /// may have been written.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(StorageError)

    /// Makes the bytes, and the size where it grew, durable (fdatasync). After it fails nothing
    /// written since the last success is to be believed until written again.
    func sync() throws(StorageError)

    /// Asks the system to begin writing a range back, without waiting; a hint, never an error.
    func beginWriteback(at offset: UInt64, byteCount: UInt64)

    /// Drops what the page cache holds of the file, so that a read sees the disk; a hint.
    func dropCache()

    func byteCount() throws(StorageError) -> UInt64

    /// Cuts the file, or grows it with zeros.
    func resize(to byteCount: UInt64) throws(StorageError)

    /// How many names the file has; 0 after its last was removed.
    func linkCount() throws(StorageError) -> Int

    /// Takes an advisory lock on a range of bytes, for this open file (OFD locks: they vanish
    /// with its process). A range held by this same open file is converted.
    /// Returns whether it was taken: at once for `.never`, at the latest after `.atMost`.
    func lock(
        _ range: Range<UInt64>, _ mode: LockMode, waiting: LockWait
    ) throws(StorageError) -> Bool

    func unlock(_ range: Range<UInt64>) throws(StorageError)

    /// The processes whose locks stand in the way of such a lock of this open file, in order, as far
    /// as the system tells: for messages. Looks at every process of the machine: for failures alone.
    func lockHolders(of range: Range<UInt64>, against mode: LockMode) -> [Int32]
}

package enum LockMode: Sendable {
    case shared
    case exclusive
}

/// How long a lock may be waited for.
package enum LockWait: Sendable {
    case never
    case forever
    case atMost(milliseconds: Int)
}

/// 64-bit words shared by all processes that mapped the same file; never synced.
package protocol SharedWords: AnyObject, Sendable {
    var count: Int { get }

    /// Acquire.
    func load(_ index: Int) -> UInt64

    /// Release.
    func store(_ value: UInt64, at index: Int)

    /// Sequentially consistent; true when the word held `expected` and now holds `desired`.
    func compareExchange(_ index: Int, expected: UInt64, desired: UInt64) -> Bool
}
