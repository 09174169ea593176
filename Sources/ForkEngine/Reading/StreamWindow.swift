// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, reading. The first streams, by name, of many that come in another order.
import SegmentStore

/// Keeps the streams with the lowest names, as many as its limits allow, of all that are added.
/// Memory: twice the limits at most.
struct StreamWindow {
    private struct Entry {
        let name: Range<Int>
        let partition: Partition
        let eventCount: UInt64
    }

    /// How many streams, and how many bytes of their names, are kept.
    struct Limits {
        var count: Int
        var byteCount: Int

        static let usual = Limits(count: 1 << 19, byteCount: 32 << 20)
    }

    private let limits: Limits
    /// Only names above this are kept.
    private let floor: [UInt8]?
    /// The highest name that is kept, once anything was let go: what lies above it is passed over.
    private var ceiling: [UInt8]?
    private var entries: [Entry] = []
    private var names: [UInt8] = []

    init(after floor: [UInt8]?, limits: Limits) {
        precondition(limits.count > 0 && limits.byteCount >= EventLimits.streamByteCount)
        self.floor = floor
        self.limits = limits
    }

    /// Streams that are held now.
    var count: Int { entries.count }

    /// Whether streams were passed over that come behind those kept.
    var isCut: Bool { ceiling != nil }

    mutating func add(
        _ name: UnsafeRawBufferPointer, partition: Partition, eventCount: UInt64
    ) {
        if let floor, !Self.isAbove(name, floor) { return }
        if let ceiling, Self.isAbove(name, ceiling) { return }
        let start = names.count
        names.append(contentsOf: name)
        entries.append(
            Entry(name: start..<names.count, partition: partition, eventCount: eventCount))
        if entries.count >= 2 * limits.count || names.count >= 2 * limits.byteCount { shrink() }
    }

    private static func isAbove(_ name: UnsafeRawBufferPointer, _ other: [UInt8]) -> Bool {
        other.withUnsafeBytes { ByteOrder.compare(name, $0) > 0 }
    }

    /// Sorts, and lets go what is beyond the limits.
    mutating func shrink() {
        let held = names
        held.withUnsafeBytes { names in
            entries.sort { left, right in
                ByteOrder.compare(
                    .init(rebasing: names[left.name]), .init(rebasing: names[right.name])) < 0
            }
        }
        let all = entries
        entries.removeAll(keepingCapacity: true)
        names.removeAll(keepingCapacity: true)
        for entry in all.prefix(limits.count) {
            guard names.count + entry.name.count <= limits.byteCount else { break }
            let start = names.count
            names.append(contentsOf: held[entry.name])
            entries.append(
                Entry(
                    name: start..<names.count, partition: entry.partition,
                    eventCount: entry.eventCount))
        }
        if entries.count < all.count { ceiling = last }
    }

    /// The highest name that is held, where `shrink` was called last; nil: none is.
    var last: [UInt8]? { entries.last.map { Array(names[$0.name]) } }

    /// Calls `body` with what is held, in the order of names where `shrink` was called last, until
    /// it answers false; returns whether it never did.
    func forEach(
        _ body: (StreamSummary) throws(ForkError) -> Bool
    ) throws(ForkError) -> Bool {
        for entry in entries {
            let stream = StreamSummary(
                name: String(decoding: names[entry.name], as: UTF8.self),
                partition: entry.partition, eventCount: entry.eventCount)
            guard try body(stream) else { return false }
        }
        return true
    }
}
