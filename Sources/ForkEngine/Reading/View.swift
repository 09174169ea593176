// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, reading. What a reader reads: an immutable snapshot plus a tail.
// Keeps invariants 2 (nothing at or above the watermark, no gap) and 4 (isolation).
public import SegmentStore

/// One fork's history up to a position, immutable for as long as it is held.
///
/// Reading takes no lock and waits for nobody. A view finishes even if its fork expires or is
/// dropped; no new view is given then. All methods are thread-safe.
public final class View: Sendable {
    public let fork: ForkID
    public let name: String
    /// The next position: the number of events in the view.
    public let head: Position
    let store: Store
    let root: RootHold
    /// What is not flushed, below `head`.
    let tail: Tail
    /// Whose the events of the tail are.
    let spans: OverlaySpans
    let ownership: Ownership

    init(
        store: Store, fork: ForkID, name: String, head: Position, root: RootHold,
        tail: Tail, spans: OverlaySpans, overlay: OverlayID
    ) {
        precondition(
            head <= root.end || (tail.start <= root.end && tail.end >= head),
            "a view's root and tail join, and reach its head (invariant 2)")
        self.store = store
        self.fork = fork
        self.name = name
        self.head = head
        self.root = root
        self.tail = tail
        self.spans = spans
        ownership = Ownership(overlay: overlay, head: head)
    }

    /// The overlay that owns the last event; nil where there is none.
    func owner() throws(ForkError) -> OverlayID? {
        if head == .zero { return nil }
        return try store.catalog.read { catalog throws(ForkError) in
            try catalog.owner(of: head, from: ownership.overlay)?.id
        }
    }
}
