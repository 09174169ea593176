// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, tail. From a stream's hash to its newest entry: one writer changes it
// under any number of readers.
import CPlatform

/// Open addressing over 64-bit words: the upper half of a stream's hash, then the index of its
/// newest entry plus 1; 0 where nothing is.
///
/// A stream keeps its slot, and only the index in it changes, by one store with release: whoever
/// loads it with acquire finds the entry written. A full table is not grown in place: a larger
/// one is made and published, and the old one stays for those who look into it, until the layer
/// goes. An old table only lacks what was appended after it, above every cut that such a reader
/// can hold, since a reader takes its cut before the table.
struct StreamTable {
    /// Word 0 is the mask; slots begin at word 8, on a cache line of their own.
    let words: UnsafeMutablePointer<UInt64>

    private static let headWordCount = 8

    init(words: UnsafeMutablePointer<UInt64>) { self.words = words }

    /// An empty table; `capacity` is a power of two.
    init(capacity: Int) {
        words = .allocate(capacity: StreamTable.headWordCount + capacity)
        words.initialize(repeating: 0, count: StreamTable.headWordCount + capacity)
        words[0] = UInt64(capacity - 1)
    }

    func free() { words.deallocate() }

    @inline(__always)
    var mask: Int { Int(words[0]) }

    @inline(__always)
    func firstSlot(of hash: StreamHash) -> Int { Int(truncatingIfNeeded: hash.rawValue) & mask }

    @inline(__always)
    func prefetch(_ hash: StreamHash) {
        platform_prefetch(words + (StreamTable.headWordCount + firstSlot(of: hash)))
    }

    @inline(__always)
    func load(_ slot: Int) -> UInt64 {
        platform_load_acquire(words + (StreamTable.headWordCount + slot))
    }

    @inline(__always)
    func store(_ index: Int, hash: StreamHash, at slot: Int) {
        platform_store_release(
            words + (StreamTable.headWordCount + slot), StreamTable.word(hash, index))
    }

    @inline(__always)
    static func word(_ hash: StreamHash, _ index: Int) -> UInt64 {
        (hash.rawValue & 0xffff_ffff_0000_0000) | UInt64(UInt32(index) + 1)
    }

    /// Whether a slot's word may be of a stream with this hash.
    @inline(__always)
    static func matches(_ word: UInt64, _ hash: StreamHash) -> Bool {
        (word ^ hash.rawValue) >> 32 == 0
    }

    /// The entry that a slot's word names; the word is not 0.
    @inline(__always)
    static func index(_ word: UInt64) -> Int { Int(UInt32(truncatingIfNeeded: word)) - 1 }
}
