// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, model. A query with all its predicates, and what it must answer.

/// A read of positions; every predicate that is given must hold.
package struct ModelQuery: Equatable, Sendable {
    package var positions: Range<Int>
    /// Indexes of `ModelType.all`; empty: every type.
    package var types: [Int] = []
    package var partition: Int?
    package var since: Int64?
    package var until: Int64?
    package var isReverse = false
    package var limit: Int?

    package init(positions: Range<Int>) { self.positions = positions }

    /// Which of the six options are used, as bits: all 64 combinations must be seen.
    package var combination: Int {
        let used = [
            !types.isEmpty, partition != nil, since != nil, until != nil, isReverse, limit != nil,
        ]
        return used.enumerated().reduce(0) { $0 | ($1.element ? 1 << $1.offset : 0) }
    }

    package static let combinationCount = 64

    package func matches(_ event: ModelEvent) -> Bool {
        if !types.isEmpty, !types.contains(event.content.type) { return false }
        if let partition, ModelStream.all[event.content.stream].partition != partition {
            return false
        }
        if let since, event.content.time < since { return false }
        if let until, event.content.time >= until { return false }
        return true
    }

    /// The events that the query gives, in its order.
    package func answer(from events: ArraySlice<ModelEvent>) -> [ModelEvent] {
        let range = positions.clamped(to: 0..<events.endIndex)
        let inRange = Array(events[range])
        let ordered = isReverse ? inRange.reversed() : inRange
        let matching = ordered.filter(matches)
        return limit.map { Array(matching.prefix($0)) } ?? matching
    }
}
