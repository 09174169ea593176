// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, reading. Which events stand on both sides of a difference.
import SegmentStore

extension Difference {
    /// Matches events with equal ids and content on both sides: O(changes), and only where both
    /// sides have some. An event with a derived id stands where it was appended and nowhere else,
    /// until somebody stores that id with a copy: where neither side stores any, nothing matches.
    ///
    /// Memory: 32 bytes for each event of the side that has fewer, and 8 for each that matches.
    mutating func findMoved() throws(ForkError) {
        guard left.head > common, right.head > common else { return }
        let leftIsSmaller = common.distance(to: left.head) <= common.distance(to: right.head)
        let (smaller, larger) = leftIsSmaller ? (left, right) : (right, left)
        var areStored = try smaller.hasStoredIDs()
        if !areStored { areStored = try larger.hasStoredIDs() }
        guard areStored else { return }
        var candidates = MovedCandidates(count: common.distance(to: smaller.head))
        try smaller.view.scan(common..<smaller.head) { (event) throws(ForkError) in
            let id = try smaller.view.id(of: event)
            candidates.add(EventFingerprint(of: event, id: id), at: event.position)
            return true
        }
        candidates.sort()
        var moved: [Position] = []
        try larger.view.scan(common..<larger.head) { (event) throws(ForkError) in
            let id = try larger.view.id(of: event)
            if candidates.match(EventFingerprint(of: event, id: id)) {
                moved.append(event.position)
            }
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
    fileprivate func hasStoredIDs() throws(ForkError) -> Bool {
        var isFound = false
        try view.scan(common..<head) { event throws(ForkError) in
            isFound = event.storedID != nil
            return !isFound
        }
        return isFound
    }
}
