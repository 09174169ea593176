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
    /// Objects that a repair could not bring back, and in which nothing more is wrong, the first
    /// hundred that were read now.
    public internal(set) var knownLosses: [String] = []
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
    /// Verifies every reachable object, and of pending journals all that was acknowledged, from where
    /// the last scrub was stopped to the end.
    ///
    /// `byteCountPerSecond`: read at most, over any time longer than one object takes; nil: no
    /// bound. `isInterrupted` is asked between objects and while waiting. Memory: 80 bytes a
    /// file. Damage is in the report. Throws `busy` where another scrub of this store runs, `system`,
    /// `denied` and `noSpace`.
    public func scrub(
        byteCountPerSecond: UInt64? = nil, isInterrupted: () -> Bool = { false },
        progress: (BackupProgress) -> Void = { _ in }
    ) throws(ForkError) -> ScrubReport {
        // Two would each keep the place of its own, and the later save forget what the other read.
        guard let lock = try locks.take(StoreLocks.scrub, .exclusive, waiting: .never) else {
            let holder = try locks.openFile().lockHolderText(
                of: StoreLocks.scrub, against: .exclusive)
            throw ForkError(
                .busy,
                "\(holder) scrubs this store: wait until that scrub is done, or stop it")
        }
        defer { lock.release() }
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
    /// What could not be read, and may have been collected meanwhile.
    private var suspects: [(place: ScrubPlace, error: StorageError)] = []
    /// What a repair knows to be lost, with what is wrong with each.
    private let known: [ObjectID: String]

    private static let saveByteCount: UInt64 = 64 << 20
    private static let damageCountMax = 100
    private static let suspectCountMax = 4_096

    init(store: Store, byteCountPerSecond: UInt64?) throws(ForkError) {
        self.store = store
        let kept = try onScrubState { () throws(StorageError) in
            try ScrubState.read(store.fileSystem)
        }
        known = try lifting { () throws(StorageError) in
            try Quarantine(fileSystem: store.fileSystem).acknowledged()
        }
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
        let reach = try ScrubReach(of: store)
        for place in reach.places(from: state.next) {
            state.next = place
            if isInterrupted() { return try stop() }
            let byteCount = try read(place, reach)
            report.byteCount += byteCount
            pace.spend(byteCount, isInterrupted: isInterrupted)
            progress(done)
            unsavedByteCount += byteCount
            if unsavedByteCount >= Self.saveByteCount { try save() }
        }
        try settle()
        report.isComplete = true
        report.damageCount = state.damageCount
        let ended = store.clock.now()
        state = ScrubState(begun: state.begun, lastEnded: ended)
        report.lastEnded = ended
        try save()
        return report
    }

    private var done: BackupProgress {
        var done = BackupProgress()
        done.fileCount = UInt64(report.objectCount + report.journalCount)
        done.byteCount = report.byteCount
        return done
    }

    private mutating func stop() throws(ForkError) -> ScrubReport {
        try settle()
        report.damageCount = state.damageCount
        try save()
        return report
    }

    /// Keeps the place; that of the first suspect, which a scrub after a kill then finds again.
    private mutating func save() throws(ForkError) {
        unsavedByteCount = 0
        var state = state
        if let first = suspects.first { state.next = first.place }
        let kept = state
        try onScrubState { () throws(StorageError) in try kept.write(store.fileSystem) }
    }

    /// Reads a file and verifies it; answers how many bytes that took.
    private mutating func read(
        _ place: ScrubPlace, _ reach: ScrubReach
    ) throws(ForkError) -> UInt64 {
        var byteCount: UInt64 = 0
        do throws(StorageError) {
            switch place {
            case .object(let object):
                report.objectCount += 1
                byteCount = try store.segments.objects.byteCount(of: object) ?? 0
                try store.segments.objects.open(object).verify()
            case .journal(let journal):
                report.journalCount += 1
                byteCount = reach.byteEnd(of: journal)
                let file = Journal(journal, seed: store.record.seed, fileSystem: store.fileSystem)
                try file.read(upTo: byteCount) { _ throws(StorageError) in }
            }
        } catch {
            guard error.isDamage else { throw ForkError(error) }
            suspects.append((place, error))
            if suspects.count >= Self.suspectCountMax { try settle() }
        }
        return byteCount
    }

    /// Whether just that is wrong with an object that a repair could do nothing about.
    private func isKnown(_ place: ScrubPlace) throws(ForkError) -> Bool {
        guard case .object(let object) = place, let fault = known[object] else { return false }
        return try lifting { () throws(StorageError) in
            try store.segments.fault(of: object) ?? "content" == fault
        }
    }

    /// Tells of the suspects that forks reach still, by one walk for all of them.
    private mutating func settle() throws(ForkError) {
        guard !suspects.isEmpty else { return }
        let reach = try ScrubReach(of: store)
        for (place, error) in suspects where reach.contains(place) {
            if try isKnown(place) {
                if report.knownLosses.count < Self.damageCountMax {
                    report.knownLosses.append("\(error)")
                }
                continue
            }
            state.damageCount += 1
            if report.damages.count < Self.damageCountMax { report.damages.append("\(error)") }
        }
        suspects = []
    }
}

/// Runs work on the files that keep the place.
private func onScrubState<Result>(
    _ body: () throws(StorageError) -> Result
) throws(ForkError) -> Result {
    do throws(StorageError) {
        return try body()
    } catch {
        guard error.isNoFile, case .fileSystem(let failure) = error else { throw ForkError(error) }
        throw ForkError(
            .denied,
            "'\(failure.path)' in the store's folder is not the file in which a scrub keeps its"
                + " place: remove it, and the scrub begins again", underlying: error)
    }
}
