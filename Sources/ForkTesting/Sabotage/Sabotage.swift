// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, sabotage. Every rule broken on purpose, one at a time: a check that holds a
// rule is worth something only where it fails once the rule is broken.

/// A planted fault. Wrappers of the seams commit it; the engine itself is never touched.
package enum Sabotage: String, CaseIterable, Sendable {
    // Locks.

    /// Rule 1: everybody gets every writer lock.
    case writerLocksAreGranted
    /// Rule 8: everybody gets the publish lock.
    case publishLocksAreGranted
    /// Rule 10: a pin's lock is reported and not taken.
    case pinLocksAreNotHeld
    /// Rule 13: everybody gets the catalog's lock.
    case catalogLocksAreGranted

    /// Rule 8: the publish lock is taken when what is published is committed.
    case publishLocksComeLate
    /// Rules 8, 9, 10: a collection believes that it is alone, and is not.
    case exclusiveLocksAreGranted
    /// Rule 9: every collection believes that no other runs.
    case collectorLocksAreGranted

    // Files.

    /// Invariant 1: a journal's sync reports success and does nothing.
    case journalSyncsAreLost
    /// Invariant 1: a journal's frames never leave the process.
    case journalWritesAreLost
    /// Invariant 1, rule 5: the sync of the journals' folder does nothing.
    case journalFolderSyncsAreLost
    /// Rule 2: a journal's sync is done after the word moved.
    case journalSyncsComeLate
    /// Rule 3: what a recovery keeps is not synced.
    case recoverySyncsAreLost
    /// Rule 3: a journal's sync that failed is reported as done.
    case journalSyncFailuresAreSwallowed
    /// Rule 4: a journal that cannot be read seems to end there.
    case journalReadFailuresAreSwallowed
    /// Invariant 6: the sums of a journal's frames are not looked at.
    case journalChecksumsAreSkipped
    /// Rule 9: the sync of an object's folder does nothing.
    case objectFolderSyncsAreLost
    /// Invariant 5: with each new object the one before it is changed.
    case objectsAreRewritten
    /// Rule 16, invariant 10: objects are answered from memory, whatever the disk holds.
    case objectsAreServedFromMemory
    /// Invariant 7: an object's removal reports success and does nothing.
    case objectRemovalsAreLost
    /// Rule 6: what is to become an object is linked without having been synced.
    case objectSyncsAreLost
    /// Rule 10: the pins that a collection reads are those of when it began to list.
    case pinsAreReadEarly
    /// Rule 10: a collection removes pins that nobody has locked when it begins to list, while others
    /// publish and pin.
    case pinsAreSweptFreely
    /// Rules 3, 10: who makes a pin takes the publish lock once more, behind the turnstile, as a
    /// recovery inside of it would.
    case publishLocksAreTakenTwice
    /// Rule 10: the folder of pins looks empty.
    case pinsAreHidden
    /// Rule 10: what is written into a pin is lost.
    case pinsStayEmpty
    /// Rule 16: the reserve's bytes are not given back.
    case reserveIsKept

    /// Rule 15: every file system gives itself out as one that stores may lie on.
    case volumesAreBelieved

    // Shared words.

    /// Rule 2: a fence is reported as set, and is not.
    case fencesAreDropped
    /// Rule 2: a word is moved whatever it is by now, a fence or not.
    case fencesAreOverwritten
    /// Rule 2: a holder that has not armed yet is not waited for: its journal counts for nothing.
    case unarmedWordsCountForNothing
    /// Rules 2, 10: the same, and a pin's second look at the row finds what the first found.
    case unarmedWordsArePinned
    /// Rule 2: an opener arms its word behind its commit, and nobody waits until it has.
    case wordsAreArmedLate
    /// Rule 4: what a dead writer's word says is not looked at.
    case liveWordsAreForgotten
    /// Rule 6: a word is read once, and believed for ever.
    case liveWordsAreStale
    /// Invariant 2: the head beside the word is one event too high.
    case headsAreOverstated
    /// Rule 14, invariant 9: the clock's floor is forgotten.
    case clockFloorIsForgotten

    // Time.

    /// Rule 2: the mapped files of another boot are taken for this boot's.
    case bootsAreForgotten
    /// Rule 14: the boot clock runs along when the wall clock leaps.
    case bootClockLeaps

    // The catalog.

    /// Rule 6: a change is made whatever the row's generation is.
    case generationsAreIgnored
    /// Rules 2, 6: what a write transaction asks was answered before it had the catalog to itself.
    case transactionsReadBefore
    /// Rule 6: a flush lets its journals go, and its root is not kept.
    case flushedRootsAreForgotten
    /// Rule 5: the journal that a transaction names is not in it.
    case journalsAreNotNamed
    /// Rule 4: the last sealed journal of each fork is not told.
    case sealedEndsAreForgotten
    /// Rule 4: where other forks cut a journal is not told.
    case cutsAreForgotten
    /// Rule 4: where other overlays begin above a journal's is not told.
    case basesAreForgotten
    /// Rule 7: a fork's new overlay passes for its old one.
    case ownersAreConfused
    /// Rule 8: a fork that others took a root of seems not to have moved since.
    case donorsSeemUnmoved
    /// Rule 9: what a publisher revives is not remembered.
    case revivalsAreForgotten
    /// Rule 9: a collector is told that nothing was revived.
    case revivalsAreDenied
    /// Rule 9: what was revived stays so for ever.
    case revivedIsNeverEmptied
    /// Rule 9: what was revived is forgotten one collection late.
    case revivedIsEmptiedLate
    /// Rule 9: a collection marks from the rows of when it began, and lists afterwards.
    case oldRowsAreMarked
    /// Rule 10: a process reads a row once, and believes it.
    case rowsAreReadOnce
    /// Rule 13: a commit returns before it is durable.
    case commitsAreNotSynced
    /// Rule 5: the number of an overlay that is gone is given to another.
    case overlayNumbersAreReused
    /// Rule 11: a collection does not see forks whose time is over.
    case expiredForksAreHidden
    /// Rule 12: the change that a commit must make is not made.
    case touchesAreLost
    /// Invariant 3: a fork does not know what it inherited and is flushed.
    case inheritedRootsAreForgotten
    /// Invariant 4: a fork without events of its own shows what its parent has now.
    case childrenFollowTheirParent
    /// Invariant 7: a collection does not see forks that have a parent.
    case childrenAreHidden
    /// Invariant 8: a transaction that fails halfway is committed as far as it came.
    case failedTransactionsAreCommitted
    /// Invariant 9: no fork expires.
    case expiryIsForgotten
    /// Invariant 9: a fork's time ends one nanosecond late.
    case forksExpireLate
}
