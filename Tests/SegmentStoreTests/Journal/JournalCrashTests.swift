// SPDX-License-Identifier: Apache-2.0
// Power cuts and kills at every call of a writer, and what recovery makes of each image.
import ForkTesting
import Glibc
import SegmentStore
import Testing

@Suite struct JournalCrashTests {
    /// One group: how many events each of its frames has, how large, and whether it is synced.
    private struct Group {
        var frames: [Int]
        var dataByteCount = 10
        var isSynced = true
    }

    private static let scripts: [[Group]] = [
        [Group(frames: [1])],
        [Group(frames: [2]), Group(frames: [1]), Group(frames: [1])],
        [Group(frames: [1, 2, 1]), Group(frames: [3, 1])],
        [
            Group(frames: [1], isSynced: false), Group(frames: [2]),
            Group(frames: [1], isSynced: false),
        ],
        // Across sectors, and across the steps of 4 and 16 KiB.
        [Group(frames: [3], dataByteCount: 700), Group(frames: [2, 2], dataByteCount: 900)],
        [Group(frames: [1]), Group(frames: [1, 1], dataByteCount: 9000), Group(frames: [1])],
    ]

    /// What a run of a script left behind: the disk as it is, and what was promised.
    private struct Run {
        let disk: SimulatedDisk
        var frames: [[SampleEvent]] = []
        var ends: [UInt64] = []
        var durableEnd: UInt64 = 0
        var wasCut = false
        /// Calls that the script made.
        var callCount = 0

        func journal(on disk: SimulatedDisk) -> Journal {
            Journal(JournalSample.id, seed: 1, fileSystem: disk.makeProcess())
        }
    }

    /// Runs a script until it ends or a fault stops it.
    private func run(_ script: [Group], _ fault: Fault?) throws -> Run {
        var run = Run(disk: SimulatedDisk())
        let setup = run.disk.makeProcess()
        try setup.createFolder("journals")
        try setup.syncFolder(".")
        let first = run.disk.counts.calls
        if let fault {
            run.disk.add(
                Fault(fault.effect, isPermanent: fault.isPermanent) { call, number in
                    fault.strikes(call, number - first)
                })
        }
        let writer = JournalWriter(
            journal: JournalSample.id, seed: 1, fileSystem: run.disk.makeProcess(),
            folderSync: .withFirstSync)
        var chain = FrameChain(
            journal: JournalSample.id, seed: 1, epoch: 1, firstPosition: .zero)
        do throws(StorageError) {
            for group in script {
                var batches: [EventBatch] = []
                for count in group.frames {
                    let events = (0..<count).map { index in
                        var event = SampleEvent("s\(run.frames.count)")
                        event.data = [UInt8](repeating: UInt8(index), count: group.dataByteCount)
                        return event
                    }
                    run.frames.append(events)
                    batches.append(try EventBatch(events))
                }
                let sealed = chain.seal(batches, durableEnd: writer.durableEnd)
                run.ends += sealed.frames.map { $0.byteEnd }
                try writer.append(sealed)
                if group.isSynced { try writer.sync() }
            }
        } catch {
            run.wasCut = true
            #expect(writer.isPoisoned)
        }
        run.durableEnd = writer.durableEnd
        run.callCount = run.disk.counts.calls - first
        return run
    }

    /// Invariant 1, and nothing invented: recovery keeps all that was synced, as a prefix of what
    /// was written, says the same again, and what it kept outlives the next power cut.
    private func check(_ run: Run, _ image: SimulatedDisk) throws {
        var kept: [[SampleEvent]] = []
        let recovered = try run.journal(on: image).recover(
            statedEnd: run.durableEnd, wasStarted: run.durableEnd > 0
        ) { (frame) throws(StorageError) in kept.append(try JournalSample.events(of: frame)) }
        #expect(recovered.byteEnd >= run.durableEnd)
        #expect(kept == Array(run.frames[0..<kept.count]))
        #expect(recovered.byteEnd == (kept.isEmpty ? 0 : run.ends[kept.count - 1]))

        let again = try run.journal(on: image).recover(
            statedEnd: run.durableEnd, wasStarted: false
        ) { _ in }
        #expect(again == recovered)

        let next = image.crashImage(keepingUnsynced: false)
        var sealed: [[SampleEvent]] = []
        try run.journal(on: next).read(upTo: recovered.byteEnd) { (frame) throws(StorageError) in
            sealed.append(try JournalSample.events(of: frame))
        }
        #expect(sealed == kept)
    }

    @Test(arguments: scripts.indices)
    func invariant1WhatWasSyncedSurvivesAPowerCutAtEveryCall(script: Int) throws {
        var imageCount = 0
        var call = 0
        while true {
            let run = try run(Self.scripts[script], .at(call, .kill))
            try check(run, run.disk.killImage())
            let images =
                run.disk.allCrashImages(limit: 400)
                ?? (0..<150).map { run.disk.crashImage(seed: UInt64($0)) }
            for image in images { try check(run, image) }
            imageCount += images.count
            if !run.wasCut { break }
            call += 1
        }
        #expect(imageCount > call)
    }

    @Test(arguments: scripts.indices)
    func rule3AFailedCallPoisonsAndNothingUnsyncedIsBelieved(script: Int) throws {
        for effect in [
            Fault.Effect.fail(code: EIO), .fail(code: ENOSPC), .failHalfway(code: EIO),
            .failLosingDirtyPages(code: EIO), .failLosingDirtyPages(code: EIO, seed: 5),
        ] {
            var call = 0
            while true {
                let run = try run(Self.scripts[script], .at(call, effect))
                // The page cache may hold what the disk never took; recovery must not keep it.
                try check(run, run.disk.killImage())
                for seed in 0..<10 { try check(run, run.disk.crashImage(seed: UInt64(seed))) }
                if call >= run.callCount { break }
                call += 1
            }
        }
    }

    @Test func recoveryThatIsCutItselfStartsAgain() throws {
        let run = try run(Self.scripts[2], .at(9, .kill))
        for seed in 0..<40 {
            let image = run.disk.crashImage(seed: UInt64(seed))
            for call in 0..<12 {
                image.removeFaults()
                let first = image.counts.calls
                image.add(Fault(.kill) { _, number in number - first == call })
                do throws(StorageError) {
                    _ = try run.journal(on: image).recover(
                        statedEnd: run.durableEnd, wasStarted: run.durableEnd > 0
                    ) { _ in }
                } catch {
                    #expect(error.errno == SimulatedDisk.killedCode)
                }
                image.removeFaults()
                try check(run, image.crashImage(seed: UInt64(call)))
            }
        }
    }

    @Test func aFullDiskStillTakesWhatFitsWithoutTheZerosAhead() throws {
        let disk = SimulatedDisk()
        let process = disk.makeProcess()
        try process.createFolder("journals")
        let writer = JournalWriter(
            journal: JournalSample.id, seed: 1, fileSystem: process, folderSync: .never)
        var chain = FrameChain(
            journal: JournalSample.id, seed: 1, epoch: 1, firstPosition: .zero)
        var large = SampleEvent("s")
        large.data = [UInt8](repeating: 1, count: 5000)
        // Two pages more than are in use, of the sixteen KiB that would be filled ahead.
        disk.resize(to: disk.usedByteCount + 3 * 4096)
        try writer.append(chain.seal([try EventBatch([large])], durableEnd: 0))
        try writer.sync()
        #expect(writer.durableEnd > 5000)
        let group = chain.seal([try EventBatch([large, large])], durableEnd: writer.durableEnd)
        #expect(throws: StorageError.self) { try writer.append(group) }
        #expect(writer.isPoisoned)
    }
}
