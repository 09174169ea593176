// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, reading. Finds where two histories part, and what moved between them.
import CXXHash
import SegmentStore

extension Store {
    /// Compares two points. The lowest common overlay and the smaller cut give the position up to
    /// which both are the same; nothing below it is read. O(depth) for the point itself.
    public func difference(from left: Point, to right: Point) throws(ForkError) -> Difference {
        let leftView = try view(at: left)
        let rightView = try view(at: right)
        let common = try catalog.read { catalog throws(ForkError) in
            try catalog.commonPosition(leftView.ownership, rightView.ownership)
        }
        var difference = Difference(
            common: common,
            left: Difference.Side(
                name: left.description, head: max(leftView.head, common), view: leftView,
                common: common),
            right: Difference.Side(
                name: right.description, head: max(rightView.head, common), view: rightView,
                common: common))
        try difference.findMoved()
        return difference
    }
}

/// Whose a history's events are: its newest overlay, and where the history ends.
struct Ownership: Hashable, Sendable {
    let overlay: OverlayID
    let head: Position
}

extension CatalogReading {
    /// The position below which two histories are the same events.
    ///
    /// Both chains are walked down together, the one with the higher base first, until they
    /// meet: bases strictly grow along a chain, so an overlay met by one side alone cannot be
    /// below the other's. O(overlays above the meeting).
    func commonPosition(_ left: Ownership, _ right: Ownership) throws(ForkError) -> Position {
        var (leftID, leftEnd) = (Optional(left.overlay), left.head)
        var (rightID, rightEnd) = (Optional(right.overlay), right.head)
        while let first = leftID, let second = rightID, first != second {
            let (leftRow, rightRow) = (try requireOverlay(first), try requireOverlay(second))
            // Of two overlays with one base the younger may lie above the other: its id is
            // greater, since an overlay is made before any that lies above it.
            if (leftRow.base, leftRow.id) > (rightRow.base, rightRow.id) {
                leftEnd = min(leftEnd, leftRow.base)
                leftID = leftRow.below
            } else {
                rightEnd = min(rightEnd, rightRow.base)
                rightID = rightRow.below
            }
        }
        guard leftID != nil, rightID != nil else { return .zero }
        return min(leftEnd, rightEnd)
    }

    func requireOverlay(_ id: OverlayID) throws(ForkError) -> OverlayRow {
        guard let overlay = try overlay(id) else {
            throw ForkError(
                .damaged, "the catalog names overlay \(id.rawValue), which it does not hold")
        }
        return overlay
    }
}

extension Difference {
    /// Matches events with equal ids and content on both sides. Only events with stored ids can
    /// be on both: where one side stores none, nothing is compared.
    fileprivate mutating func findMoved() throws(ForkError) {
        var areStored = try left.hasStoredIDs()
        if !areStored { areStored = try right.hasStoredIDs() }
        guard areStored else { return }
        var candidates: [EventID: (position: Position, content: forkctl_hash128)] = [:]
        let (leftView, rightView) = (left.view, right.view)
        try leftView.scan(common..<left.head) { (event) throws(ForkError) in
            candidates[try leftView.id(of: event)] = (event.position, contentHash(of: event))
            return true
        }
        var (leftMoved, rightMoved): (Set<Position>, Set<Position>) = ([], [])
        try rightView.scan(common..<right.head) { (event) throws(ForkError) in
            guard let match = candidates[try rightView.id(of: event)] else { return true }
            let content = contentHash(of: event)
            if match.content.high == content.high, match.content.low == content.low {
                leftMoved.insert(match.position)
                rightMoved.insert(event.position)
            }
            return true
        }
        left.moved = leftMoved
        right.moved = rightMoved
    }
}

extension Difference.Side {
    fileprivate func hasStoredIDs() throws(ForkError) -> Bool {
        var isFound = false
        try view.scan(common..<head) { event throws(ForkError) in
            isFound = event.storedID != nil
            return !isFound
        }
        return isFound
    }
}

/// A hash of all that an event says, but its place.
private func contentHash(of event: EventReference) -> forkctl_hash128 {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Int(event.logicalByteCount) + 64)
    for part in [
        event.stream, event.type, event.data, event.metadata ?? .init(start: nil, count: 0),
    ] {
        withUnsafeBytes(of: UInt64(part.count)) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: part)
    }
    withUnsafeBytes(of: event.time.rawValue) { bytes.append(contentsOf: $0) }
    bytes.append(event.isJSON ? 1 : 0)
    bytes.append(event.metadata == nil ? 0 : 1)
    return bytes.withUnsafeBytes { forkctl_hash128_of($0.baseAddress, $0.count) }
}
