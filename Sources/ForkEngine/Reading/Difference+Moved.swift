// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, reading. Which events stand on both sides of a difference.
import SegmentStore

extension Difference {
    /// Matches events with equal ids and content on both sides, one with one: O(changes), and only
    /// where both sides have some; each match reads the event once more. An event with a derived id stands where it was appended and nowhere else,
    /// until somebody stores that id with a copy: where neither side stores any, nothing matches.
    ///
    /// Memory: 32 bytes for each event of the side that has fewer, and 8 for each that matches.
    ///
    /// - `fingerprint`: what equal events have in common; other than by default for tests alone.
    mutating func findMoved(
        fingerprint: (EventReference, EventID) -> EventFingerprint = EventFingerprint.init(of:id:)
    ) throws(ForkError) {
        guard left.head > common, right.head > common else { return }
        let leftIsSmaller = common.distance(to: left.head) <= common.distance(to: right.head)
        let (smaller, larger) = leftIsSmaller ? (left, right) : (right, left)
        var areStored = try smaller.hasStoredIDs()
        if !areStored { areStored = try larger.hasStoredIDs() }
        guard areStored else { return }
        var candidates = MovedCandidates(count: common.distance(to: smaller.head))
        try smaller.view.scan(common..<smaller.head) { (event) throws(ForkError) in
            let id = try smaller.view.id(of: event)
            candidates.add(fingerprint(event, id), at: event.position)
            return true
        }
        candidates.sort()
        var moved: [Position] = []
        try larger.view.scan(common..<larger.head) { (event) throws(ForkError) in
            let id = try larger.view.id(of: event)
            let isMoved = try candidates.match(fingerprint(event, id)) {
                (position) throws(ForkError) in
                try smaller.holds(event, id: id, at: position)
            }
            if isMoved { moved.append(event.position) }
            return true
        }
        if leftIsSmaller {
            (left.moved, right.moved) = (candidates.matched, moved)
        } else {
            (left.moved, right.moved) = (moved, candidates.matched)
        }
    }
}

extension Difference.Side {
    /// Whether this side's event at `position` says what `event` does, byte for byte.
    fileprivate func holds(
        _ event: EventReference, id: EventID, at position: Position
    ) throws(ForkError) -> Bool {
        var isEqual = false
        try view.scan(position..<position.advanced(by: 1)) { (own) throws(ForkError) in
            isEqual = own.saysSame(as: event)
            if isEqual { isEqual = try view.id(of: own) == id }
            return false
        }
        return isEqual
    }

    fileprivate func hasStoredIDs() throws(ForkError) -> Bool {
        var isFound = false
        try view.scan(common..<head) { event throws(ForkError) in
            isFound = event.storedID != nil
            return !isFound
        }
        return isFound
    }
}

extension EventReference {
    /// Whether both are alike in all but their ids and their places.
    fileprivate func saysSame(as other: EventReference) -> Bool {
        guard time == other.time, isJSON == other.isJSON,
            ByteOrder.equal(stream, other.stream), ByteOrder.equal(type, other.type),
            ByteOrder.equal(data, other.data)
        else { return false }
        switch (metadata, other.metadata) {
        case (nil, nil): return true
        case (let own?, let others?): return ByteOrder.equal(own, others)
        default: return false
        }
    }
}
