// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, reading. What a query keeps: all predicates given must hold.
public import SegmentStore

/// Predicates on events; the empty filter keeps all.
public struct EventFilter: Hashable, Sendable {
    /// Any of these types; empty: every type.
    public var types: [String] = []
    public var partition: Partition?
    /// The event's own time, from `since` inclusive to `until` exclusive.
    public var since: Timestamp?
    public var until: Timestamp?

    public init() {}

    public var isEmpty: Bool {
        types.isEmpty && partition == nil && since == nil && until == nil
    }
}

extension SegmentFilter {
    /// The same predicates as the floor below takes them.
    init(_ filter: EventFilter) {
        self.init(
            types: filter.types.isEmpty ? nil : filter.types.map { Array($0.utf8) },
            partition: filter.partition, since: filter.since, until: filter.until)
    }
}
