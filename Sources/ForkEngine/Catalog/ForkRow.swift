// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, catalog. One fork as the catalog keeps it.
package import SegmentStore

/// A fork's row. Every change is conditional on `generation` and raises it (rule 6).
package struct ForkRow: Hashable, Sendable {
    package var id: ForkID
    package var name: String
    package var parent: ForkID?
    package var generation: UInt64
    /// New with each live journal; the writer's word in `live` carries the same (rule 2).
    package var epoch: UInt64
    /// All that is sealed: `snapshot.cut` is the head unless a writer lives, or died unsealed.
    package var snapshot: SnapshotRecord
    /// The journal that takes the next append, named before its file exists (rule 5). Its first
    /// position is `snapshot.cut`.
    package var liveJournal: JournalID
    /// Where the fork began: its own events start here, in history and in logical bytes.
    package var base: Position
    package var baseLogicalByteCount: UInt64
    package var created: Timestamp
    /// From this instant on the fork is expired; nil: never.
    package var expires: Timestamp?
    package var labels: Labels

    package init(
        id: ForkID, name: String, parent: ForkID?, generation: UInt64, epoch: UInt64,
        snapshot: SnapshotRecord, liveJournal: JournalID, base: Position,
        baseLogicalByteCount: UInt64, created: Timestamp, expires: Timestamp?, labels: Labels
    ) {
        self.id = id
        self.name = name
        self.parent = parent
        self.generation = generation
        self.epoch = epoch
        self.snapshot = snapshot
        self.liveJournal = liveJournal
        self.base = base
        self.baseLogicalByteCount = baseLogicalByteCount
        self.created = created
        self.expires = expires
        self.labels = labels
    }
}

/// An overlay's row: immutable, one owner for ever. The overlay below is the one that owns
/// position `base - 1`; bases strictly grow along the chain, and empty overlays are never in it.
package struct OverlayRow: Hashable, Sendable {
    package var id: OverlayID
    package var below: OverlayID?
    package var base: Position
    package var owner: ForkID
    /// How many overlays lie below: 0 for the lowest, one more than the one below has for others.
    package var depth: UInt32

    package init(id: OverlayID, below: OverlayID?, base: Position, owner: ForkID, depth: UInt32) {
        self.id = id
        self.below = below
        self.base = base
        self.owner = owner
        self.depth = depth
    }
}

/// What the catalog says of the store as a whole, fixed at init.
package struct StoreRecord: Hashable, Sendable {
    /// Random; names the store.
    package var storeID: EventID
    /// Random; event ids are derived with it, and journals carry it.
    package var seed: UInt64
    package var formatVersion: UInt32
    package var created: Timestamp

    package init(storeID: EventID, seed: UInt64, formatVersion: UInt32, created: Timestamp) {
        self.storeID = storeID
        self.seed = seed
        self.formatVersion = formatVersion
        self.created = created
    }
}
