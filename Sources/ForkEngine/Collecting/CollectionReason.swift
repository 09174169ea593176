// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, collecting. Why nothing reaches a file: what a dry run tells of each.

/// Why nothing reaches a file. The raw values are stable: scripts read them.
public enum CollectionReason: String, Hashable, Sendable, CaseIterable {
    /// No fork shows the events that it holds or indexes any more: those that did were dropped.
    case dropped
    /// Expired forks alone reach it, which the collection drops first.
    case expired
    /// Forks show the events that it holds or indexes, and reach them through newer objects.
    case superseded
    /// It holds or indexes events that no fork has flushed: a flush was cut short before its
    /// commit, or who flushed them for itself was dropped.
    case uncommitted
    /// A journal whose events are flushed wherever they show.
    case flushed
    /// A reader's pin, whose process is gone.
    case deadReader
    /// A file that a process was making, which is gone.
    case abandoned
    /// It cannot be read, so that what it held is not known.
    case unreadable
}

extension CollectionReport {
    /// A file that nothing reaches.
    public struct Candidate: Hashable, Sendable {
        /// Relative to the store's folder.
        public let path: String
        /// What removing it gives back.
        public let byteCount: UInt64
        public let reason: CollectionReason
        /// The reason in words, with positions, overlays and forks as far as they are known.
        public let explanation: String
    }
}
