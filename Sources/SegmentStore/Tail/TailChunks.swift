// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, tail. Memory of a layer's entries: it grows and never moves, so that
// readers follow indexes while the writer appends.
import Glibc

/// Chunks of 256, 512, 1,024 … entries, each with a block of totals for every 256 of them.
struct TailChunks {
    private let entries: UnsafeMutablePointer<UnsafeMutablePointer<TailEntry>>
    private let blocks: UnsafeMutablePointer<UnsafeMutablePointer<TailBlock>>

    /// 256 << 20 entries and more: twice what their indexes reach.
    private static let chunkCountMax = 21

    init() {
        entries = .allocate(capacity: TailChunks.chunkCountMax)
        blocks = .allocate(capacity: TailChunks.chunkCountMax)
    }

    /// Frees everything; `count` is the number of entries ever appended.
    func free(count: Int) {
        for chunk in 0..<TailChunks.chunkCount(holding: count) {
            entries[chunk].deallocate()
            blocks[chunk].deallocate()
        }
        entries.deallocate()
        blocks.deallocate()
    }

    /// Makes room for entry `index`, the next one, where it begins a chunk. The writer's alone.
    @inline(__always)
    func prepare(_ index: Int) {
        guard index & (TailBlock.entryCount - 1) == 0 else { return }
        let block = index / TailBlock.entryCount + 1
        guard block & (block - 1) == 0 else { return }
        let chunk = block.trailingZeroBitCount
        let count = TailBlock.entryCount << chunk
        entries[chunk] = UnsafeMutableRawPointer.allocate(
            byteCount: count * MemoryLayout<TailEntry>.stride, alignment: 64
        ).bindMemory(to: TailEntry.self, capacity: count)
        blocks[chunk] = .allocate(capacity: 1 << chunk)
    }

    @inline(__always)
    func entry(_ index: Int) -> UnsafeMutablePointer<TailEntry> {
        let (chunk, block) = TailChunks.place(of: index)
        return entries[chunk]
            + (block * TailBlock.entryCount + (index & (TailBlock.entryCount - 1)))
    }

    /// The totals before the block that holds entry `index`.
    @inline(__always)
    func block(of index: Int) -> UnsafeMutablePointer<TailBlock> {
        let (chunk, block) = TailChunks.place(of: index)
        return blocks[chunk] + block
    }

    static func chunkCount(holding count: Int) -> Int {
        count == 0 ? 0 : place(of: count - 1).chunk + 1
    }

    /// The chunk of an entry, and its block's number within the chunk.
    @inline(__always)
    private static func place(of index: Int) -> (chunk: Int, block: Int) {
        let block = index / TailBlock.entryCount + 1
        let chunk = Int.bitWidth - 1 - block.leadingZeroBitCount
        return (chunk, block - (1 << chunk))
    }
}
