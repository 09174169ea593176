// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, races. What a ledger must satisfy, whatever the order was: of each fork there is
// one history, of which everybody saw a prefix, and in which what was acknowledged stands.
import ForkEngine
import SegmentStore

/// Why an order is wrong.
package struct RaceFault: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

extension RaceLedger {
    /// Checks everything that was recorded. Throws the first fault.
    func check() throws {
        let content = all
        if let fault = content.faults.first { throw RaceFault(fault) }
        let forks = Set(content.sights.map(\.fork) + content.appends.map(\.fork))
        for fork in forks.sorted(by: { $0.rawValue < $1.rawValue }) {
            let sights = content.sights.filter { $0.fork == fork }
            let appends = content.appends.filter { $0.fork == fork }
            let history = try Self.history(of: sights)
            try Self.checkVersions(of: history, fork)
            try Self.checkPlaces(of: appends, in: history, fork)
            try Self.checkSights(sights, of: appends, atLeast: content.counts[fork] ?? 0)
            try Self.checkRefusals(appends, sights)
        }
    }

    /// The longest of what was seen, of which all else must be a prefix (invariants 2 and 4).
    private static func history(of sights: [RaceSight]) throws -> [RaceLine] {
        let longest = sights.max { $0.lines.count < $1.lines.count }
        guard let longest else { return [] }
        for sight in sights where !longest.lines.starts(with: sight.lines) {
            throw RaceFault("\(sight.who) saw \(sight.lines), and \(longest.who) \(longest.lines)")
        }
        return longest.lines
    }

    /// Invariant 3; and that no event is there twice.
    private static func checkVersions(of history: [RaceLine], _ fork: ForkID) throws {
        var next: [Substring: Int] = [:]
        var seen: Set<Substring> = []
        for line in history {
            let parts = line.split(separator: " ")
            let name = parts[0].split(separator: "/")
            let version = next[name[0], default: 0]
            guard parts.count == 2, name.count == 2, name[1] == "\(version)" else {
                throw RaceFault("fork \(fork.rawValue) has a gap before \(line) in \(history)")
            }
            next[name[0]] = version + 1
            guard seen.insert(parts[1]).inserted else {
                throw RaceFault("fork \(fork.rawValue) has \(line) twice: \(history)")
            }
        }
    }

    /// Invariant 1, as far as the history was seen; an append is there whole or not at all; one
    /// that was called after another had returned stands behind it.
    private static func checkPlaces(
        of appends: [RaceAppend], in history: [RaceLine], _ fork: ForkID
    ) throws {
        let data = history.map { String($0.split(separator: " ")[1]) }
        for append in appends {
            let place = data.firstIndex(of: append.data[0])
            switch append.outcome {
            case .acknowledged(let range):
                let isSeen = range.lowerBound < UInt64(data.count)
                guard isSeen else { continue }
                guard let place, UInt64(place) == range.lowerBound,
                    data[place...].starts(with: append.data.prefix(data.count - place))
                else {
                    throw RaceFault("\(append.data) is not at \(range) of \(history)")
                }
            case .unknown:
                guard let place else { continue }
                guard data[place...].starts(with: append.data.prefix(data.count - place)) else {
                    throw RaceFault("\(append.data) is there in parts: \(history)")
                }
            case .refused(let code):
                if place != nil {
                    throw RaceFault("\(append.data) was refused as \(code), and is in \(history)")
                }
            }
            if case .exactly(let version) = append.expecting, let place {
                let start = "\(append.stream)/\(version) "
                guard history[place].hasPrefix(start) else {
                    throw RaceFault("\(append.data) was expected at \(start)in \(history)")
                }
            }
        }
        let placed = appends.compactMap { append -> (RaceAppend, Range<UInt64>)? in
            guard case .acknowledged(let range) = append.outcome else { return nil }
            return (append, range)
        }
        for (earlier, range) in placed {
            for (later, behind) in placed where earlier.back < later.call {
                guard range.upperBound <= behind.lowerBound else {
                    throw RaceFault(
                        "fork \(fork.rawValue): \(later.data) at \(behind) was called after"
                            + " \(earlier.data) at \(range) had returned")
                }
            }
        }
    }

    /// What was asked for late holds all that was acknowledged early, and heads only grow.
    private static func checkSights(
        _ sights: [RaceSight], of appends: [RaceAppend], atLeast count: Int
    ) throws {
        for sight in sights {
            guard let call = sight.call else { continue }
            guard sight.lines.count >= count else {
                throw RaceFault("\(sight.who) saw \(sight.lines), and \(count) events were there")
            }
            for append in appends where append.back < call {
                guard case .acknowledged(let range) = append.outcome else { continue }
                guard range.upperBound <= UInt64(sight.lines.count) else {
                    throw RaceFault(
                        "\(sight.who) saw \(sight.lines) without \(append.data) at \(range), which"
                            + " was acknowledged before")
                }
            }
            for earlier in sights where earlier.back < call {
                guard earlier.lines.count <= sight.lines.count else {
                    throw RaceFault(
                        "\(sight.who) saw \(sight.lines.count) events, and \(earlier.who) had seen"
                            + " \(earlier.lines.count)")
                }
            }
        }
    }

    /// A conflict was told only where the stream had another version while the append ran.
    private static func checkRefusals(_ appends: [RaceAppend], _ sights: [RaceSight]) throws {
        for append in appends {
            guard case .refused(.wrongVersion) = append.outcome,
                case .exactly(let version) = append.expecting,
                let sight = sights.first(where: { ($0.call ?? 0) > append.back })
            else { continue }
            // Versions only grow: at the call the stream had at least what was acknowledged, and at
            // the return no more than what was seen later.
            let later = appends.filter { other in
                if case .acknowledged = other.outcome, other.back < append.call { return false }
                return true
            }
            let stillComing = Set(later.flatMap(\.data))
            let stream = sight.lines.filter { $0.hasPrefix("\(append.stream)/") }
            let after = stream.count
            let before = stream.count {
                !stillComing.contains(String($0.split(separator: " ")[1]))
            }
            if after == Int(version.rawValue), before == after {
                throw RaceFault("\(append.data) was refused at \(version), which was right")
            }
        }
    }
}
