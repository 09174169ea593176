// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, verifying. What a verification found (invariant 10).
import SegmentStore

/// The account of every file in a store.
public struct VerificationReport: Hashable, Sendable {
    public internal(set) var forkCount = 0
    /// Objects that forks reach, and journals that wait for a flush.
    public internal(set) var reachableObjectCount = 0
    public internal(set) var pendingJournalCount = 0
    /// What nothing reaches any more: `gc` removes it.
    public internal(set) var garbageCount = 0
    /// Files that are not a store's.
    public internal(set) var unknownPaths: [String] = []
    public internal(set) var damages: [Damage] = []

    /// One damaged thing, with the forks that it touches.
    public struct Damage: Hashable, Sendable {
        /// What is damaged and how, as one sentence.
        public let description: String
        /// The file, relative to the store's folder; nil where it is the catalog.
        public let path: String?
        public internal(set) var forks: [String]
    }

    public var isSound: Bool { damages.isEmpty }
}
