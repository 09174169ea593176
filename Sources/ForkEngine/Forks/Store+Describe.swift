// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, forks. Finding and listing forks.
public import SegmentStore

/// Which forks a listing shows; every condition given must hold.
public struct ForkFilter: Sendable {
    /// Labels that must be there with these values.
    public var labels: [Label] = []
    public var parent: ForkID?
    public var state: ForkDescription.State?
    /// Only forks that expire before this instant.
    public var expiresBefore: Timestamp?

    public init() {}

    func accepts(_ fork: ForkDescription) -> Bool {
        if let parent, fork.parent != parent { return false }
        if let state, fork.state != state { return false }
        if let expiresBefore {
            guard let expires = fork.expires, expires < expiresBefore else { return false }
        }
        return labels.allSatisfy { fork.labels.contains($0) }
    }
}

/// One page of a listing, and where the next one starts; nil: there is none.
public struct ForkPage: Sendable {
    public let forks: [ForkDescription]
    public let next: ForkID?
}

extension Store {
    /// The fork of this name, expired or not; `notFound` where there is none.
    public func describe(_ name: ForkName) throws(ForkError) -> ForkDescription {
        let now = clock.now()
        let (row, parentName) = try catalog.read { catalog throws(ForkError) in
            let row = try catalog.requireFork(named: name)
            return (row, try catalog.name(of: row.parent))
        }
        return describe(
            row, parentName: parentName, now: now, isLive: try hasLiveWriter(row))
    }

    /// Forks in the order of their creation, from `first` on, at most `limit` that pass `filter`.
    /// O(forks looked at).
    public func list(
        _ filter: ForkFilter = ForkFilter(), from first: ForkID = .main, limit: Int = .max
    ) throws(ForkError) -> ForkPage {
        let now = clock.now()
        return try catalog.read { catalog throws(ForkError) in
            var forks: [ForkDescription] = []
            var next: ForkID?
            try catalog.forEachFork(from: first) { row throws(ForkError) in
                let plain = describe(row, parentName: nil, now: now)
                guard filter.accepts(plain) else { return true }
                if forks.count >= limit {
                    next = row.id
                    return false
                }
                forks.append(
                    describe(
                        row, parentName: try catalog.name(of: row.parent), now: now,
                        isLive: try hasLiveWriter(row)))
                return true
            }
            return ForkPage(forks: forks, next: next)
        }
    }
}

extension CatalogReading {
    /// The fork of this name, or `notFound` with what to do.
    func requireFork(named name: ForkName) throws(ForkError) -> ForkRow {
        guard let row = try fork(named: name.text) else {
            throw ForkError(
                .notFound, "there is no fork '\(name)': 'forkctl list' shows those there are")
        }
        return row
    }

    /// The fork of this name, if its time is not over (invariant 9).
    func requireActiveFork(named name: ForkName, now: Timestamp) throws(ForkError) -> ForkRow {
        let row = try requireFork(named: name)
        try row.requireActive(at: now)
        return row
    }

    func name(of fork: ForkID?) throws(ForkError) -> String? {
        guard let fork else { return nil }
        return try self.fork(fork)?.name
    }
}

extension ForkRow {
    /// Throws `expired` where the fork's time is over (invariant 9).
    func requireActive(at now: Timestamp) throws(ForkError) {
        guard let expires, now >= expires else { return }
        throw ForkError(
            .expired,
            "fork '\(name)' expired at \(expires.rfc3339): create it anew")
    }
}
