// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, verifying. One verification: fork after fork, what they share once.
import SegmentStore

/// Verifies forks as their heads are now, each under a pin of its own (rule 10).
struct Verifier {
    let store: Store
    let isQuick: Bool
    private(set) var objects: Set<ObjectID> = []
    private var ledger = DamageLedger()
    private(set) var verification = Verification()
    private var journals: Set<JournalID> = []
    /// Roots that were found whole, and contents that were: most siblings share theirs.
    private var wholeRoots: Set<ManifestRoot> = []
    /// Roots that are not, the first of them.
    private var findings: [ManifestRoot: RootFinding] = [:]
    private static let findingCountMax = 64
    private var wholeContents: Set<Content> = []
    /// By overlay, where the greatest overlay above it begins: all below that was durable once.
    private(set) var bases: [OverlayID: Position] = [:]
    private var forkCount = 0
    /// Forks whose writers are starting or stuck, the first of them.
    private var unverified: [String] = []
    private var isMapped = true

    private static let contentCountMax = 65_536

    /// What a history consists of, whosever it is.
    private struct Content: Hashable {
        let root: ManifestRoot?
        let rootEnd: Position
        let pieces: [JournalExtent]

        init(_ snapshot: SnapshotRecord) {
            (root, rootEnd, pieces) = (snapshot.root, snapshot.rootEnd, snapshot.pieces)
        }
    }

    init(store: Store, isQuick: Bool) {
        self.store = store
        self.isQuick = isQuick
    }

    /// Reads where overlays begin, before any head is read: heads only grow. O(all overlays).
    mutating func noteBases() throws(ForkError) {
        var found: [OverlayID: Position] = [:]
        try store.catalog.read { catalog throws(ForkError) in
            try catalog.forEachOverlay { row throws(ForkError) in
                guard let below = row.below else { return }
                found[below] = max(found[below] ?? .zero, row.base)
            }
        }
        bases = found
    }

    /// The same for one overlay.
    mutating func noteBase(above overlay: OverlayID) throws(ForkError) {
        bases[overlay] = try store.catalog.read { catalog throws(ForkError) in
            try catalog.greatestBase(above: overlay)
        }
    }

    /// Notes damage that touches no fork by itself.
    mutating func note(_ error: StorageError) { ledger.note(error) }

    /// Verifies one fork; one that was dropped meanwhile is passed over.
    mutating func verify(_ fork: ForkID) throws(ForkError) {
        var row: ForkRow?
        do throws(ForkError) {
            let before = try store.row(of: fork)
            row = before
            try verify(before)
            forkCount += 1
        } catch {
            guard let row else {
                if error.code == .notFound { return }
                throw error
            }
            switch error.code {
            case .notFound: return
            case .busy:
                if unverified.count < DamageLedger.forkCountMax { unverified.append(row.name) }
                try reach(row.snapshot)
                journals.insert(row.liveJournal)
            case .damaged:
                note(error, .init(fork: row.name, streams: .every))
                forkCount += 1
                isMapped = false
            default: throw error
            }
        }
    }

    /// What the forks told; the caller adds what it knows of files.
    func report(ofOne isOne: Bool = false) throws(ForkError) -> VerificationReport {
        guard unverified.isEmpty || ledger.count > 0 else {
            throw ForkError(
                isOne ? .busy : .partlyDone,
                "no damage was found, but forks \(unverified) could not be verified,"
                    + " whose writers are starting or stuck: try again")
        }
        var report = VerificationReport()
        report.forkCount = forkCount
        report.pendingJournalCount = journals.count
        let known = try knownLosses()
        report.damages = try ledger.damages(
            in: store.segments, isOne: isOne, where: { !known.contains($0) })
        report.knownLosses = try ledger.damages(
            in: store.segments, isOne: isOne, where: known.contains)
        report.damageCount =
            isOne ? report.damages.count : ledger.count - known.count
        return report
    }

    /// What is in use, that of readers who live included.
    mutating func use(
        withPins pins: [StoreListing.ListedPin]
    ) throws(ForkError) -> FileAccountant.Use {
        for pin in pins where pin.isLive {
            guard let snapshot = try store.readPin(pin.path) else { continue }
            try reach(snapshot)
        }
        return FileAccountant.Use(objects: objects, journals: journals, isComplete: isMapped)
    }
}

// MARK: One fork

extension Verifier {
    private mutating func verify(_ row: ForkRow) throws(ForkError) {
        let pin = try pin(row)
        defer { withExtendedLifetime(pin) {} }
        let snapshot = pin.snapshot
        // Which journals it has may have changed under our look.
        let current = try store.row(of: row.id)
        for row in [row, current] {
            journals.insert(row.liveJournal)
            for piece in row.snapshot.pieces { journals.insert(piece.journal) }
        }
        for piece in snapshot.pieces { journals.insert(piece.journal) }
        do throws(ForkError) {
            try store.catalog.read { catalog throws(ForkError) in
                try catalog.requireSoundChain(from: snapshot.overlay)
            }
        } catch {
            guard error.code == .damaged else { throw error }
            note(error, .init(fork: row.name, streams: .every))
        }
        checkHead(of: row, at: snapshot.cut)
        guard !wholeContents.contains(Content(snapshot)) else { return }
        let isRootWhole = try verifyRoot(of: snapshot, fork: row.name)
        guard let tail = try readTail(of: snapshot, fork: row.name), isRootWhole else { return }
        let hold = try store.hold(snapshot, pin: pin)
        let isContinued = try checkTail(tail, on: hold, fork: row.name)
        if isContinued, wholeContents.count < Self.contentCountMax {
            wholeContents.insert(Content(snapshot))
        }
    }

    /// Pins the fork's head; where its live journal is damaged, what is sealed.
    private mutating func pin(_ row: ForkRow) throws(ForkError) -> Pin {
        do throws(ForkError) {
            return try store.pinHeadPatiently(of: row.id, name: row.name)
        } catch {
            guard error.code == .damaged else { throw error }
            let pin = try store.pins.take(isBesideDamage: true) { () throws(ForkError) in
                try store.row(of: row.id).snapshot
            }
            guard let pin else { throw error }
            note(
                error,
                .init(fork: row.name, from: try store.end(ofLive: row), streams: .every))
            return pin
        }
    }

    /// A journal that was durable once and has no file, as a power cut or a hand may leave it: its
    /// row alone does not tell that it was started (rule 5), but forks made of its events do.
    private mutating func checkHead(of row: ForkRow, at head: Position) {
        guard let base = bases[row.liveJournal.overlay], base > head else { return }
        var touch = DamageLedger.Touch(fork: row.name, streams: .every)
        touch.show(head..<base)
        let error = row.liveJournal.damage(
            at: nil, "it ends at position \(head), and a fork was made of all below \(base)")
        note(ForkError(error), touch)
    }

    /// Whether all that is flushed was found right.
    private mutating func verifyRoot(
        of snapshot: SnapshotRecord, fork: String
    ) throws(ForkError) -> Bool {
        guard let root = snapshot.root, !wholeRoots.contains(root) else { return true }
        let finding = try examine(root)
        objects.formUnion(finding.objects)
        if !finding.isMapped { isMapped = false }
        if finding.isWhole {
            wholeRoots.insert(root)
            return true
        }
        for (object, range) in finding.touched.sorted(by: { $0.key < $1.key }) {
            // The list of what is wrong with each is bounded; that it is wrong is known of all.
            ledger.note(
                verification.damages[object]
                    ?? .damaged(.init(path: object.path, offset: nil, reason: "it is not whole")))
            var touch = DamageLedger.Touch(
                fork: fork, streams: .object(object, root, below: snapshot.rootEnd))
            touch.show(range?.clamped(to: Position.zero..<snapshot.rootEnd))
            // What lies beyond the cut is no part of this fork. Nodes are, whatever they name.
            if object.kind != .nodes, touch.from == nil { continue }
            ledger.touch(object.path, touch)
        }
        return false
    }

    private mutating func examine(_ root: ManifestRoot) throws(ForkError) -> RootFinding {
        if let known = findings[root] { return known }
        let finding = try lifting { () throws(StorageError) in
            try store.segments.examine(root, &verification, isQuick: isQuick)
        }
        if !finding.isWhole, findings.count < Self.findingCountMax { findings[root] = finding }
        return finding
    }

    /// What is not flushed; nil where any of its journals is damaged.
    private mutating func readTail(
        of snapshot: SnapshotRecord, fork: String
    ) throws(ForkError) -> Tail? {
        do throws(ForkError) {
            return try store.loadTail(snapshot)
        } catch {
            guard error.code == .damaged else { throw error }
        }
        for piece in snapshot.pieces {
            var good = piece.positions.lowerBound
            do throws(StorageError) {
                try Journal.read(
                    piece, seed: store.record.seed, fileSystem: store.fileSystem
                ) { (frame) throws(StorageError) in
                    good = max(good, frame.positions.upperBound)
                }
            } catch {
                // What is below the bad frame is there, and what is behind it is lost.
                guard error.isDamage else { throw ForkError(error) }
                let end = piece.positions.upperBound
                var touch = DamageLedger.Touch(fork: fork, streams: .every)
                touch.show(min(good, end)..<end)
                note(ForkError(error), touch)
            }
        }
        return nil
    }

    /// Invariant 3 across the seam: each stream goes on in the tail where the root leaves it.
    private mutating func checkTail(
        _ tail: Tail, on root: RootHold, fork: String
    ) throws(ForkError) -> Bool {
        for stream in tail.streams() {
            let expected = try stream.name.span.withUnsafeBytes { (name) throws(ForkError) in
                try root.nextVersion(of: stream.hash, name: name) ?? .zero
            }
            if stream.versions.lowerBound == expected { continue }
            let name = String(decoding: stream.name, as: UTF8.self)
            let error = ForkError(
                .damaged,
                "stream '\(name)' of fork '\(fork)' goes on at version"
                    + " \(stream.versions.lowerBound), and has \(expected) events before")
            note(error, .init(fork: fork, streams: .one(name)))
            return false
        }
        return true
    }

    /// Marks what a snapshot names as in use, without verifying it.
    private mutating func reach(_ snapshot: SnapshotRecord) throws(ForkError) {
        for piece in snapshot.pieces { journals.insert(piece.journal) }
        guard let root = snapshot.root, !wholeRoots.contains(root) else { return }
        let survey = try lifting { () throws(StorageError) in try store.segments.survey(root) }
        objects.formUnion(survey.objects)
        if !survey.isWhole { isMapped = false }
    }

    /// Keeps damage, with what it touches.
    private mutating func note(_ error: ForkError, _ touch: DamageLedger.Touch) {
        var path: String?
        if case .damaged(let damage) = error.underlying { path = damage.path }
        let description = error.underlying.map { "\($0)" } ?? error.message
        ledger.note(description, path: path)
        ledger.touch(path ?? description, touch)
    }
}

extension Store {
    /// Pins a fork's head, however often row and word move, for ten seconds.
    fileprivate func pinHeadPatiently(of fork: ForkID, name: String) throws(ForkError) -> Pin {
        let start = environment.time.sinceBoot()
        while true {
            do throws(ForkError) {
                if let pin = try pinHead(of: fork, isBesideDamage: true) { return pin }
            } catch {
                guard error.code == .changed else { throw error }
            }
            try pause(since: start, for: fork, name)
        }
    }

    /// The position after the last good frame of a fork's live journal.
    fileprivate func end(ofLive row: ForkRow) throws(ForkError) -> Position {
        var end = row.snapshot.cut
        let journal = Journal(row.liveJournal, seed: record.seed, fileSystem: fileSystem)
        do throws(StorageError) {
            try journal.read(upTo: .max) { (frame) throws(StorageError) in
                end = max(end, frame.positions.upperBound)
            }
        } catch {
            guard error.isDamage else { throw ForkError(error) }
        }
        return end
    }

    /// What a living reader holds; nil where it is done, or writes that just now.
    fileprivate func readPin(_ path: String) throws(ForkError) -> SnapshotRecord? {
        do throws(StorageError) {
            let file = try fileSystem.open(path, for: .read)
            let count = try Int(min(file.byteCount(), UInt64(PinFormat.byteCountMax)))
            let buffer = UnsafeMutableRawBufferPointer.allocate(
                byteCount: count, alignment: 8)
            defer { buffer.deallocate() }
            let read = try file.read(into: buffer, at: 0)
            return read == 0 ? nil : try PinFormat.decode(Array(buffer.prefix(read)), path: path)
        } catch {
            guard error.isDamage || error.isNotFound else { throw ForkError(error) }
            return nil
        }
    }
}
