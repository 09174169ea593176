// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, rules. Rules 1 to 5 as checks: one writer, its word, its journals.
import ForkEngine
import SegmentStore

extension RuleCheck {
    static let rules1To5 = [
        rule1, rule2Fence, rule2Order, rule3Recovered, rule3FailedSync, rule4Sealed, rule4Word,
        rule4Frames, rule4ByTheCatalog, rule4ByAnOverlay, rule4ReadError, rule5Named, rule5Absent,
    ]

    package static let rule1 = RuleCheck("rule 1: one writer", against: .writerLocksAreGranted) {
        world in
        let (first, second) = (try world.start(), try world.start())
        let writer = try first.write(0..<1)
        let refused = try failure { try second.store.openWriter(.main) }
        try require(refused?.code == .busy, "two processes write to main")
        try first.append(1..<2, with: writer)
        first.kill()
        try second.append(2..<3, with: second.store.openWriter(.main)).close()
        try require(
            try second.history(of: "main") == RuleWorld.lines(0..<3), "a writer was cut off")
    }

    package static let rule2Fence = RuleCheck(
        "rule 2: a forced operation is final", against: .fencesAreDropped
    ) { world in
        let (owner, other) = (try world.start(), try world.start())
        try owner.fork("f")
        let writer = try owner.write(0..<1, to: "f")
        try other.store.drop(named("f"))
        let refused = try failure { try owner.append(1..<2, with: writer) }
        try require(refused?.code == .notFound, "acknowledged in a fork that is gone")
        // A drop that did not come about leaves a fence, and the writer goes on.
        try owner.fork("g")
        let second = try owner.write(0..<1, to: "g")
        other.catalog.arm(.failCommitUndone)
        try require(try failure { try other.store.drop(named("g")) } != nil, "the commit failed")
        try owner.append(1..<3, with: second)
        try require(try other.history(of: "g") == RuleWorld.lines(0..<3), "the fence stayed")
    }

    package static let rule2Order = RuleCheck(
        "rule 2: the word moves after the sync", against: .journalSyncsComeLate
    ) { world in
        let owner = try world.start()
        let creator = try world.start(isHonest: true)
        let writer = try owner.write(0..<1)
        let findings = Findings()
        let hasMoved = Shared(false)
        // As soon as the word moved a child may be made of all it says, and the power be cut.
        world.disk.hooks.beforeCall = { process, call in
            guard process == owner.fileSystem.process, !findings.isOver else { return }
            if case .compareExchangeWord("live", _) = call { return hasMoved.value = true }
            guard hasMoved.value else { return }
            hasMoved.value = false
            findings.record {
                try creator.fork("child")
                let after = try world.afterPowerCut().start(isHonest: true)
                let child = try after.history(of: "child")
                try require(child == RuleWorld.lines(0..<2), "the child has \(child)")
            }
        }
        try owner.append(1..<3, with: writer)
        world.disk.hooks.beforeCall = nil
        try findings.check()
    }

    package static let rule3Recovered = RuleCheck(
        "rule 3: what a recovery keeps is durable before anybody sees it",
        against: .recoverySyncsAreLost
    ) { world in
        let victim = try world.start()
        let writer = try victim.write(0..<1)
        world.disk.add(.next(.kill) { $0.isSync && $0.path.hasPrefix("journals/") })
        _ = try failure { try victim.append(1..<2, with: writer) }
        victim.catalog.kill()
        let reader = try world.start()
        let seen = try reader.history(of: "main")
        try require(seen.first == RuleWorld.lines(0..<1).first, "acknowledged and lost")
        let sealed = try world.bytes(of: "journals/\(try world.journalName(0))")
        try reader.write(2..<4).close()
        let now = try world.bytes(of: "journals/\(try world.journalName(0))")
        try require(now == sealed, "a sealed journal was written to")
        let after = try world.afterPowerCut().start(isHonest: true)
        let left = try after.history(of: "main")
        try require(Array(left.prefix(seen.count)) == seen, "seen \(seen), left \(left)")
    }

    package static let rule3FailedSync = RuleCheck(
        "rule 3: after a failed sync nothing is believed",
        against: .journalSyncFailuresAreSwallowed
    ) { world in
        let owner = try world.start()
        let writer = try owner.write(0..<1)
        world.disk.add(
            .next(.failLosingDirtyPages(code: 5)) { $0.isSync && $0.path.hasPrefix("journals/") })
        let refused = try failure { try owner.append(1..<2, with: writer) }
        let reader = try world.start(isHonest: true)
        var seen = [try reader.history(of: "main")]
        try require(
            refused == nil || (try failure { try owner.append(2..<3, with: writer) }) != nil,
            "a writer goes on after a failed sync")
        owner.kill()
        seen.append(try reader.history(of: "main"))
        let after = try world.afterPowerCut().start(isHonest: true)
        let left = try after.history(of: "main")
        for seen in seen {
            try require(Array(left.prefix(seen.count)) == seen, "seen \(seen), left \(left)")
        }
        try require(refused != nil || left.count >= 2, "acknowledged and lost: \(left)")
    }

    package static let rule4Sealed = RuleCheck(
        "rule 4: a bad frame below a sealed end is damage", against: .sealedEndsAreForgotten
    ) { world in
        let process = try world.start()
        try process.write(0..<3).close()
        try world.damageEvent(2)
        try requireDamage(of: "main", in: world.afterPowerCut(keepingUnsynced: true))
        try requireDamage(of: "main", in: world)
    }

    package static let rule4Word = RuleCheck(
        "rule 4: a bad frame below the end that the live word states is damage",
        against: .liveWordsAreForgotten
    ) { world in
        let owner = try world.start(isHonest: true)
        let writer = try owner.write(0..<3)
        owner.kill()
        withExtendedLifetime(writer) {}
        try world.damageEvent(2)
        try requireDamage(of: "main", in: world)
        let other = try world.start()
        let refused = try failure { try other.store.openWriter(.main) }
        try require(refused?.code == .damaged, "opened for writing: \(refused as Any)")
    }

    /// No seam can break this: a frame's end is in the frame, and the frame has its checksum.
    package static let rule4Frames = RuleCheck("rule 4: later frames tell damage from a torn tail")
    {
        world in
        let owner = try world.start()
        let writer = try owner.write(0..<3)
        withExtendedLifetime(writer) {}
        // Nothing but the journal says what was durable.
        let torn = world.afterPowerCut(keepingUnsynced: true)
        try torn.damageEvent(2)
        let left = try torn.start().history(of: "main")
        try require(left == RuleWorld.lines(0..<2), "a torn tail took \(left)")
        let damaged = world.afterPowerCut(keepingUnsynced: true)
        try damaged.damageEvent(0)
        try requireDamage(of: "main", in: damaged)
    }

    package static let rule4ByTheCatalog = RuleCheck(
        "rule 4: a bad frame below where any fork cuts the journal is damage",
        against: .cutsAreForgotten
    ) { world in
        let (owner, creator) = (try world.start(isHonest: true), try world.start(isHonest: true))
        let writer = try owner.write(0..<2)
        try creator.fork("early")
        try owner.append(2..<3, with: writer)
        withExtendedLifetime(writer) {}
        // After a power cut no word says what was acknowledged, and the last frame has none
        // behind it: only a fork that was made after it says that it was durable. These begin
        // below it, and cut the journal where it ended.
        try creator.fork("child", from: "main@1")
        try creator.fork("grandchild", from: "child")
        try creator.store.drop(named("child"))
        let name = try world.journalName(0)
        let whole = world.afterPowerCut(keepingUnsynced: true)
        try require(
            try whole.start().history(of: "main") == RuleWorld.lines(0..<3), "a cut lost events")
        let flipped = world.afterPowerCut(keepingUnsynced: true)
        try flipped.damageEvent(2)
        let ended = world.afterPowerCut(keepingUnsynced: true)
        let bytes = try world.bytes(of: "journals/\(name)")
        let end = try ended.startOfEvent(2, in: bytes)
        try ended.replace("journals/\(name)", with: Array(bytes.prefix(end)))
        let zeroed = world.afterPowerCut(keepingUnsynced: true)
        try zeroed.replace(
            "journals/\(name)",
            with: Array(bytes.prefix(end)) + [UInt8](repeating: 0, count: bytes.count - end))
        for damaged in [flipped, ended, zeroed] {
            try requireDamage(of: "main", in: damaged)
            let refused = try failure { try damaged.start().store.openWriter(.main) }
            try require(refused?.code == .damaged, "opened for writing: \(refused as Any)")
        }
        // Without that fork nothing says that the event was durable.
        try creator.store.drop(named("grandchild"))
        let torn = world.afterPowerCut(keepingUnsynced: true)
        try torn.damageEvent(2)
        let left = try torn.start().history(of: "main")
        try require(left == RuleWorld.lines(0..<2), "a torn tail took \(left)")
    }

    package static let rule4ByAnOverlay = RuleCheck(
        "rule 4: a bad frame below where another overlay begins is damage",
        against: .basesAreForgotten
    ) { world in
        let owner = try world.start(isHonest: true)
        let main = try owner.write(0..<5)
        try owner.fork("child")
        // Once the child has flushed what it inherited, its row names main's journal no more.
        let child = try owner.write(10..<12, to: "child")
        try child.flush()
        try child.close()
        withExtendedLifetime(main) {}
        let whole = world.afterPowerCut()
        try require(
            try whole.start().history(of: "main") == RuleWorld.lines(0..<5), "a base lost events")
        let flipped = world.afterPowerCut()
        try flipped.damageEvent(4)
        let emptied = world.afterPowerCut()
        try emptied.damageEvent(0)
        try owner.store.drop(named("child"))
        // Its overlay stays until it is collected.
        let dropped = world.afterPowerCut()
        try dropped.damageEvent(4)
        for damaged in [flipped, emptied, dropped] {
            try requireDamage(of: "main", in: damaged)
            let refused = try failure { try damaged.start().store.openWriter(.main) }
            try require(refused?.code == .damaged, "opened for writing: \(refused as Any)")
        }
        let lines = try flipped.start().history(of: "child")
        try require(lines.count == 7, "the child is not readable: \(lines)")
        _ = try owner.store.collect()
        let torn = world.afterPowerCut()
        try torn.damageEvent(4)
        let left = try torn.start().history(of: "main")
        try require(left == RuleWorld.lines(0..<4), "a torn tail took \(left)")
    }

    package static let rule4ReadError = RuleCheck(
        "rule 4: a read error is never a torn tail", against: .journalReadFailuresAreSwallowed
    ) { world in
        let owner = try world.start(isHonest: true)
        let writer = try owner.write(0..<3)
        withExtendedLifetime(writer) {}
        let world = world.afterPowerCut()
        let process = try world.start()
        world.disk.add(
            Fault(.fail(code: 5), isPermanent: true) { call, _ in
                if case .read(let path, _, _) = call { path.hasPrefix("journals/") } else { false }
            })
        let refused = try failure { try process.history(of: "main") }
        try require(refused?.code == .damaged, "read in spite of it: \(refused as Any)")
        world.disk.removeFaults()
        try require(
            try process.history(of: "main") == RuleWorld.lines(0..<3), "the error cost events")
    }

    package static let rule5Named = RuleCheck(
        "rule 5: a journal is named before its file exists, and only a collection unlinks it",
        against: .journalsAreNotNamed
    ) { world in
        let findings = Findings()
        let isCollecting = Shared(false)
        world.disk.hooks.beforeCall = { _, call in
            guard call.path.hasPrefix("journals/") else { return }
            if case .create(let path) = call {
                let named = world.catalogDisk.committed.forks.values.map(\.liveJournal.path)
                findings.record { try require(named.contains(path), "\(path) is nobody's") }
            }
            if case .remove(let path) = call, !isCollecting.value {
                findings.record { throw RuleBroken("\(path) was unlinked") }
            }
        }
        let process = try world.start()
        let main = try process.write(0..<3)
        try main.flush()
        try process.append(3..<6, with: main)
        try process.fork("child")
        let child = try process.write(6..<9, to: "child")
        try child.flush()
        try child.close()
        try main.close()
        try process.store.drop(named("child"))
        try process.write(6..<9).close()
        isCollecting.value = true
        _ = try process.store.collect()
        world.disk.hooks.beforeCall = nil
        try findings.check()
        try require(try process.history(of: "main") == RuleWorld.lines(0..<9), "events are lost")
    }

    package static let rule5Absent = RuleCheck(
        "rule 5: a journal that is known to have started and is absent is damage",
        against: .liveWordsAreForgotten
    ) { world in
        let owner = try world.start(isHonest: true)
        let writer = try owner.write(0..<3)
        owner.kill()
        withExtendedLifetime(writer) {}
        try world.disk.makeProcess().remove("journals/\(try world.journalName(0))")
        try requireDamage(of: "main", in: world)
        let other = try world.start()
        let refused = try failure { try other.store.openWriter(.main) }
        try require(refused?.code == .damaged, "opened for writing: \(refused as Any)")
    }

    /// A reader, and a creator, are told of damage.
    private static func requireDamage(of fork: String, in world: RuleWorld) throws {
        let process = try world.start()
        let refused = try failure { try process.history(of: fork) }
        try require(refused?.code == .damaged, "read in spite of damage: \(refused as Any)")
    }
}

extension RuleWorld {
    /// The name of the journal that was made as the n-th.
    package func journalName(_ index: Int) throws -> String {
        let names = try disk.makeProcess().list(StoreLayout.journals)
        guard index < names.count else { throw RuleBroken("there are journals \(names) alone") }
        return names[index]
    }
}
