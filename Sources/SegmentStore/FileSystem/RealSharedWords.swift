// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, file-system seam. Words of a mapped file: `live` and the clock floor alone.
import CPlatform
import Glibc

/// Atomic words in a shared mapping.
///
/// `@unchecked Sendable`: the pointer is set once, and the memory behind it is only reached through
/// the processor's atomic instructions.
final class RealSharedWords: SharedWords, @unchecked Sendable {
    let count: Int
    private let words: UnsafeMutablePointer<UInt64>

    /// Maps the first `wordCount` words of an open file, which it does not keep open. The file should
    /// be empty when it is first mapped, so that btrfs can be told to write it in place.
    init(descriptor: Int32, path: String, wordCount: Int) throws(StorageError) {
        precondition(wordCount > 0)
        let byteCount = wordCount * MemoryLayout<UInt64>.stride
        // Reserved, not truncated: two processes that map different lengths at once never cut
        // each other's, and a store to the mapping cannot meet a full disk, which would kill by
        // SIGBUS (shown on btrfs without writing in place: docs/decisions/0001-probes.md).
        try systemCall("map", on: path) { platform_reserve(descriptor, Int64(byteCount)) }
        guard let memory = platform_map_shared(descriptor, byteCount) else {
            throw .failed("map", on: path, code: errno)
        }
        count = wordCount
        words = memory.bindMemory(to: UInt64.self, capacity: wordCount)
    }

    deinit {
        _ = platform_unmap(words, count * MemoryLayout<UInt64>.stride)
    }

    func load(_ index: Int) -> UInt64 {
        precondition(index >= 0 && index < count)
        return platform_load_acquire(words + index)
    }

    func store(_ value: UInt64, at index: Int) {
        precondition(index >= 0 && index < count)
        platform_store_release(words + index, value)
    }

    func compareExchange(_ index: Int, expected: UInt64, desired: UInt64) -> Bool {
        precondition(index >= 0 && index < count)
        return platform_compare_exchange(words + index, expected, desired)
    }
}
