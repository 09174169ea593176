// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, writing. Flush: sealed journals become segments, an index run and a new
// root; one transaction commits root and journal list together (rule 6).
import SegmentStore

extension Writer {
    /// Flushes everything appended so far, durable on return: the tail becomes segments.
    public func flush() throws(ForkError) {
        var isAll = false
        while !isAll {
            // Where many journals wait since flushes failed, those go first.
            let sealed = try exclusively { state throws(ForkError) in
                isAll = !state.hasManyJournals
                if isAll { try rotate(&state) }
                return state.beginFlush()
            }
            guard let sealed else { return }
            do throws(ForkError) {
                try publish(sealed)
                endFlush(nil)
            } catch {
                endFlush(error)
                throw error
            }
        }
    }

    /// Runs `body` while nobody writes or flushes, with everything queued made durable first.
    /// New appends wait meanwhile, so that the moment comes.
    func exclusively<Result>(
        _ body: (inout WriterState) throws(ForkError) -> Result
    ) throws(ForkError) -> Result {
        state.withLock { $0.drainingCount += 1 }
        defer {
            state.withLock { $0.drainingCount -= 1 }
            state.notifyAll()
        }
        while true {
            let step = try state.waitUntil { state throws(ForkError) -> DrainStep<Result>? in
                if state.isLed || state.isFlushing { return nil }
                try state.requireOpen()
                if !state.queue.isEmpty { return .drain(state.takeGroup()) }
                return .done(try body(&state))
            }
            switch step {
            case .drain(let group): lead(group)
            case .done(let result): return result
            }
        }
    }

    /// Flushes a part beside the caller, who has left the monitor.
    func flushBeside(_ sealed: SealedPart) {
        store.environment.background.run { [self] in
            do throws(ForkError) {
                try publish(sealed)
                endFlush(nil)
            } catch {
                endFlush(error)
            }
        }
    }

    private func endFlush(_ failure: ForkError?) {
        state.withLock { state in
            state.isFlushing = false
            state.keeping.failedAt = failure.map { _ in store.environment.time.sinceBoot() }
            // Nothing is lost: what was to be flushed is still in its journals.
            state.flushFailure = failure
        }
        state.notifyAll()
    }

    /// Builds the sealed part into a new root and commits it. Appends go on meanwhile.
    private func publish(_ sealed: SealedPart) throws(ForkError) {
        // Appends and views go on reading the old root after the commit: it stays a root of GC.
        try sealed.root.pin(for: fork, in: store)
        let publishLock = try store.locks.takePublish()
        defer { publishLock.release() }
        let row: ForkRow
        if let adopted = try publishAdopting(sealed) {
            row = adopted
        } else if let built = try commit(try sealed.publish(adopting: nil, in: store), of: sealed) {
            row = built
        } else {
            preconditionFailure("what was taken from nobody is committed or fails")
        }
        let root = try holdCommitted(row)
        state.withLock { state in
            state.row.snapshot.root = row.snapshot.root
            state.row.snapshot.rootEnd = row.snapshot.rootEnd
            state.row.snapshot.pieces = row.snapshot.pieces
            state.row.generation = row.generation
            state.root = root
            state.letGo(below: sealed.to)
        }
    }
}

extension Writer {
    /// Beyond as many bytes writing the inheritance costs no more than reading what others wrote.
    private static let adoptedByteCountMax: UInt64 = 128 << 20

    /// Publishes over what an ancestor has flushed of the inheritance, once all of that was read
    /// and found sound. Nil, and nothing changed, where there is no such ancestor, where it moved
    /// on meanwhile, or where what it flushed is damaged, or too much to read.
    private func publishAdopting(_ sealed: SealedPart) throws(ForkError) -> ForkRow? {
        guard sealed.from < sealed.base else { return nil }
        let donor = try store.catalog.read { catalog throws(ForkError) -> Donor? in
            guard let row = try catalog.fork(fork) else { return nil }
            return try catalog.donor(for: row)
        }
        guard let donor else { return nil }
        let published: PublishedPart
        do throws(ForkError) {
            published = try sealed.publish(adopting: donor, in: store)
            // The journals that are given up for it are sound: so must be what takes their place.
            let isSound = try lifting { () throws(StorageError) in
                try store.segments.inspect(
                    published.root, beyond: sealed.root.root, made: published.madeObjects,
                    byteCountMax: Self.adoptedByteCountMax)
            }
            guard isSound else { return nil }
        } catch {
            // Invariant 10: an ancestor's damage is no reason not to flush what is sound here.
            guard error.code == .damaged else { throw error }
            return nil
        }
        return try commit(published, of: sealed, from: donor)
    }

    /// Opens the root that was just committed; a writer that cannot goes no further, since its
    /// state and its row would tell of different roots.
    private func holdCommitted(_ row: ForkRow) throws(ForkError) -> RootHold {
        do throws(ForkError) {
            return try store.hold(row.snapshot)
        } catch {
            state.withLock { $0.failure = $0.failure ?? error }
            throw error
        }
    }

    /// One transaction names the new root and lets the flushed journals go. Nil, and nothing
    /// changed, where the donor's row is not what it was (rule 8).
    private func commit(
        _ published: PublishedPart, of sealed: SealedPart, from donor: Donor? = nil
    ) throws(ForkError) -> ForkRow? {
        do throws(ForkError) {
            return try store.catalog.write { transaction throws(ForkError) -> ForkRow? in
                if let donor, !(try donor.isUnmoved(in: transaction)) { return nil }
                guard var row = try transaction.fork(fork),
                    row.snapshot.root == sealed.root.root, row.snapshot.rootEnd == sealed.from
                else {
                    throw ForkError(
                        .changed, "fork '\(name)' was changed by force while it was flushed")
                }
                row.snapshot.root = published.root
                row.snapshot.rootEnd = sealed.to
                row.snapshot.pieces.removeAll { $0.positions.upperBound <= sealed.to }
                try transaction.revive(published.reusedObjects)
                return try transaction.update(row)
            }
        } catch {
            // Not begun: what was made is garbage, and the journals are flushed another time.
            if error.code == .timedOut { throw error }
            // Whether it was committed is unknown (rule 12): only opening anew tells.
            state.withLock { $0.failure = $0.failure ?? error }
            throw error
        }
    }
}

/// What who waits for a quiet writer does next.
private enum DrainStep<Result> {
    case drain(WriterGroup)
    case done(Result)
}

/// What one flush takes: sealed events over a root, split where the fork began, since own and
/// inherited events never share a segment.
struct SealedPart: Sendable {
    let root: RootHold
    let tail: Tail
    let from: Position
    let to: Position
    let base: Position
    let spans: OverlaySpans
}

extension WriterState {
    /// Gives back the memory of what is flushed. Few events that are not are indexed anew, so
    /// that no layer is kept for their sake.
    mutating func letGo(below position: Position) {
        tail = tail.suffix(from: position)
        if tail.count < Tail.copiedCountMax { (tail, layer) = tail.layered() }
        account.set(tail.byteCount)
    }

    /// All that is sealed and not flushed; nil where there is nothing. With a part the writer
    /// counts as flushing until `endFlush`.
    mutating func beginFlush() -> SealedPart? {
        precondition(root.root == row.snapshot.root, "a writer's root is its row's")
        let from = row.snapshot.rootEnd
        let to = row.snapshot.cut
        guard from < to else { return nil }
        isFlushing = true
        return SealedPart(
            root: root, tail: tail, from: from, to: to, base: row.base,
            spans: OverlaySpans(row.snapshot))
    }
}
