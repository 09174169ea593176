// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, sabotage. Which numbers of docs/invariants.md each planted fault breaks.

/// A number of docs/invariants.md.
package enum Promise: Hashable, Sendable {
    case invariant(Int)
    case rule(Int)

    /// All that there are.
    package static let all =
        (1...10).map { Promise.invariant($0) } + (1...16).map { Promise.rule($0) }
}

extension Sabotage {
    /// What the fault breaks, the most direct first.
    package var breaks: [Promise] {
        switch self {
        case .writerLocksAreGranted: [.rule(1)]
        case .publishLocksAreGranted, .publishLocksComeLate: [.rule(8)]
        case .exclusiveLocksAreGranted: [.rule(8), .rule(9), .rule(10)]
        case .collectorLocksAreGranted: [.rule(9)]
        case .publishLocksAreTakenTwice: [.rule(3), .rule(10)]
        case .pinLocksAreNotHeld, .pinsAreHidden, .pinsStayEmpty, .pinsAreReadEarly,
            .pinsAreSweptFreely, .rowsAreReadOnce:
            [.rule(10), .invariant(7)]
        case .catalogLocksAreGranted, .commitsAreNotSynced: [.rule(13)]
        case .journalSyncsAreLost, .journalWritesAreLost: [.invariant(1)]
        case .journalFolderSyncsAreLost: [.invariant(1), .rule(5)]
        case .journalSyncsComeLate: [.rule(2), .invariant(1)]
        case .recoverySyncsAreLost, .journalSyncFailuresAreSwallowed: [.rule(3)]
        case .journalReadFailuresAreSwallowed, .sealedEndsAreForgotten, .cutsAreForgotten,
            .basesAreForgotten, .liveWordsAreForgotten:
            [.rule(4)]
        case .objectFolderSyncsAreLost: [.rule(9), .invariant(1)]
        case .objectSyncsAreLost: [.rule(6), .invariant(1)]
        case .objectsAreRewritten: [.invariant(5)]
        case .journalChecksumsAreSkipped: [.invariant(6)]
        case .objectsAreServedFromMemory: [.invariant(6), .invariant(10), .rule(16)]
        case .objectRemovalsAreLost, .childrenAreHidden: [.invariant(7)]
        case .reserveIsKept: [.rule(16)]
        case .fencesAreDropped, .fencesAreOverwritten,
            .unarmedWordsCountForNothing, .wordsAreArmedLate, .bootsAreForgotten:
            [.rule(2)]
        case .unarmedWordsArePinned: [.rule(2), .rule(10)]
        case .liveWordsAreStale: [.rule(6)]
        case .transactionsReadBefore: [.rule(6), .rule(2)]
        case .headsAreOverstated: [.invariant(2)]
        case .clockFloorIsForgotten: [.rule(14), .invariant(9)]
        case .bootClockLeaps: [.rule(14)]
        case .generationsAreIgnored, .flushedRootsAreForgotten: [.rule(6)]
        case .journalsAreNotNamed, .overlayNumbersAreReused: [.rule(5)]
        case .ownersAreConfused: [.rule(7)]
        case .donorsSeemUnmoved: [.rule(8)]
        case .revivalsAreForgotten, .revivalsAreDenied, .revivedIsNeverEmptied,
            .revivedIsEmptiedLate, .oldRowsAreMarked:
            [.rule(9)]
        case .expiredForksAreHidden: [.rule(11)]
        case .touchesAreLost: [.rule(12)]
        case .inheritedRootsAreForgotten: [.invariant(3)]
        case .childrenFollowTheirParent: [.invariant(4)]
        case .failedTransactionsAreCommitted: [.invariant(8)]
        case .expiryIsForgotten, .forksExpireLate: [.invariant(9)]
        case .volumesAreBelieved: [.rule(15)]
        }
    }
}
