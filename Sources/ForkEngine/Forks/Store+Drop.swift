// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, forks. Dropping a fork deletes its row; what nothing else reaches is
// collected later. A forced operation (rule 2): a live writer is fenced, never waited for.
import SegmentStore

extension Store {
    /// Drops a fork: durable on return, one commit, whatever its size. Its children go on, its
    /// open views finish, its live writer finds it gone before it can acknowledge again.
    ///
    /// Errors: `notFound`; `denied` for `main`.
    @discardableResult
    public func drop(_ name: ForkName) throws(ForkError) -> ForkDescription {
        let now = clock.now()
        let row = try catalog.read { catalog throws(ForkError) in
            try catalog.requireFork(named: name)
        }
        let removed = try withReserve { () throws(ForkError) in
            try remove(row.id, where: { _ in true })
        }
        return describe(removed ?? row, parentName: nil, now: now)
    }

    /// Removes a fork's row where `condition` still holds in the transaction; nil: it does not,
    /// or the fork is gone already.
    func remove(
        _ fork: ForkID, where condition: (ForkRow) -> Bool
    ) throws(ForkError) -> ForkRow? {
        guard fork != .main else {
            throw ForkError(.denied, "the fork 'main' cannot be dropped")
        }
        let start = environment.time.sinceBoot()
        var name = "\(fork.rawValue)"
        while true {
            do throws(ForkError) {
                var held: HeldLock?
                let removed = try catalog.write { transaction throws(ForkError) -> ForkRow? in
                    guard let row = try transaction.fork(fork), condition(row) else { return nil }
                    name = row.name
                    held = try removeForced(row, in: transaction)
                    return row
                }
                // A slot that a killed writer left would only cost a place.
                if held != nil { slots.slot(of: fork)?.free() }
                return removed
            } catch {
                guard error.code == .changed else { throw error }
                try pause(since: start, for: fork, name)
            }
        }
    }

    /// Inside a write transaction: removes the row, keeping the fork's writer lock where it is
    /// free (the caller keeps the result until the commit), fencing its writer where one lives.
    ///
    /// Taking the lock here does not break the order of locks: it is never waited for.
    /// `changed` where a writer is between its lock and its word: end the transaction, try again.
    func removeForced(
        _ row: ForkRow, in transaction: any CatalogWriting
    ) throws(ForkError) -> HeldLock? {
        let lock = try locks.takeWriter(row.id)
        if lock == nil {
            switch slots.state(of: row) {
            case .end:
                // What the word says is final from here on: its writer meets the fence.
                guard slots.slot(of: row.id)?.fence(epoch: row.epoch) == true else {
                    throw ForkError(.changed, "the writer of fork '\(row.name)' closed just now")
                }
            case .nothing:
                break
            case .notArmed, .noSlot:
                throw ForkError(.changed, "a writer of fork '\(row.name)' is starting: try again")
            }
        }
        try transaction.remove(row)
        return lock
    }
}
