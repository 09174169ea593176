// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. Which events `read` and `query` keep.
import ArgumentParser
import ForkEngine
import SegmentStore

struct EventFilterOptions: ParsableArguments {
    @Option(
        name: [.long, .customShort("t")],
        help: ArgumentHelp("Only events of this type; repeat for more types.", valueName: "type"))
    var type: [String] = []

    @Option(
        help: ArgumentHelp(
            "Only events whose own time is this or later.", valueName: "time"),
        transform: { try Instant.parse($0) })
    var since: Timestamp?

    @Option(
        help: ArgumentHelp("Only events whose own time is earlier.", valueName: "time"),
        transform: { try Instant.parse($0) })
    var until: Timestamp?

    var filter: EventFilter {
        var filter = EventFilter()
        filter.types = type
        filter.since = since
        filter.until = until
        return filter
    }
}

/// `--limit` and `--after`: a page of something long.
struct PageOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Print at most so many.", valueName: "count"))
    var limit: Int?

    @Option(
        help: ArgumentHelp(
            "Go on behind this: the cursor that the page before ended with.",
            valueName: "cursor"))
    var after: String?

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1") }
    }

    /// The cursor where cursors are numbers.
    func numberAfter() throws(CommandFailure) -> UInt64? {
        guard let after else { return nil }
        guard let number = UInt64(after), number < .max else {
            throw .usage("--after takes the number that the page before ended with, not '\(after)'")
        }
        return number
    }
}
