// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, scrubbing. Reads back what forks reach, object by object in the order of their
// addresses, at a rate, and goes on where it was stopped (invariants 6, 10). It holds no pin: what a
// collection takes away meanwhile is no damage.
public import SegmentStore

/// What a scrub read, and found.
public struct ScrubReport: Hashable, Sendable {
    public internal(set) var objectCount = 0
    public internal(set) var journalCount = 0
    public internal(set) var byteCount: UInt64 = 0
    /// What was found now, as sentences, the first hundred.
    public internal(set) var damages: [String] = []
    /// All of this pass, what earlier sittings found included.
    public internal(set) var damageCount: UInt64 = 0
    /// Whether the pass came to its end; else the next one goes on here.
    public internal(set) var isComplete = false
    /// Whether it went on where another was stopped.
    public internal(set) var isResumed = false
    /// When the pass began.
    public internal(set) var begun: Timestamp
    /// When one last came to its end, this one included; nil: never.
    public internal(set) var lastEnded: Timestamp?
}

extension Store {
    /// Verifies every reachable object, and what is sealed of pending journals, from where the last
    /// scrub was stopped to the end.
    ///
    /// `byteCountPerSecond`: read at most, over any time longer than one object takes; nil: no
    /// bound. `isInterrupted` is asked between objects and while waiting. Memory: 40 bytes an
    /// object. Throws `system` and `noSpace` alone: damage is in the report.
    public func scrub(
        byteCountPerSecond: UInt64? = nil, isInterrupted: () -> Bool = { false },
        progress: (BackupProgress) -> Void = { _ in }
    ) throws(ForkError) -> ScrubReport {
        var scrubbing = try Scrubbing(store: self, byteCountPerSecond: byteCountPerSecond)
        return try scrubbing.run(isInterrupted, progress)
    }
}

private struct Scrubbing {
    let store: Store
    private var state: ScrubState
    private var report: ScrubReport
    private var pace: ScrubPace
    private var unsavedByteCount: UInt64 = 0

    private static let saveByteCount: UInt64 = 64 << 20
    private static let damageCountMax = 100

    init(store: Store, byteCountPerSecond: UInt64?) throws(ForkError) {
        self.store = store
        let kept = try lifting { () throws(StorageError) in try ScrubState.read(store.fileSystem) }
        state = kept ?? ScrubState(begun: store.clock.now())
        if state.next == nil {
            state = ScrubState(begun: store.clock.now(), lastEnded: state.lastEnded)
        }
        report = ScrubReport(begun: state.begun, lastEnded: state.lastEnded)
        report.isResumed = state.next != nil
        pace = ScrubPace(byteCountPerSecond, time: store.environment.time)
    }

    mutating func run(
        _ isInterrupted: () -> Bool, _ progress: (BackupProgress) -> Void
    ) throws(ForkError) -> ScrubReport {
        let reach = try Reach(of: store)
        // A root that cannot be walked is told by the damage of its nodes.
        for object in reach.objects.sorted() {
            if let next = state.next, object < next { continue }
            state.next = object
            if isInterrupted() { return try stop() }
            try scrub(object)
            pace.spend(lastByteCount, isInterrupted: isInterrupted)
            progress(done)
            if unsavedByteCount >= Self.saveByteCount { try save() }
        }
        for (journal, byteEnd) in reach.journals.sorted(by: { $0.key < $1.key }) {
            if isInterrupted() { return try stop() }
            try scrub(journal, byteEnd)
            pace.spend(byteEnd, isInterrupted: isInterrupted)
            progress(done)
        }
        report.isComplete = true
        report.damageCount = state.damageCount
        let ended = store.clock.now()
        state = ScrubState(begun: state.begun, lastEnded: ended)
        report.lastEnded = ended
        try save()
        return report
    }

    private var lastByteCount: UInt64 = 0

    private var done: BackupProgress {
        var done = BackupProgress()
        done.fileCount = UInt64(report.objectCount + report.journalCount)
        done.byteCount = report.byteCount
        return done
    }

    private mutating func stop() throws(ForkError) -> ScrubReport {
        report.damageCount = state.damageCount
        try save()
        return report
    }

    private mutating func save() throws(ForkError) {
        unsavedByteCount = 0
        let state = state
        try lifting { () throws(StorageError) in try state.write(store.fileSystem) }
    }

    // MARK: One file

    private mutating func scrub(_ object: ObjectID) throws(ForkError) {
        do throws(StorageError) {
            lastByteCount = try store.segments.objects.byteCount(of: object) ?? 0
            try store.segments.objects.open(object).verify()
        } catch {
            guard error.isDamage else { throw ForkError(error) }
            guard try Reach(of: store).objects.contains(object) else { return }
            note(error)
        }
        report.objectCount += 1
        report.byteCount += lastByteCount
        unsavedByteCount += lastByteCount
    }

    private mutating func scrub(_ journal: JournalID, _ byteEnd: UInt64) throws(ForkError) {
        do throws(StorageError) {
            let file = Journal(journal, seed: store.record.seed, fileSystem: store.fileSystem)
            try file.read(upTo: byteEnd) { _ throws(StorageError) in }
        } catch {
            guard error.isDamage else { throw ForkError(error) }
            guard try Reach(of: store).journals[journal] != nil else { return }
            note(error)
        }
        report.journalCount += 1
        report.byteCount += byteEnd
    }

    private mutating func note(_ error: StorageError) {
        state.damageCount += 1
        if report.damages.count < Self.damageCountMax { report.damages.append("\(error)") }
    }
}

/// What forks reach now, as far as it can be read.
private struct Reach {
    var objects: Set<ObjectID> = []
    var journals: [JournalID: UInt64] = [:]

    init(of store: Store) throws(ForkError) {
        var roots = CollectionRoots()
        try store.catalog.read { catalog throws(ForkError) in
            try catalog.forEachFork(from: .main) { row throws(ForkError) in
                roots.add(row.snapshot)
                return true
            }
        }
        for root in roots.manifests {
            let survey = try lifting { () throws(StorageError) in try store.segments.survey(root) }
            objects.formUnion(survey.objects)
        }
        journals = roots.journals.filter { $0.value > 0 }
    }
}
