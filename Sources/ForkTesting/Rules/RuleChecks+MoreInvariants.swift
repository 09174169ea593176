// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, rules. Invariants 6 to 10 as checks.
import ForkEngine
import SegmentStore

extension RuleCheck {
    static let invariants6To10 = [
        invariant6, invariant7, invariant8, invariant9, invariant9Clock, invariant10,
    ]

    package static let invariant6 = RuleCheck(
        "invariant 6: bytes that nobody wrote are not given out",
        against: .journalChecksumsAreSkipped
    ) { world in
        try world.start(isHonest: true).write(0..<6).close()
        for number in 0..<6 {
            let damaged = world.afterPowerCut()
            try damaged.damageEvent(number)
            let process = try damaged.start()
            do {
                let lines = try process.history(of: "main")
                try require(RuleWorld.lines(0..<6).starts(with: lines), "given out: \(lines)")
            } catch let error as ForkError where error.code == .damaged {
                continue
            }
        }
    }

    package static let invariant7 = RuleCheck(
        "invariant 7: a collection leaves what is reached, and nothing else",
        against: .childrenAreHidden, .objectRemovalsAreLost
    ) { world in
        let process = try world.start()
        let main = try process.write(0..<20)
        try main.flush()
        try process.fork("kept", from: "main@17")
        for name in ["dropped", "killed"] {
            try process.fork(name)
            let child = try process.write(30..<40, to: name)
            try child.flush()
            try child.close()
        }
        let kept = try process.write(60..<65, to: "kept")
        try kept.flush()
        try process.append(65..<67, with: kept)
        try kept.close()
        try process.store.drop(named("dropped"))
        try main.close()
        // One process dies with a pin, a writer, and objects that no row names.
        let victim = try world.start()
        let view = try victim.store.view(at: point("kept"))
        let writer = try victim.write(70..<75, to: "killed")
        victim.step.next(.afterCommit) { victim.catalog.arm(.killBeforeCommit) }
        _ = try failure { try writer.flush() }
        victim.kill()
        withExtendedLifetime((view, writer)) {}
        try process.store.drop(named("killed"))

        let before = try process.histories()
        // With nothing else running: whatever this process still holds goes with it.
        process.kill()
        _ = try world.start().store.collect()
        let after = try world.start(isHonest: true)
        let histories = try after.histories()
        try require(histories == before, "a collection changed \(histories)")
        let report = try after.store.verify()
        try require(report.isSound, "\(report.damages)")
        try require(
            report.garbageCount == 0 && report.unknownPaths.isEmpty,
            "\(report.garbageCount) things are left that nothing reaches")
        try require(
            try world.files(in: StoreLayout.objects).count == report.reachableObjectCount,
            "objects are left that nothing reaches")
        try require(try world.files(in: StoreLayout.pins).isEmpty, "pins are left")
    }

    package static let invariant8 = RuleCheck(
        "invariant 8: a failure leaves the store as it was, or as after",
        against: .failedTransactionsAreCommitted
    ) { world in
        let process = try world.start()
        let main = try process.write(0..<3)
        try main.close()
        try process.fork("short", expiry: .after(nanoseconds: 1_000_000_000))
        world.time.step(nanoseconds: 2_000_000_000)
        let before = world.catalogDisk.committed
        // The name is freed, since its fork is expired; then the new fork cannot be made: the
        // second look at the parent's journal, inside the transaction, fails.
        let lookCount = Shared(0)
        world.disk.add(
            Fault(.fail(code: 5), isPermanent: true) { call, _ in
                guard case .status(let path) = call, path.hasPrefix("journals/") else {
                    return false
                }
                lookCount.value += 1
                return lookCount.value > 1
            })
        let refused = try failure { try process.fork("short") }
        world.disk.removeFaults()
        let isAsBefore = world.catalogDisk.committed.forks == before.forks
        if refused == nil { return try require(!isAsBefore, "made, and nothing there") }
        try require(isAsBefore, "a create that failed has changed the forks")
    }

    package static let invariant9 = RuleCheck(
        "invariant 9: an expired fork accepts no append and gives no new view",
        against: .expiryIsForgotten
    ) { world in
        let process = try world.start()
        try process.write(0..<3).close()
        try process.fork("short", expiry: .after(nanoseconds: 60_000_000_000))
        let writer = try process.write(10..<12, to: "short")
        let view = try process.store.view(at: point("short"))
        world.time.step(nanoseconds: 59_000_000_000)
        try process.append(12..<13, with: writer)
        world.time.step(nanoseconds: 1_000_000_000)
        let other = try world.start()
        let attempts = [
            try failure { try process.append(13..<14, with: writer) },
            try failure { try process.store.view(at: point("short")) },
            try failure { try other.store.view(at: point("short")) },
            try failure { try other.store.openWriter(named("short")) },
            try failure { try other.fork("child", from: "short") },
        ]
        for (index, attempt) in attempts.enumerated() {
            try require(attempt?.code == .expired, "attempt \(index): \(attempt as Any)")
        }
        try require(try view.transcript().count == 5, "an open view ended with its fork")
    }

    package static let invariant9Clock = RuleCheck(
        "invariant 9 and rule 14: what is expired stays so when the wall clock steps back",
        against: .clockFloorIsForgotten
    ) { world in
        let process = try world.start()
        try process.fork("short", expiry: .after(nanoseconds: 60_000_000_000))
        world.time.step(nanoseconds: 61_000_000_000)
        let refused = try failure { try process.store.view(at: point("short")) }
        try require(refused?.code == .expired, "a view of an expired fork")
        world.time.setWall(Timestamp(rawValue: world.time.now().rawValue - 50_000_000_000))
        let again = try failure { try process.store.view(at: point("short")) }
        try require(again?.code == .expired, "the fork lives again")
    }

    package static let invariant10 = RuleCheck(
        "invariant 10: damage is reported with what it touches, and all else keeps working",
        against: .objectsAreServedFromMemory
    ) { world in
        let process = try world.start()
        try process.write(0..<10).close()
        try process.fork("whole")
        try process.fork("hurt")
        var known: [String] = []
        for (name, from) in [("whole", 20), ("hurt", 40)] {
            known = try world.files(in: StoreLayout.objects)
            let writer = try process.write(from..<from + 10, to: name)
            _ = try writer.append(.numbered(from + 10, stream: "of-\(name)"))
            try writer.flush()
            try writer.close()
        }
        try process.fork("hurt-too", from: "hurt")
        let before = try process.histories()
        let hurt = try world.files(in: StoreLayout.objects)
            .filter { !known.contains($0) && $0.hasSuffix(".segment") }
        try require(hurt.count == 1, "the segment of 'hurt' alone was not found: \(hurt)")
        try world.disk.flipBit(2, of: hurt[0], at: 100)

        let report = try process.store.verify()
        try require(
            report.damages.contains { $0.path == hurt[0] }, "not reported: \(report.damages)")
        for damage in report.damages {
            try require(
                damage.forks == ["hurt", "hurt-too"]
                    && damage.streams == ["of-hurt", "s0", "s1", "s2"]
                    && damage.streamCount == 4 && !damage.isEveryStream,
                "'\(damage.description)' touches \(damage.streams) of \(damage.forks)")
        }
        let reader = try world.start()
        for name in ["main", "whole"] {
            try require(try reader.history(of: name) == before[name], "'\(name)' is not readable")
        }
        let refused = try failure { try reader.history(of: "hurt") }
        try require(refused?.code == .damaged, "what is damaged was read: \(refused as Any)")
        // What is whole takes appends, children and flushes.
        let writer = try reader.write(60..<63, to: "whole")
        try writer.flush()
        try writer.close()
        try reader.fork("new", from: "whole")
        try require(try reader.history(of: "new").count == 24, "'whole' took no events")
    }
}
