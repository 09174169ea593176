// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. A fork that was dropped, or would be, as `drop` prints it.
import ForkEngine
import SegmentStore

struct DroppedFork {
    let fork: ForkDescription
    /// What a dry run finds out: forks made from it, dropped with it or not, and what it alone
    /// reaches.
    var childCount: Int?
    var exclusiveByteCount: UInt64?

    /// Only a dry run has looked at what else is in the store.
    static func form(isDryRun: Bool) -> Listing.Form<DroppedFork> {
        let looked: [TableWriter.Column] = [.init("EXCLUSIVE", .right), .init("CHILDREN", .right)]
        return Listing.Form(
            kind: "DroppedFork",
            columns: [
                .init("NAME"), .init("OWN EVENTS", .right), .init("SIZE", .right),
                .init("OWN SIZE", .right), .init("SHARED", .right),
            ] + (isDryRun ? looked : []),
            cells: { dropped in
                let fork = dropped.fork
                let cells = [
                    fork.name, Quantity.grouped(fork.ownEventCount),
                    Quantity.bytes(fork.logicalByteCount), Quantity.bytes(fork.ownByteCount),
                    Quantity.bytes(fork.sharedByteCount),
                ]
                guard isDryRun else { return cells }
                return cells + [
                    dropped.exclusiveByteCount.map { Quantity.bytes($0) } ?? "",
                    dropped.childCount.map(String.init) ?? "",
                ]
            },
            members: { (dropped, json) throws(CommandFailure) in
                try ForkForm.members(of: dropped.fork, in: &json)
                json.member("isDryRun", isDryRun)
                guard isDryRun else { return }
                json.member("exclusiveByteCount", dropped.exclusiveByteCount)
                json.member("childCount", dropped.childCount.map { UInt64($0) })
            },
            name: { $0.fork.name },
            listMembers: { json in json.member("isDryRun", isDryRun) })
    }

    /// What a dry run tells of `forks`. O(all forks, and what all of them reach).
    static func examined(
        _ forks: [ForkDescription], in store: Store, on console: Console
    ) throws(CommandFailure) -> [DroppedFork] {
        var childCounts = Dictionary(uniqueKeysWithValues: forks.map { ($0.id, 0) })
        try ForkSelection(store: store).forEach { (fork) throws(CommandFailure) in
            if let parent = fork.parent { childCounts[parent]? += 1 }
            return true
        }
        let sizes = try ExclusiveSize.of(forks, in: store, on: console)
        if let sizes {
            console.note(
                "dropping and collecting would free \(Quantity.bytes(sizes.byteCountTogether))")
        }
        return forks.map { fork in
            DroppedFork(
                fork: fork, childCount: childCounts[fork.id],
                exclusiveByteCount: sizes?.byteCounts[fork.id])
        }
    }
}
