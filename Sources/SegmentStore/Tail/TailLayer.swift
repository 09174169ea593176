// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, tail. Events in memory, indexed by stream and position: one writer
// appends while any number of readers look, without a lock.
import CPlatform
import Synchronization

/// The events of consecutive positions from `start` on, in frames that the layer keeps alive.
///
/// Everything a reader follows is written once and then published: an entry before the slot
/// that names it (release, acquire), and a frame's entries before the count. Readers are bounded
/// by a cut below the count, and walk past what is newer (invariant 2). The writer is one at a
/// time; the engine's writer lock sees to that.
///
/// `@unchecked Sendable`: all shared state is behind the atomic words, as said above.
package final class TailLayer: @unchecked Sendable {
    /// What only the writer touches.
    struct WriterState {
        var count = 0
        var streamCount = 0
        var table: StreamTable
        /// Tables that readers may still look into.
        var retired: [StreamTable] = []
        /// Totals over all entries so far.
        var totals = TailBlock.zero
        var heldByteCount = 0
    }

    /// A frame's memory, and the first entry that refers to it.
    struct Held {
        let buffer: FrameBuffer
        let firstIndex: Int
    }

    /// A record about to be linked.
    struct Pending {
        var record: EventRecord
        var hash: StreamHash
    }

    /// The position of the first entry.
    package let start: Position
    let chunks = TailChunks()
    let writer: UnsafeMutablePointer<WriterState>
    /// Scratch for the writer's passes over a block of records.
    let pending: UnsafeMutablePointer<Pending>
    /// Atomic words, each on its own cache line: how many entries readers may follow, the
    /// table's address, and the bytes held.
    private let shared: UnsafeMutablePointer<UInt64>
    let held = Locked<[Held]>([])

    private static let countWord = 0
    private static let tableWord = 8
    private static let heldWord = 16

    package init(start: Position) {
        self.start = start
        writer = .allocate(capacity: 1)
        pending = .allocate(capacity: TailLayer.passCount)
        shared = .allocate(capacity: 24)
        shared.initialize(repeating: 0, count: 24)
        let table = StreamTable(capacity: 128)
        writer.initialize(to: WriterState(table: table))
        publish(table)
    }

    deinit {
        chunks.free(count: writer.pointee.count)
        for table in writer.pointee.retired { table.free() }
        writer.pointee.table.free()
        writer.deinitialize(count: 1)
        writer.deallocate()
        pending.deallocate()
        shared.deallocate()
    }

    /// Records handled together, so that one's memory arrives while others are worked on.
    static let passCount = 32

    /// The position after the newest event. Acquire: all that lies below it may be read.
    package var end: Position { start.advanced(by: UInt64(publishedCount)) }

    /// Memory of the frames held and of the entries, in bytes, about.
    package var byteCount: Int {
        Int(platform_load_acquire(shared + TailLayer.heldWord))
            + publishedCount * (MemoryLayout<TailEntry>.stride + 16)
    }

    @inline(__always)
    var publishedCount: Int { Int(platform_load_acquire(shared + TailLayer.countWord)) }

    @inline(__always)
    var table: StreamTable {
        let address = platform_load_acquire(shared + TailLayer.tableWord)
        guard let words = UnsafeMutablePointer<UInt64>(bitPattern: UInt(address)) else {
            preconditionFailure("a layer has a table from the beginning")
        }
        return StreamTable(words: words)
    }

    func publish(_ table: StreamTable) {
        platform_store_release(
            shared + TailLayer.tableWord, UInt64(UInt(bitPattern: table.words)))
    }

    /// Lets readers follow everything appended so far.
    func publishEntries() {
        platform_store_release(
            shared + TailLayer.countWord, UInt64(writer.pointee.count))
    }

    /// Keeps a frame's memory for the entries from `firstIndex` on.
    func hold(_ buffer: FrameBuffer, firstIndex: Int) {
        let isNew = held.withLock { held in
            if held.last?.buffer === buffer { return false }
            held.append(Held(buffer: buffer, firstIndex: firstIndex))
            return true
        }
        guard isNew else { return }
        writer.pointee.heldByteCount += buffer.byteCount
        platform_store_release(
            shared + TailLayer.heldWord, UInt64(writer.pointee.heldByteCount))
    }
}
