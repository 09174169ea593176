// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, repairing. What a repair did, and which events it could not bring back.
public import SegmentStore

/// What a repair did, or in a dry run would do.
public struct RepairReport: Hashable, Sendable {
    public package(set) var isDryRun = false
    /// Each damaged thing, in the order in which it was dealt with.
    public internal(set) var items: [Item] = []
    /// What is lost, fork by fork; a fork may lose several things.
    public internal(set) var losses: [Loss] = []

    /// What became of a damaged thing.
    public enum Outcome: String, Hashable, Sendable, CaseIterable {
        /// Built again, byte for byte.
        case rebuilt
        /// Nothing needs it any more: what it said is said by others now.
        case replaced
        /// A folder, a lock file or the clock was made anew.
        case remade
        /// Nothing can bring it back; from here on that is known, and what needs it says so.
        case lost
    }

    public struct Item: Hashable, Sendable {
        /// The file or folder, relative to the store's folder.
        public let path: String
        public let outcome: Outcome
        /// As one sentence: what was done.
        public let description: String
    }

    /// Events of a fork that are gone.
    public struct Loss: Hashable, Sendable {
        public let fork: String
        /// The damaged thing.
        public let path: String
        public let from: Position
        /// The position after the last; nil where nobody knows how many there were.
        public let to: Position?
        /// Whether the fork ends at `from` now; else it goes on behind, and reading what is gone
        /// fails.
        public let isCut: Bool
        /// How many of these positions are gone; the others can be read. Nil: not known.
        public let eventCount: UInt64?
        /// The streams, of which the first hundred parts are named; empty where it is every event.
        public let streams: [LostStream]
        public let streamCount: UInt64
    }

    public struct LostStream: Hashable, Sendable {
        public let name: String
        public let from: Version
        /// The version after the last.
        public let to: Version
    }

    public var isLossless: Bool {
        losses.isEmpty && !items.contains { $0.outcome == .lost }
    }
}
