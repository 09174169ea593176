// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line.
import ArgumentParser
import ForkEngine
import SegmentStore

struct ListCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List forks, in the order of their creation.",
        discussion: """
            OWN counts the events that a fork added itself; SIZE is all it shows, OWN SIZE what \
            it added, both in bytes of events.

            Example:
              forkctl list
              forkctl list -l ci=true --expiring 1h -o name
            """)

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Only forks with this label, or with this key; repeat for more conditions.",
            valueName: "key[=value]"),
        transform: { try LabelSelector($0) })
    var label: [LabelSelector] = []

    @Option(
        help: ArgumentHelp("Only forks made from this one.", valueName: "name"),
        transform: { try ForkName($0) })
    var parent: ForkName?

    @Option(help: ArgumentHelp("Only forks in this state.", valueName: "state"))
    var state: ForkState?

    @Option(
        help: ArgumentHelp(
            "Only forks that expire within this time, or have expired.", valueName: "duration"),
        transform: { try DurationText.parse($0) })
    var expiring: Duration?

    @OptionGroup
    var page: PageOptions

    @OptionGroup
    var storeOptions: StoreOptions

    @OptionGroup
    var output: OutputOptions

    func run(on console: Console) throws -> ExitStatus {
        let format = try output.format(of: .table, .json, .ndjson, .name)
        let store = try storeOptions.open()
        let now = store.clock.now()
        let selection = ForkSelection(
            store: store, filter: try filter(in: store, now: now), selectors: label)
        let first = try page.numberAfter().map { ForkID($0 + 1) } ?? .main
        let limit = page.limit ?? .max
        var expiredCount = 0
        try Listing.print(ForkForm.listing(now: now), as: format, on: console) { item in
            var count = 0
            var last: ForkID?
            var hasMore = false
            try selection.forEach(from: first) { (fork) throws(CommandFailure) in
                if count == limit {
                    hasMore = true
                    return false
                }
                try item(fork)
                count += 1
                last = fork.id
                if fork.state == .expired { expiredCount += 1 }
                return true
            }
            return hasMore ? last.map { String($0.rawValue) } : nil
        }
        ExpiredForks.tell(expiredCount, on: console)
        return .ok
    }

    private func filter(in store: Store, now: Timestamp) throws -> ForkFilter {
        var filter = ForkFilter()
        filter.state = state?.value
        if let parent { filter.parent = try store.describe(parent).id }
        if let expiring { filter.expiresBefore = now.adding(expiring) ?? .max }
        return filter
    }
}

/// The states of a fork as an option takes them.
enum ForkState: String, CaseIterable, ExpressibleByArgument {
    case active
    case expired

    var value: ForkDescription.State {
        switch self {
        case .active: .active
        case .expired: .expired
        }
    }
}
