// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, backup. What a backup or a restore did.

/// What was copied, and what was there already.
public struct BackupReport: Hashable, Sendable {
    public internal(set) var forkCount = 0
    /// Events that the forks themselves hold: what several inherit counts once, where its fork is
    /// still there.
    public internal(set) var eventCount: UInt64 = 0
    public internal(set) var copiedObjectCount = 0
    public internal(set) var copiedObjectByteCount: UInt64 = 0
    /// Objects that the backup before has: no byte of them is read.
    public internal(set) var reusedObjectCount = 0
    public internal(set) var reusedObjectByteCount: UInt64 = 0
    public internal(set) var copiedJournalCount = 0
    public internal(set) var copiedJournalByteCount: UInt64 = 0
    public internal(set) var reusedJournalCount = 0
    /// Files of earlier backups that this one does not need, and that are gone.
    public internal(set) var removedFileCount = 0

    /// Everything that was copied.
    public var copiedByteCount: UInt64 { copiedObjectByteCount + copiedJournalByteCount }
}

/// How far a backup or a restore is.
public struct BackupProgress: Hashable, Sendable {
    public internal(set) var fileCount: UInt64 = 0
    public internal(set) var byteCount: UInt64 = 0
}
