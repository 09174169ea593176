// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, catalog. The one small transactional truth: forks, overlays, revived objects.
// Two implementations, one conformance suite: SQLite, and the simulated twin in ForkTesting.
package import SegmentStore

/// The catalog of a store, as the engine sees it.
///
/// A read sees one committed state. A write is serialised with all writes of all processes,
/// atomic, and durable when it returns. A write that throws out of its body changes nothing.
/// A commit that fails leaves the outcome unknown (rule 12): it throws `system` or `noSpace`,
/// and the next transaction, which sees the outcome, tells. `timedOut` is thrown only before a
/// write began, where who writes stands still: the outcome is known, and nothing was done.
package protocol Catalog: AnyObject, Sendable {
    func read<Result>(
        _ body: (any CatalogReading) throws(ForkError) -> Result
    ) throws(ForkError) -> Result

    func write<Result>(
        _ body: (any CatalogWriting) throws(ForkError) -> Result
    ) throws(ForkError) -> Result

    /// Commits `change`, and then reads the very state that it was made on: nothing was committed
    /// in between, and nothing that is committed during `body` shows. Writers are held up by
    /// `change` alone, however long `body` takes. Where `change` does not come about, `body` is
    /// not called.
    func write<Result>(
        _ change: (any CatalogWriting) throws(ForkError) -> Void,
        thenRead body: (any CatalogReading) throws(ForkError) -> Result
    ) throws(ForkError) -> Result
}

/// What a transaction can ask. Valid only inside the transaction's closure.
package protocol CatalogReading {
    func store() throws(ForkError) -> StoreRecord
    /// What was counted so far, with what this transaction has counted.
    func counted() throws(ForkError) -> CatalogCounters
    func fork(_ id: ForkID) throws(ForkError) -> ForkRow?
    /// By name; O(log n).
    func fork(named name: String) throws(ForkError) -> ForkRow?
    /// Forks in order of id, from `first` on, until `body` answers false.
    func forEachFork(
        from first: ForkID, _ body: (ForkRow) throws(ForkError) -> Bool
    ) throws(ForkError)
    func forkCount() throws(ForkError) -> Int
    /// The greatest byte end at which the snapshot of any fork cuts `journal`; 0 where none does.
    /// O(all forks), of which those alone are decoded that name the journal's overlay.
    func cutEnd(of journal: JournalID) throws(ForkError) -> UInt64
    /// The greatest base of the overlays right above `overlay`; 0 where none lies there. All
    /// below it was acknowledged before that overlay was made. O(all overlays), none of them
    /// decoded.
    func greatestBase(above overlay: OverlayID) throws(ForkError) -> Position
    func overlay(_ id: OverlayID) throws(ForkError) -> OverlayRow?
    func forEachOverlay(_ body: (OverlayRow) throws(ForkError) -> Void) throws(ForkError)
    func isRevived(_ object: ObjectID) throws(ForkError) -> Bool
}

/// What a write transaction can change.
package protocol CatalogWriting: CatalogReading {
    /// The next fork id, overlay id or epoch: from 1, never given twice by a committed transaction.
    func nextForkID() throws(ForkError) -> ForkID
    func nextOverlayID() throws(ForkError) -> OverlayID
    func nextEpoch() throws(ForkError) -> UInt64
    /// Goes on counting forks, overlays and epochs where `counters` do, unless it is further already:
    /// a restored store gives no number that its origin gave.
    func skip(to counters: CatalogCounters) throws(ForkError)

    /// A new fork; `alreadyExists` where the name is taken.
    func insert(_ row: ForkRow) throws(ForkError)
    /// Writes the row with its generation raised by one, if the stored generation is still
    /// `row.generation`; else `changed`. Returns the row as stored.
    @discardableResult
    func update(_ row: ForkRow) throws(ForkError) -> ForkRow
    /// Removes the row under the same condition.
    func remove(_ row: ForkRow) throws(ForkError)

    func insert(_ overlay: OverlayRow) throws(ForkError)
    func removeOverlay(_ id: OverlayID) throws(ForkError)

    /// Remembers that a publisher took an object that existed already (rule 9).
    func revive(_ objects: [ObjectID]) throws(ForkError)
    /// Empties that memory, in the transaction with which GC takes its snapshot.
    func forgetRevived() throws(ForkError)
    /// Commits a change of no meaning: rule 12 asks for a real one.
    func touch() throws(ForkError)
}
