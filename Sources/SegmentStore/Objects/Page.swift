// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, objects. A page is the unit of verified reading and of caching: whoever
// holds one holds bytes that were checked (invariant 6).
import Synchronization

/// The raw bytes of one page: verified, decompressed, immutable, alive while referenced.
///
/// `@unchecked Sendable`: the bytes never change after `init`; the two variables belong to the
/// page cache and change only under the lock of the page's shard.
package final class Page: @unchecked Sendable {
    /// Valid while the page is referenced. Who keeps a pointer past the last use of the page itself
    /// needs `withExtendedLifetime`, or `withBytes`.
    package let bytes: UnsafeRawBufferPointer

    /// Where the page stands in the ring of its shard.
    @exclusivity(unchecked) var ringIndex = 0
    /// Whether it was used since the hand of its shard's clock last passed.
    @exclusivity(unchecked) var wasUsed = false

    /// Whether the bytes were found to be a manifest node. Set once; they never change.
    private let isCheckedNode = Atomic(false)

    /// Takes over memory that was allocated with `allocate`.
    init(owning memory: UnsafeMutableRawBufferPointer) {
        bytes = UnsafeRawBufferPointer(memory)
    }

    deinit { bytes.deallocate() }

    /// Whether `markAsNode` was called: by whom does not matter, for the bytes are the same.
    var isNode: Bool { isCheckedNode.load(ordering: .relaxed) }

    func markAsNode() { isCheckedNode.store(true, ordering: .relaxed) }

    /// Calls `body` with the bytes, keeping the page alive meanwhile.
    @inline(__always)
    package func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(self) {} }
        return try body(bytes)
    }
}

/// What a page is read for: counted apart, so that a test can say what a read must touch.
package enum PageRole: UInt8, CaseIterable, Sendable {
    /// A node of a manifest.
    case node
    /// A page of an index run.
    case run
    /// A block of a segment: rows.
    case block
    /// Any other page of a segment: order by position, stream table, footer.
    case table
}
