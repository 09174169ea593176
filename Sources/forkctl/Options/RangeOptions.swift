// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. `--from` and `--to`, always the lower bound, inclusive, and
// the upper, exclusive.
import ArgumentParser
import ForkEngine
import SegmentStore

struct PositionRangeOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The first position. Default: 0.", valueName: "position"))
    var from: UInt64?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The position behind the last. Default: the head.", valueName: "position"))
    var to: UInt64?

    func validate() throws {
        try Bounds(from: from, to: to).validate()
    }

    /// The range within the view. A bound above the head is refused, as a point is.
    func positions(in view: View) throws(CommandFailure) -> Range<Position> {
        for bound in [from, to] {
            if let bound, bound > view.head.rawValue {
                throw .usage(
                    "position \(bound) is above the head of '\(view.name)', which is \(view.head)")
            }
        }
        let end = to.map { Position($0) } ?? view.head
        return Position(from ?? 0)..<end
    }
}

struct VersionRangeOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The first version. Default: 0.", valueName: "version"))
    var from: UInt64?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The version behind the last. Default: all there are.", valueName: "version"))
    var to: UInt64?

    func validate() throws {
        try Bounds(from: from, to: to).validate()
    }

    /// The range within a stream of `count` events.
    func versions(of count: Version) -> Range<Version> {
        let end = min(Version(to ?? .max), count)
        return min(Version(from ?? 0), end)..<end
    }
}

/// The rule that both kinds of ranges keep.
private struct Bounds {
    let from: UInt64?
    let to: UInt64?

    func validate() throws {
        if let from, let to, from > to {
            throw ValidationError(
                "--from \(from) is above --to \(to): --from is the lower bound, whatever the order"
                    + " of the output")
        }
    }
}

extension Range where Bound == UInt64 {
    /// The rest behind `cursor` in the order of the output.
    func after(_ cursor: UInt64?, reverse: Bool) -> Range<UInt64> {
        guard let cursor else { return self }
        if reverse { return lowerBound..<Swift.max(lowerBound, Swift.min(upperBound, cursor)) }
        return Swift.min(upperBound, Swift.max(lowerBound, cursor + 1))..<upperBound
    }
}
