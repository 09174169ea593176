// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, verifying. What the files of a store are, and how many of each.

/// What one file of a store is.
public enum FileClass: String, Hashable, Sendable, CaseIterable {
    /// An object that a fork or a live reader reaches.
    case reachableObject
    /// An object that nothing reaches: `gc` removes it.
    case garbageObject
    /// An object that nothing was found to reach, where damage hides what some fork reaches, or the
    /// catalog has lost commits.
    case hiddenObject
    /// A journal that a fork or a live reader needs, or one of which the catalog has lost whose it is.
    case pendingJournal
    /// A journal that nothing needs any more: `gc` removes it.
    case garbageJournal
    /// `locks`, and the mapped `live` and `clock`.
    case lock
    /// What a reader holds, who lives.
    case livePin
    /// What a reader held, who is gone: `gc` removes it.
    case deadPin
    /// A file that a process is making.
    case temporary
    /// A file that a killed process was making: `gc` removes it.
    case leftover
    /// What a repair set aside: nothing removes it.
    case quarantined
    /// The reserve for a full disk.
    case reserve
    /// Where the last scrub stands.
    case scrub
    /// `catalog` and SQLite's files beside it.
    case catalog
    /// `format`.
    case format
    /// A file that no store makes.
    case unknown
}

/// The files of one class.
public struct FileAccount: Hashable, Sendable {
    public let fileClass: FileClass
    public internal(set) var count: UInt64
    /// As long as the files are, whatever the disk took for them.
    public internal(set) var byteCount: UInt64
}
