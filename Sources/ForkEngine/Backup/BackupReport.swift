// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, backup. What a backup or a restore did.

/// What was copied, what was there already, and what is not whole.
public struct BackupReport: Hashable, Sendable {
    /// Paths and sentences that are kept at most: memory is bounded.
    static let namedCountMax = 100

    public internal(set) var forkCount = 0
    /// Events that the forks themselves hold: what several inherit counts once, where its fork is
    /// still there.
    public internal(set) var eventCount: UInt64 = 0
    public internal(set) var copiedObjectCount = 0
    public internal(set) var copiedObjectByteCount: UInt64 = 0
    /// Objects that the folder has: they were read there, and are what was written.
    public internal(set) var reusedObjectCount = 0
    public internal(set) var reusedObjectByteCount: UInt64 = 0
    public internal(set) var copiedJournalCount = 0
    public internal(set) var copiedJournalByteCount: UInt64 = 0
    public internal(set) var reusedJournalCount = 0
    /// Files of the earlier backup that were damaged or missing, and were copied anew.
    public internal(set) var replacedFileCount = 0
    /// What was wrong with the earlier backup's index, which is set aside; nil: nothing.
    public internal(set) var damagedIndex: String?
    /// Files of earlier backups that this one does not need, and that are gone.
    public internal(set) var removedFileCount = 0
    /// Objects that a repair knows to be lost, in the copy as in the original: the first hundred
    /// paths.
    public internal(set) var knownLosses: [String] = []
    public internal(set) var knownLossCount = 0
    /// Damaged files of the backup that a restore was told to take as they are: the first hundred,
    /// as sentences.
    public internal(set) var damages: [String] = []
    public internal(set) var damageCount = 0

    /// Everything that was copied.
    public var copiedByteCount: UInt64 { copiedObjectByteCount + copiedJournalByteCount }

    mutating func note(loss path: String) {
        knownLossCount += 1
        if knownLosses.count < Self.namedCountMax { knownLosses.append(path) }
    }

    mutating func note(damage sentence: String) {
        damageCount += 1
        if damages.count < Self.namedCountMax { damages.append(sentence) }
    }
}

/// How far a backup or a restore is.
public struct BackupProgress: Hashable, Sendable {
    public internal(set) var fileCount: UInt64 = 0
    public internal(set) var byteCount: UInt64 = 0
}
