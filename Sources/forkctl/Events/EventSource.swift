// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. Where the events come from that a command prints or counts.
import ForkEngine
import SegmentStore

/// Events that the engine lends one by one, with what printing them needs to know.
struct EventSource {
    /// Lends each event in turn until its argument answers false.
    typealias Scan = (
        _ body: (EventReference) throws(ForkError) -> Bool
    ) throws(ForkError) -> Void

    let scan: Scan
    let id: (EventReference) throws(ForkError) -> EventID
    let sequence: (EventReference) throws(ForkError) -> UInt64
    /// What `--after` takes to go on behind an event.
    var cursor: (EventReference) -> UInt64 = { $0.position.rawValue }
    /// Whether all events of a partition between the first lent and the last are lent, in order:
    /// then sequences are counted, not looked up.
    var order: Order = .partial

    enum Order {
        case ascending
        case descending
        case partial
    }

    init(view: View, order: Order, scan: @escaping Scan) {
        self.scan = scan
        self.order = order
        id = { (event) throws(ForkError) in try view.id(of: event) }
        sequence = { (event) throws(ForkError) in try view.sequence(of: event) }
    }

    init(side: Difference.Side) {
        scan = { (body) throws(ForkError) in try side.forEachEvent(body) }
        id = { (event) throws(ForkError) in try side.id(of: event) }
        sequence = { (event) throws(ForkError) in try side.sequence(of: event) }
    }

    /// Lends the events to `body`, which fails in the command line's own way.
    func forEach(
        _ body: (EventReference) throws(CommandFailure) -> Bool
    ) throws(CommandFailure) {
        var failure: CommandFailure?
        do throws(ForkError) {
            try scan { (event) throws(ForkError) in
                do throws(CommandFailure) {
                    return try body(event)
                } catch {
                    failure = error
                    return false
                }
            }
        } catch {
            throw CommandFailure(error)
        }
        if let failure { throw failure }
    }
}

/// The sequences of events: looked up for the first of each partition, then counted where the
/// source lends them all.
struct SequenceCounter {
    private let source: EventSource
    private var latest = [UInt64?](repeating: nil, count: Partition.count)

    init(_ source: EventSource) { self.source = source }

    mutating func sequence(of event: EventReference) throws(CommandFailure) -> UInt64 {
        let partition = Int(event.streamHash.partition.rawValue)
        let sequence: UInt64
        switch (source.order, latest[partition]) {
        case (.ascending, let before?): sequence = before + 1
        case (.descending, let after?): sequence = after &- 1
        default: sequence = try lookUp(event)
        }
        latest[partition] = sequence
        return sequence
    }

    private func lookUp(_ event: EventReference) throws(CommandFailure) -> UInt64 {
        do throws(ForkError) {
            return try source.sequence(event)
        } catch {
            throw CommandFailure(error)
        }
    }
}
