// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, rules. Rules 6 to 9 as checks: rows, points, publishing and reuse.
import ForkEngine
import SegmentStore

extension RuleCheck {
    static let rules6To9 = [
        rule6Generations, rule6Flush, rule6Word, rule7, rule8, rule8Donor, rule9Revived,
        rule9Durable,
    ]

    package static let rule6Generations = RuleCheck(
        "rule 6: every change of a row is conditional on its generation",
        against: .generationsAreIgnored
    ) { world in
        let (first, second) = (try world.start(), try world.start())
        try first.fork("f")
        func row(_ process: RuleProcess) throws -> ForkRow {
            let row = try process.store.catalog.read { catalog throws(ForkError) in
                try catalog.fork(named: "f")
            }
            guard let row else { throw RuleBroken("'f' is gone") }
            return row
        }
        let stale = try row(second)
        try first.write(0..<2, to: "f").close()
        let update = try failure {
            try second.store.catalog.write { transaction throws(ForkError) in
                try transaction.update(stale)
            }
        }
        try require(update?.code == .changed, "a stale row was written")
        let removal = try failure {
            try second.store.catalog.write { transaction throws(ForkError) in
                try transaction.remove(stale)
            }
        }
        try require(removal?.code == .changed, "a row was removed by who knew a stale one")
        try require(try first.history(of: "f") == RuleWorld.lines(0..<2), "events are lost")
    }

    package static let rule6Flush = RuleCheck(
        "rule 6: a flush commits root, cut and journals together",
        against: .flushedRootsAreForgotten
    ) { world in
        var count = 0
        let outcomes: [SimulatedCatalog.Fault?] = [
            nil, .killBeforeCommit, .killAfterCommit, .killInCommit, nil,
        ]
        for fault in outcomes {
            let process = try world.start()
            let writer = try process.write(count..<count + 4)
            count += 4
            // The flush is the second commit: the first one seals the journal.
            process.step.next(.afterCommit) { if let fault { process.catalog.arm(fault) } }
            let refused = try failure { try writer.flush() }
            try require((refused != nil) == (fault != nil), "\(refused as Any)")
            process.kill()
            let history = try world.start(isHonest: true).history(of: "main")
            try require(history == RuleWorld.lines(0..<count), "after \(fault as Any): \(history)")
        }
    }

    package static let rule6Word = RuleCheck(
        "rule 6: the word is read inside the write transaction", against: .liveWordsAreStale
    ) { world in
        let owner = try world.start(isHonest: true)
        let creator = try world.start()
        let writer = try owner.write(0..<2)
        try creator.fork("first")
        let findings = Findings()
        creator.step.next(.beforeWrite) {
            findings.record { _ = try owner.append(2..<4, with: writer) }
        }
        try creator.fork("second")
        try findings.check()
        let reader = try world.start(isHonest: true)
        let second = try reader.history(of: "second")
        try require(second == RuleWorld.lines(0..<4), "acknowledged, and not in it: \(second)")
        try require(try reader.history(of: "first") == RuleWorld.lines(0..<2), "'first' grew")
    }

    package static let rule7 = RuleCheck(
        "rule 7: a place counts only while the same overlay owns it", against: .ownersAreConfused
    ) { world in
        let process = try world.start()
        try process.write(0..<6).close()
        let other = try world.start(isHonest: true)
        let findings = Findings()
        // Between the look and the transaction another process takes the fork back to event 2,
        // and other events follow.
        process.step.next(.beforeWrite) {
            findings.record {
                try other.rewindMain(to: 2)
                try other.write(50..<55).close()
            }
        }
        // Up to this time there were four events when it was looked up, and there are two now.
        let refused = try failure {
            try process.fork("child", from: "main@1970-01-01T00:00:03Z")
        }
        try findings.check()
        if let refused { return try require(refused.code == .changed, "\(refused)") }
        let child = try process.history(of: "child")
        try require(child == RuleWorld.lines(0..<2), "made of events that nobody chose: \(child)")
    }

    package static let rule8 = RuleCheck(
        "rule 8: nothing is collected between publishing and its commit",
        against: .publishLocksAreGranted
    ) { world in
        let (publisher, collector) = (try world.start(), try world.start())
        let writer = try publisher.write(0..<5)
        let findings = Findings()
        publisher.step.next(.afterCommit) {
            publisher.step.next(.beforeWrite) {
                findings.record {
                    let objects = try world.files(in: StoreLayout.objects)
                    try require(!objects.isEmpty, "nothing was published yet")
                    let refused = try failure { try collector.store.collect() }
                    let left = try world.files(in: StoreLayout.objects)
                    try require(left == objects, "what was being published was collected")
                    try require(refused?.code == .timedOut, "collected: \(refused as Any)")
                }
            }
        }
        try writer.flush()
        try findings.check()
        try require(try collector.history(of: "main") == RuleWorld.lines(0..<5), "events are lost")
        _ = try collector.store.collect()
    }

    package static let rule9Revived = RuleCheck(
        "rule 9: what a publisher found and took is not collected",
        against: .revivalsAreForgotten, .revivalsAreDenied
    ) { world in
        let (publisher, collector) = (try world.start(), try world.start())
        let main = try publisher.write(0..<6)
        try publisher.fork("first")
        try publisher.fork("second")
        let first = try publisher.store.openWriter(named("first"))
        try first.flush()
        try first.close()
        try publisher.store.drop(named("first"))
        let second = try publisher.store.openWriter(named("second"))
        // The collector has its snapshot, in which nothing reaches the objects; before its first
        // batch the second child flushes the same events.
        let findings = Findings()
        let exclusiveCount = Shared(0)
        world.disk.hooks.beforeCall = { process, call in
            guard process == collector.fileSystem.process,
                case .lock("locks", 2..<3, .exclusive) = call
            else { return }
            exclusiveCount.value += 1
            if exclusiveCount.value == 2 { findings.record { try second.flush() } }
        }
        _ = try collector.store.collect()
        world.disk.hooks.beforeCall = nil
        try findings.check()
        let reader = try world.start(isHonest: true)
        try require(
            try reader.history(of: "second") == RuleWorld.lines(0..<6), "events are lost")
        let report = try reader.store.verify()
        try require(report.isSound, "\(report.damages)")
        withExtendedLifetime(main) {}
    }

    package static let rule9Durable = RuleCheck(
        "rule 9: what a publisher found and took is durable", against: .objectFolderSyncsAreLost
    ) { world in
        let owner = try world.start(isHonest: true)
        try owner.write(0..<6).close()
        try owner.fork("first")
        try owner.fork("second")
        // Killed behind the link of each object in turn, before its folder is synced.
        for number in 1..<4 {
            let victim = try world.start(isHonest: true)
            let writer = try victim.store.openWriter(named("first"))
            let left = Shared(number)
            world.disk.add(
                .next(.kill) { call in
                    guard case .syncFolder(let path) = call, path.hasPrefix("objects/") else {
                        return false
                    }
                    left.value -= 1
                    return left.value == 0
                })
            _ = try failure { try writer.flush() }
            victim.kill()
            world.disk.removeFaults()
        }
        let publisher = try world.start()
        let writer = try publisher.store.openWriter(named("second"))
        try writer.flush()
        try writer.close()
        let after = try world.afterPowerCut().start(isHonest: true)
        try require(
            try after.history(of: "second") == RuleWorld.lines(0..<6), "events are lost")
    }
}

extension RuleProcess {
    /// What a rewind of `main` will do: a new overlay over a lower cut. The fork has no writer.
    fileprivate func rewindMain(to cut: UInt64) throws {
        let cut = Position(cut)
        try store.catalog.write { transaction throws(ForkError) in
            guard var row = try transaction.fork(.main) else {
                throw ForkError(.notFound, "main is gone")
            }
            let overlay = try transaction.nextOverlayID()
            try transaction.insert(
                OverlayRow(
                    id: overlay, below: row.snapshot.overlay, base: cut, owner: row.id, depth: 1))
            row.snapshot = row.snapshot.trimmed(to: cut, logicalByteCount: 0)
            row.snapshot.overlay = overlay
            row.liveJournal = JournalID(overlay: overlay, number: 0)
            row.epoch = try transaction.nextEpoch()
            try transaction.update(row)
        }
    }
}
