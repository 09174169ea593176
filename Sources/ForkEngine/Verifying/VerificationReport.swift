// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, verifying. What a verification found (invariant 10).
public import SegmentStore

/// What was verified, what is damaged, and the account of every file in a store.
public struct VerificationReport: Hashable, Sendable {
    public internal(set) var forkCount = 0
    /// Objects that forks and live readers reach, and journals that wait for a flush.
    public internal(set) var reachableObjectCount = 0
    public internal(set) var pendingJournalCount = 0
    /// What nothing reaches any more: `gc` removes it.
    public internal(set) var garbageCount = 0
    /// Every file, by class, all classes; empty where one fork was verified alone.
    public internal(set) var files: [FileAccount] = []
    /// Files and folders that are not a store's, the first thousand of them.
    public internal(set) var unknownPaths: [String] = []
    /// The first thousand damages.
    public internal(set) var damages: [Damage] = []
    public internal(set) var damageCount = 0
    /// Damage that a repair found and could not mend: known, and counted apart.
    public internal(set) var knownLosses: [Damage] = []

    /// One damaged thing, with what it touches.
    public struct Damage: Hashable, Sendable {
        /// What is damaged and how, as one sentence.
        public let description: String
        /// The file, relative to the store's folder; nil where it is the catalog.
        public let path: String?
        /// The first hundred forks that show something of it, in the order of their creation.
        public internal(set) var touched: [TouchedFork] = []
        public internal(set) var forkCount = 0
        /// The streams that cannot be read wholly, in any of those forks: the first hundred, by
        /// the bytes of their names.
        public internal(set) var streams: [String] = []
        /// All such streams; without meaning where it is every stream.
        public internal(set) var streamCount: UInt64 = 0
        /// Whether it is every stream of those forks, or which ones cannot be told.
        public internal(set) var isEveryStream = false

        public var forks: [String] { touched.map(\.name) }
    }

    /// A fork that a damage touches.
    public struct TouchedFork: Hashable, Sendable {
        public let name: String
        /// The positions that the damaged thing holds of the fork's history; nil where it holds
        /// none, or they are not known.
        public let from: Position?
        /// The position after the last; nil where it is not known.
        public let to: Position?
    }

    public var isSound: Bool { damageCount == 0 }
}
