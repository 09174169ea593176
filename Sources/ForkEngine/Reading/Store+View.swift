// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, reading. Giving a view: from the writer in this process, or by a pin.
import SegmentStore

extension Store {
    /// A view of the history up to `point`. Where no writer of the fork lives in this process:
    /// O(bytes of its pending journals), else O(1).
    ///
    /// Errors: `notFound`, `expired`, `invalid` where the place is above the head.
    public func view(at point: Point) throws(ForkError) -> View {
        guard case .named(let name) = point.reference else {
            throw ForkError(.invalid, "^parent means something only beside another fork")
        }
        let now = clock.now()
        let row = try catalog.read { catalog throws(ForkError) in
            try catalog.requireActiveFork(named: name, now: now)
        }
        let head = try headView(of: row.id, name: row.name)
        switch point.place {
        case .head:
            return head
        case .position(let position):
            guard position <= head.head else {
                throw ForkError(
                    .invalid,
                    "position \(position) is above the head of '\(name)', which is \(head.head)")
            }
            return try head.trimmed(to: position)
        case .time(let time):
            return try head.trimmed(to: try head.position(at: time))
        case .beforeNow(let duration):
            let (instant, isOverflow) = now.rawValue.subtractingReportingOverflow(
                duration.nanosecondsClamped)
            let time = isOverflow ? Timestamp.min : Timestamp(rawValue: instant)
            return try head.trimmed(to: try head.position(at: time))
        case .tag(let tag):
            throw ForkError(.notFound, "there is no tag '\(tag)'")
        }
    }

    /// A view of all of a fork.
    func headView(of fork: ForkID, name: String) throws(ForkError) -> View {
        let start = environment.time.sinceBoot()
        while true {
            do throws(ForkError) {
                if let writer = liveWriter(of: fork), let view = try writer.view() {
                    return view
                }
                if let view = try pinnedView(of: fork) { return view }
            } catch {
                // The fork was flushed, or its writer opened, between two of our looks.
                guard error.code == .changed else { throw error }
            }
            try pause(since: start, for: fork, name)
        }
    }

    /// A view by a pin of its own; nil where row and word did not hold still.
    private func pinnedView(of fork: ForkID) throws(ForkError) -> View? {
        guard let pin = try pinHead(of: fork) else { return nil }
        let row = try row(of: fork)
        try row.requireActive(at: clock.now())
        return View(
            store: self, fork: fork, name: row.name, head: pin.snapshot.cut,
            root: try hold(pin.snapshot, pin: pin), tail: try loadTail(pin.snapshot),
            spans: OverlaySpans(pin.snapshot),
            overlay: pin.snapshot.overlay)
    }

    /// Pins all that a fork holds, expired or not; nil where row and word did not hold still.
    ///
    /// `isBesideDamage`: who looks for damage goes on where the folder of pins is missing.
    func pinHead(of fork: ForkID, isBesideDamage: Bool = false) throws(ForkError) -> Pin? {
        // What a recovery holds is held until the pin is done (rule 3), and no longer: a writer may
        // wait for it. Both write, and a full disk must not keep anybody from reading (rule 16).
        try withReserve { () throws(ForkError) -> Pin? in
            let recovered = try settle(fork)
            defer { recovered?.release() }
            return try pins.take(isBesideDamage: isBesideDamage) {
                () throws(ForkError) -> SnapshotRecord? in
                let before = try self.row(of: fork)
                guard let snapshot = try headSnapshot(of: before, recovered: recovered) else {
                    return nil
                }
                let after = try self.row(of: fork)
                return before.generation == after.generation ? snapshot : nil
            }
        }
    }
}

extension Writer {
    /// A view up to the watermark; nil where the writer is closed or failed.
    public func view() throws(ForkError) -> View? {
        let now = store.clock.now()
        while true {
            guard
                let root = try state.withLock({ state throws(ForkError) in
                    try state.viewableRoot(at: now)
                })
            else { return nil }
            // Outside the lock: a collector may hold pins up for a batch, and never appends.
            try store.withReserve { () throws(ForkError) in try root.pin(for: fork, in: store) }
            let view = try state.withLock { state throws(ForkError) -> View? in
                // Asked again: a flush may have moved the root in between, and a writer that was
                // closed or failed has given its tail back.
                guard try state.viewableRoot(at: now) === root else { return nil }
                return View(
                    store: store, fork: fork, name: name, head: state.durable.head, root: root,
                    tail: state.tail.prefix(below: state.durable.head),
                    spans: OverlaySpans(state.row.snapshot, liveTo: state.durable.head),
                    overlay: state.row.snapshot.overlay)
            }
            if let view { return view }
        }
    }
}

extension WriterState {
    /// The root to read by; nil where only the catalog knows what became of the fork.
    fileprivate func viewableRoot(at now: Timestamp) throws(ForkError) -> RootHold? {
        if isClosed || failure != nil || slot.word.isFenced { return nil }
        try row.requireActive(at: now)
        return root
    }
}

extension Duration {
    /// Whole nanoseconds, at most what 64 bits hold.
    var nanosecondsClamped: Int64 {
        let (seconds, attoseconds) = components
        let (product, isOverflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if isOverflow { return seconds < 0 ? .min : .max }
        let (sum, isOver) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        return isOver ? .max : sum
    }
}
