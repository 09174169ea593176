// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, rules. Rules 10 to 16 as checks: pins, clocks, unknown outcomes, collections.
import ForkEngine
import SegmentStore

extension RuleCheck {
    static let rules10To16 = [
        rule10, rule11, rule12Commit, rule12Ghost, rule14, rule14Floor, rule16, rule16Reserve,
        rule16Reading, rule16Collecting, rule16Sharing,
    ]

    package static let rule10 = RuleCheck(
        "rule 10: a reader's pin keeps what it reads",
        against: .pinsAreHidden, .pinsStayEmpty, .pinLocksAreNotHeld
    ) { world in
        let process = try world.start()
        try process.fork("f")
        let writer = try process.write(0..<300, to: "f")
        try writer.flush()
        try writer.close()
        let reader = try world.start()
        let view = try reader.store.view(at: point("f"))
        try process.store.drop(named("f"))
        let collector = try world.start()
        _ = try collector.store.collect()
        let objects = try world.files(in: StoreLayout.objects)
        try require(!objects.isEmpty, "a reader's objects were collected")
        try require(try view.transcript() == RuleWorld.lines(0..<300), "the view changed")
        // A reader that died holds nothing.
        reader.kill()
        _ = try collector.store.collect()
        try require(try world.inventory().count == 0, "\(try world.inventory()) are left")
        withExtendedLifetime(view) {}
    }

    package static let rule11 = RuleCheck(
        "rule 11: what is expired is a root until a commit says otherwise",
        against: .expiredForksAreHidden
    ) { world in
        let process = try world.start()
        let main = try process.write(0..<4)
        try process.fork("short", expiry: .after(nanoseconds: 60_000_000_000))
        let writer = try process.write(10..<14, to: "short")
        try writer.flush()
        try writer.close()
        // Its time ends while a collection runs, which has looked for expired forks already.
        let hasPassed = Shared(false)
        world.disk.hooks.beforeCall = { _, call in
            guard case .list("objects/00") = call, !hasPassed.value else { return }
            hasPassed.value = true
            world.time.step(nanoseconds: 61_000_000_000)
        }
        let report = try process.store.collect()
        world.disk.hooks.beforeCall = nil
        try require(hasPassed.value && report.reapedForks.isEmpty, "the clock did not pass")
        let sound = try world.start(isHonest: true).store.verify()
        try require(sound.isSound && sound.forkCount == 2, "\(sound.damages)")
        try require(try process.store.collect().reapedForks == ["short"], "never reaped")
        withExtendedLifetime(main) {}
    }

    package static let rule12Commit = RuleCheck(
        "rule 12: a writer leaves a fence by a commit of its own", against: .touchesAreLost
    ) { world in
        let (owner, other) = (try world.start(), try world.start())
        try owner.fork("f")
        let writer = try owner.write(0..<2, to: "f")
        // A drop whose commit was cut short has fenced the writer, and may come back.
        other.catalog.arm(.failCommitGhost)
        try require(try failure { try other.store.drop(named("f")) } != nil, "the commit failed")
        try owner.append(2..<3, with: writer)
        let after = try world.afterPowerCut(ghostReturns: true).start(isHonest: true)
        let left = try failure { try after.history(of: "f") }
        try require(left == nil, "acknowledged, and then \(left as Any)")
        try require(try after.history(of: "f") == RuleWorld.lines(0..<3), "events are lost")
    }

    package static let rule12Ghost = RuleCheck(
        "rule 12: a collection unlinks nothing that a lost commit may name",
        against: .touchesAreLost
    ) { world in
        let victim = try world.start(isHonest: true)
        let writer = try victim.write(0..<5)
        victim.step.next(.afterCommit) { victim.catalog.arm(.killInCommit) }
        _ = try failure { try writer.flush() }
        victim.kill()
        try require(world.catalogDisk.hasGhost, "no commit was lost")
        let collector = try world.start()
        let findings = Findings()
        let hasUnlinked = Shared(false)
        world.disk.hooks.beforeCall = { process, call in
            guard process == collector.fileSystem.process, !findings.isOver else { return }
            if case .remove(let path) = call, path.hasPrefix("objects/") {
                return hasUnlinked.value = true
            }
            guard hasUnlinked.value else { return }
            hasUnlinked.value = false
            // The power is cut behind the first unlink, which is not taken back.
            findings.record {
                for ghostReturns in [false, true] {
                    let after = try world.afterPowerCut(
                        keepingUnsynced: true, ghostReturns: ghostReturns
                    ).start(isHonest: true)
                    let refused = try failure { try after.history(of: "main") }
                    try require(refused == nil, "the lost commit came back: \(refused as Any)")
                    try require(
                        try after.history(of: "main") == RuleWorld.lines(0..<5), "events are lost")
                }
            }
        }
        _ = try collector.store.collect()
        world.disk.hooks.beforeCall = nil
        try findings.check()
    }

    package static let rule14 = RuleCheck(
        "rule 14: the clock leads what the boot clock explains by an hour at most",
        against: .bootClockLeaps
    ) { world in
        let clock = try world.start().store.clock
        let start = clock.now()
        let (hour, day) = (Int64(3_600_000_000_000), Int64(86_400_000_000_000))
        world.time.setWall(Timestamp(rawValue: start.rawValue + 30 * day))
        let leapt = clock.now()
        try require(leapt.rawValue - start.rawValue == hour, "leapt to \(leapt)")
        world.time.step(nanoseconds: 1_000_000_000)
        let later = clock.now()
        try require(
            later.rawValue - leapt.rawValue == 1_000_000_000, "went on to \(later)")
    }

    package static let rule14Floor = RuleCheck(
        "rule 14: the clock never runs backwards", against: .clockFloorIsForgotten
    ) { world in
        let clock = try world.start().store.clock
        var last = clock.now()
        var generator = SeededGenerator(seed: 14)
        let minute = Int64(60_000_000_000)
        for _ in 0..<200 {
            let offset = Int64(generator.next() % 240) - 120
            world.time.setWall(
                Timestamp(rawValue: world.time.now().rawValue + offset * minute))
            world.time.step(nanoseconds: Int64(generator.next() % 1_000))
            for clock in [clock, try world.start().store.clock] {
                let now = clock.now()
                try require(now >= last, "\(now) after \(last)")
                last = now
            }
        }
    }

    package static let rule16 = RuleCheck(
        "rule 16: where anything that is reached is missing or short, nothing is deleted",
        against: .objectsAreServedFromMemory
    ) { world in
        let process = try world.start()
        let main = try process.write(0..<20)
        try main.flush()
        try main.close()
        try process.fork("garbage")
        let writer = try process.write(30..<50, to: "garbage")
        try writer.flush()
        try writer.close()
        let report = try world.start().store.verify()
        try require(report.isSound, "\(report.damages)")
        let reached = try world.start().store
        let kept = try reached.segments.mark(reached.roots(of: "main"))
        try process.store.drop(named("garbage"))
        for object in kept.sorted() {
            let bytes = try world.bytes(of: object.path)
            for length in [nil, bytes.count - 1, bytes.count / 2, 0] as [Int?] {
                if let length {
                    try world.replace(object.path, with: Array(bytes.prefix(length)))
                } else {
                    try world.disk.makeProcess().remove(object.path)
                }
                let before = try world.inventory()
                let refused = try failure { try world.start().store.collect() }
                let after = try world.inventory()
                try require(after == before, "deleted beside damage: \(object.path)")
                try require(refused?.code == .damaged, "collected: \(refused as Any)")
                if length == nil { _ = try world.disk.makeProcess().create(object.path) }
                try world.replace(object.path, with: bytes)
            }
        }
        try require(
            try world.start().store.collect().removedObjectCount > 0, "there was no garbage")
    }

    package static let rule16Reserve = RuleCheck(
        "rule 16: on a full disk dropping and collecting still work", against: .reserveIsKept
    ) { world in
        world.letCommitsTakeRoom()
        let process = try world.start()
        try process.fork("big")
        let writer = try process.write(0..<2_000, to: "big")
        try writer.flush()
        try writer.close()
        let main = try process.write(0..<3)
        world.disk.resize(to: world.disk.usedByteCount)
        let full = try failure { try process.fork("more") }
        try require(full?.code == .noSpace, "the disk is not full: \(full as Any)")
        try process.store.drop(named("big"))
        let report = try process.store.collect()
        try require(report.removedObjectCount > 0, "nothing was collected")
        try require(try process.history(of: "main") == RuleWorld.lines(0..<3), "events are lost")
        world.disk.resize(to: world.disk.usedByteCount + 2 << 20)
        _ = try process.store.collect()
        try require(
            try world.bytes(of: StoreLayout.reserve).count == 1 << 20, "the reserve is not back")
        withExtendedLifetime(main) {}
    }

    package static let rule16Reading = RuleCheck(
        "rule 16: on a full disk what a killed writer left can be read", against: .reserveIsKept
    ) { world in
        world.letCommitsTakeRoom()
        let victim = try world.start()
        let writer = try victim.write(0..<3)
        victim.kill()
        withExtendedLifetime(writer) {}
        let reader = try world.start()
        let other = try world.start()
        world.disk.resize(to: world.disk.usedByteCount)
        let full = try failure { try other.fork("more") }
        try require(full?.code == .noSpace, "the disk is not full: \(full as Any)")
        // The recovery's commit and the reader's pin take room.
        try require(try reader.history(of: "main") == RuleWorld.lines(0..<3), "events are lost")
        let view = try other.store.view(at: point("main"))
        try require(try view.transcript() == RuleWorld.lines(0..<3), "events are lost")
        // Nobody else gets what they left over, and dropping and collecting still work.
        let refused = try failure { try other.fork("more") }
        try require(refused?.code == .noSpace, "the reserve was given away: \(refused as Any)")
        _ = try reader.store.collect()
    }

    package static let rule16Collecting = RuleCheck(
        "rule 16: no collection takes the reserve from one who uses it", against: .reserveIsKept
    ) { world in
        world.letCommitsTakeRoom()
        let victim = try world.start()
        let writer = try victim.write(0..<3)
        victim.kill()
        withExtendedLifetime(writer) {}
        let (reader, collector) = (try world.start(), try world.start())
        let findings = Findings()
        let hasFreed = Shared(false)
        world.disk.hooks.beforeCall = { process, call in
            guard process == reader.fileSystem.process, !findings.isOver else { return }
            if case .resize(StoreLayout.reserve, 0) = call { hasFreed.value = true }
            // The reader is about to recover what was left, and to pin it. A collection finds the
            // room that it needs by now, and ends as each one does.
            guard hasFreed.value, case .sync(let path) = call, path.hasPrefix("journals/") else {
                return
            }
            findings.record { _ = try collector.store.collect() }
        }
        world.disk.resize(to: world.disk.usedByteCount)
        try require(try reader.history(of: "main") == RuleWorld.lines(0..<3), "events are lost")
        world.disk.hooks.beforeCall = nil
        try findings.check()
        let left = try world.bytes(of: StoreLayout.reserve).count
        try require(left > 1 << 19, "\(left) bytes of the reserve are back")
    }

    package static let rule16Sharing = RuleCheck(
        "rule 16: who needs the reserve does not wait for a collection that uses it",
        against: .reserveIsKept
    ) { world in
        world.letCommitsTakeRoom()
        let (reader, collector) = (try world.start(), try world.start())
        try collector.write(0..<3).close()
        let findings = Findings()
        let (hasFreed, hasBegun) = (Shared(false), Shared(false))
        world.disk.hooks.beforeCall = { process, call in
            switch call {
            case .resize(StoreLayout.reserve, 0): hasFreed.value = true
            case .list("objects/00") where hasFreed.value && !hasBegun.value:
                // The reader finds the disk full all the same.
                hasBegun.value = true
                world.disk.resize(to: world.disk.usedByteCount)
                findings.record {
                    let lines = try reader.history(of: "main")
                    try require(lines == RuleWorld.lines(0..<3), "events are lost: \(lines)")
                }
            case .lock(_, StoreLocks.reserve, .shared) where process == reader.fileSystem.process:
                // Somebody lets go of what he took.
                world.disk.resize(to: world.disk.usedByteCount + 1 << 20)
            default: break
            }
        }
        world.disk.resize(to: world.disk.usedByteCount)
        _ = try collector.store.collect()
        world.disk.hooks.beforeCall = nil
        try findings.check()
        // The last of them took back what they left.
        let left = try world.bytes(of: StoreLayout.reserve).count
        try require(left > 1 << 19, "\(left) bytes of the reserve are back")
    }
}

extension Store {
    /// The manifest that a fork's row names.
    fileprivate func roots(of name: String) throws -> Set<ManifestRoot> {
        let root = try catalog.read { catalog throws(ForkError) in
            try catalog.fork(named: name)?.snapshot.root
        }
        guard let root else { throw RuleBroken("'\(name)' has no root") }
        return [root]
    }
}
