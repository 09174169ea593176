// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, rules. Invariants 1 to 5 as checks.
import ForkEngine
import SegmentStore

extension RuleCheck {
    static let invariants1To5 = [invariant1, invariant2, invariant3, invariant4, invariant5]

    package static let invariant1 = RuleCheck(
        "invariant 1: what is acknowledged survives kill -9 and power loss",
        against: .journalSyncsAreLost, .journalWritesAreLost, .journalFolderSyncsAreLost
    ) { world in
        let process = try world.start()
        var writer = try process.write(0..<3)
        try writer.flush()
        try process.append(3..<5, with: writer)
        try writer.close()
        try process.fork("child", from: "main@4")
        let child = try process.write(100..<103, to: "child")
        writer = try process.write(5..<7)
        let childLines = ["4 s1/1 {\"n\":100}", "5 s2/1 {\"n\":101}", "6 s0/2 {\"n\":102}"]
        func check(_ world: RuleWorld, _ how: String) throws {
            let process = try world.start(isHonest: true)
            let main = try process.history(of: "main")
            try require(main == RuleWorld.lines(0..<7), "main after \(how): \(main)")
            let child = try process.history(of: "child")
            try require(
                child == RuleWorld.lines(0..<4) + childLines, "child after \(how): \(child)")
        }
        try check(world.afterKill(), "kill -9")
        try check(world.afterPowerCut(), "a power cut that kept what was synced alone")
        for seed in 0..<6 as Range<UInt64> {
            try check(world.afterPowerCut(seed: seed), "power cut \(seed)")
        }
        withExtendedLifetime((writer, child)) {}
    }

    package static let invariant2 = RuleCheck(
        "invariant 2: no reader sees an event at or above the watermark, or a gap",
        against: .headsAreOverstated
    ) { world in
        let owner = try world.start(isHonest: true)
        let reader = try world.start()
        let writer = try owner.write(0..<4)
        let findings = Findings()
        let isBusy = Shared(false)
        // While event 4 is written and synced, both a reader here and one elsewhere look.
        world.disk.hooks.beforeCall = { process, call in
            guard process == owner.fileSystem.process, call.isSync || call.isWrite,
                call.path.hasPrefix("journals/"), !isBusy.value
            else { return }
            isBusy.value = true
            defer { isBusy.value = false }
            findings.record {
                for store in [owner.store, reader.store] {
                    let seen = try store.view(at: point("main"))
                    try require(
                        seen.head == Position(4) && seen.transcript() == RuleWorld.lines(0..<4),
                        "a reader saw up to \(seen.head) while the watermark was 4")
                }
            }
        }
        try owner.append(4..<5, with: writer)
        world.disk.hooks.beforeCall = nil
        try findings.check()
        for store in [owner.store, reader.store] {
            let seen = try store.view(at: point("main")).transcript()
            try require(seen == RuleWorld.lines(0..<5), "acknowledged and not seen: \(seen)")
        }
    }

    package static let invariant3 = RuleCheck(
        "invariant 3: versions and sequences are gapless in every fork",
        against: .inheritedRootsAreForgotten
    ) { world in
        let owner = try world.start(isHonest: true)
        var writer = try owner.write(0..<20)
        try writer.flush()
        try owner.append(20..<31, with: writer)
        try writer.close()
        try owner.fork("late")
        try owner.fork("early", from: "main@13")
        let other = try world.start()
        for name in ["late", "early"] {
            writer = try other.write(40..<60, to: name)
            try writer.flush()
            try other.append(60..<66, with: writer)
            try writer.close()
        }
        let reader = try world.start(isHonest: true)
        for name in ["main", "late", "early"] {
            let view = try reader.store.view(at: point(name))
            var versions: [String: UInt64] = [:]
            var sequences: [UInt8: UInt64] = [:]
            var position: UInt64 = 0
            try view.scan(.zero..<view.head) { (event) throws(ForkError) in
                let stream = String(decoding: event.stream, as: UTF8.self)
                let partition = UInt8(event.streamHash.partition.rawValue)
                let isNext =
                    event.position == Position(position)
                    && event.version == Version(versions[stream, default: 0])
                let sequence = try view.sequence(of: event)
                guard isNext, sequence == sequences[partition, default: 0] else {
                    throw ForkError(.damaged, "\(name): a gap at \(event.position)")
                }
                versions[stream, default: 0] += 1
                sequences[partition, default: 0] += 1
                position += 1
                return true
            }
            try require(Position(position) == view.head, "\(name) ends before its head")
        }
    }

    package static let invariant4 = RuleCheck(
        "invariant 4: what a fork holds depends on its own history alone",
        against: .childrenFollowTheirParent
    ) { world in
        let process = try world.start()
        let main = try process.write(0..<10)
        try process.fork("middle", from: "main@7")
        try process.fork("child", from: "middle")
        try process.fork("sibling", from: "main@9")
        let reader = try world.start()
        func check(_ after: String) throws {
            for store in [process, reader] {
                let history = try store.history(of: "child")
                try require(
                    history == RuleWorld.lines(0..<7), "child after \(after): \(history)")
            }
        }
        try process.append(10..<14, with: main)
        try check("its grandparent took events")
        try main.flush()
        try check("its grandparent was flushed")
        let middle = try process.write(20..<24, to: "middle")
        try middle.flush()
        try middle.close()
        try check("its parent took events and was flushed")
        try process.store.drop(named("sibling"))
        try process.store.drop(named("middle"))
        _ = try process.store.collect()
        try check("its parent was dropped and collected")
        try main.close()
        _ = try reader.store.collect()
        try check("all was collected")
    }

    package static let invariant5 = RuleCheck(
        "invariant 5: objects never change", against: .objectsAreRewritten
    ) { world in
        let process = try world.start()
        var known: [String: [UInt8]] = [:]
        func check(_ after: String) throws {
            for path in try world.files(in: StoreLayout.objects) {
                let bytes = try world.bytes(of: path)
                try require(known[path, default: bytes] == bytes, "\(path) changed: \(after)")
                known[path] = bytes
            }
            // Recomputes every address.
            let report = try process.store.verify()
            try require(report.isSound, "\(report.damages): \(after)")
        }
        let main = try process.write(0..<5)
        for round in 1..<7 {
            try main.flush()
            try check("flush \(round)")
            try process.fork("f\(round)")
            let child = try process.write(50..<53, to: "f\(round)")
            try child.flush()
            try child.close()
            try check("the flush of a child")
            try process.append(round * 5..<round * 5 + 5, with: main)
            if round == 4 { try process.store.drop(named("f2")) }
            _ = try process.store.collect()
            try check("a collection")
        }
        try require(known.count > 20, "too little was built: \(known.count) objects")
        try main.close()
    }
}
