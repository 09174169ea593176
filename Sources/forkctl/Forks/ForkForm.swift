// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. How a fork is shown, in tables and in JSON.
import ForkEngine
import SegmentStore

enum ForkForm {
    /// Rows seen from `now`, which relative times are counted from.
    static func listing(now: Timestamp) -> Listing.Form<ForkDescription> {
        Listing.Form(
            kind: "Fork",
            columns: [
                .init("NAME"), .init("PARENT"), .init("STATE"), .init("HEAD", .right),
                .init("OWN", .right), .init("SIZE", .right), .init("OWN SIZE", .right),
                .init("EXPIRES"), .init("LABELS"),
            ],
            cells: { fork in
                [
                    fork.name, parent(of: fork), state(of: fork),
                    Quantity.grouped(fork.head.rawValue),
                    Quantity.grouped(fork.ownEventCount), Quantity.bytes(fork.logicalByteCount),
                    Quantity.bytes(fork.ownByteCount),
                    fork.expires.map { Quantity.relative($0, to: now) } ?? "never",
                    labels(of: fork),
                ]
            },
            members: { (fork, json) throws(CommandFailure) in try members(of: fork, in: &json) },
            name: { $0.name })
    }

    static func members(
        of fork: ForkDescription, in json: inout JSONWriter
    ) throws(CommandFailure) {
        json.member("name", fork.name)
        json.member("id", fork.id.rawValue)
        json.member("parent", fork.parentName)
        json.member("parentID", fork.parent?.rawValue)
        json.member("state", fork.state.rawValue)
        json.member("base", fork.base)
        json.member("head", fork.head)
        json.member("ownEventCount", fork.ownEventCount)
        json.member("logicalByteCount", fork.logicalByteCount)
        json.member("ownByteCount", fork.ownByteCount)
        json.member("sharedByteCount", fork.sharedByteCount)
        json.member("created", fork.created)
        if let expires = fork.expires {
            json.member("expires", expires)
        } else {
            json.null("expires")
        }
        json.member("isLive", fork.isLive)
        try json.object("labels") { (json) throws(CommandFailure) in
            for label in fork.labels.all { json.member(named: label.key, label.value) }
        }
    }

    /// The parent's name, or what became of it.
    static func parent(of fork: ForkDescription) -> String {
        fork.parentName ?? (fork.parent == nil ? "" : "(gone)")
    }

    static func labels(of fork: ForkDescription) -> String {
        fork.labels.all.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }

    private static func state(of fork: ForkDescription) -> String {
        fork.isLive ? "\(fork.state.rawValue), open" : fork.state.rawValue
    }

    /// `expires 2026-10-01T12:00:00Z (in 2h)`, or that it never does.
    static func expiry(of fork: ForkDescription, now: Timestamp) -> String {
        guard let expires = fork.expires else { return "never" }
        return "\(expires.rfc3339) (\(Quantity.relative(expires, to: now)))"
    }
}
