// SPDX-License-Identifier: Apache-2.0
// Behind a hole a fork goes on: appends, flushes, merges and forks are as they would be without it,
// and no version or sequence is given twice (invariants 3 and 10).
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct HoleTests {
    /// 31 flushed events of 7 streams in segments of 24 and 7.
    private static func world() throws -> RuleWorld {
        let world = try RuleWorld()
        let process = try DamageWorld.start(world)
        let main = try process.store.openWriter(.main)
        try append(0..<24, with: main)
        try main.flush()
        try append(24..<31, with: main)
        try main.flush()
        try main.close()
        _ = try process.store.collect()
        process.kill()
        return world.afterKill()
    }

    private static func append(_ numbers: Range<Int>, with writer: Writer) throws {
        for number in numbers {
            _ = try writer.append(.numbered(number, stream: "s\(number * number % 7)"))
        }
    }

    /// Flushes of all sizes, so that runs are merged and segments coalesced, and a child.
    private static func goOn(_ world: RuleWorld) throws {
        var number = 100
        for count in [2, 1, 3, 1, 1, 9, 2, 40, 1, 1, 1] {
            let writer = try DamageWorld.start(world).store.openWriter(.main)
            try append(number..<(number + count), with: writer)
            try writer.flush()
            try writer.close()
            number += count
        }
        let process = try DamageWorld.start(world)
        try process.fork("child")
        let child = try process.store.openWriter(named("child"))
        try append(300..<309, with: child)
        try child.flush()
        try append(309..<311, with: child)
        try child.close()
        _ = try process.store.collect()
        process.kill()
    }

    /// Each event that can be read, with its sequence, by position.
    private static func events(of name: String, _ world: RuleWorld) throws -> [String?] {
        let view = try DamageWorld.start(world).store.view(at: point(name))
        return try (0..<view.head.rawValue).map { number in
            let position = Position(number)
            return try DamageWorld.unlessDamaged {
                var line = ""
                try view.scan(position..<position.advanced(by: 1)) { (event) throws(ForkError) in
                    let stream = String(decoding: event.stream, as: UTF8.self)
                    let data = String(decoding: event.data, as: UTF8.self)
                    line = "\(stream)/\(event.version) \(try view.sequence(of: event)) \(data)"
                    return true
                }
                return line
            }
        }
    }

    private static func segments(_ world: RuleWorld) throws -> [String] {
        try world.files(in: StoreLayout.objects).filter { $0.hasSuffix(".segment") }
    }

    @Test(arguments: RepairWorld.Damage.allCases)
    func invariant3BehindAHoleNothingIsGivenTwice(_ damage: RepairWorld.Damage) throws {
        let base = try Self.world()
        let plain = base.afterKill()
        try Self.goOn(plain)
        let whole = try ["main", "child"].map { try Self.events(of: $0, plain) }
        var lost = 0
        for path in try Self.segments(base) {
            let what: Comment = "\(damage) of \(path)"
            let world = base.afterKill()
            try damage.strike(path, in: world)
            let report = try DamageWorld.start(world).store.repair()
            try Self.goOn(world)
            for (number, name) in ["main", "child"].enumerated() {
                let events = try Self.events(of: name, world)
                #expect(events.count == whole[number].count, what)
                let missing = events.indices.filter { events[$0] == nil }
                #expect(missing.count == report.losses.first?.eventCount.map(Int.init) ?? 0, what)
                for (index, event) in events.enumerated() where event != nil {
                    #expect(event == whole[number][index], what)
                }
                lost += missing.count
                if missing.isEmpty { continue }
                // Who asks for all of it is told which object is lost.
                let failure = try failure { try DamageWorld.start(world).history(of: name) }
                #expect(failure?.code == .damaged && failure?.message.contains(path) == true)
            }
            let verified = try DamageWorld.start(world).store.verify()
            #expect(verified.isSound, "\(verified.damages.map(\.description)): \(what)")
            #expect(verified.knownLosses.isEmpty == report.isLossless, what)
            let process = try DamageWorld.start(world)
            let added = try process.store.difference(from: point("main"), to: point("child")).right
            #expect(added.eventCount == 11, what)
            #expect(try added.streams().reduce(0) { $0 + Int($1.eventCount) } == 11, what)
            #expect(try process.store.repair().items.isEmpty, what)
        }
        #expect(lost > 0 || damage == .header)
    }

    @Test func behindALossThatNobodyKnowsNothingIsGuessed() throws {
        let base = try Self.world()
        var refused = 0
        for path in try Self.segments(base) {
            let world = base.afterKill()
            try world.disk.makeProcess().rename(path, to: "aside", replacing: false)
            let process = try DamageWorld.start(world)
            let main = try process.store.openWriter(.main)
            try Self.append(31..<40, with: main)
            let failure = try failure { try main.flush() }
            if let failure {
                #expect(failure.code == .damaged && failure.message.contains(path))
                refused += 1
            }
            process.kill()
            // What comes back contradicts nothing that was built meanwhile.
            let after = world.afterKill()
            try after.disk.makeProcess().rename("aside", to: path, replacing: false)
            let found = try DamageWorld.start(after).store.verify()
            #expect(found.isSound, "\(found.damages.map(\.description))")
            #expect(try Self.events(of: "main", after).compactMap { $0 }.count == 40)
        }
        #expect(refused == 1)
    }

    @Test func invariant3WhereNobodyCanTellAVersionTheStreamIsNamedAndNoneIsGiven() throws {
        let base = try Self.world()
        let runs = try base.files(in: StoreLayout.objects).filter { $0.hasSuffix(".run") }
        for path in try Self.segments(base) {
            let world = base.afterKill()
            for lost in runs + [path] { try world.disk.makeProcess().remove(lost) }
            let report = try DamageWorld.start(world).store.repair()
            #expect(!report.isLossless)
            let process = try DamageWorld.start(world)
            try process.fork("other", from: "main@0")
            let main = try process.store.openWriter(.main)
            for stream in ["s0", "s1", "s4"] {
                let refused = try failure { try main.append(.numbered(1, stream: stream)) }
                #expect(refused?.code == .damaged)
                #expect(refused?.message.contains("stream '\(stream)'") == true)
            }
            #expect(try process.store.view(at: point("main")).head == Position(31))
            let other = try process.store.openWriter(named("other"))
            try Self.append(0..<5, with: other)
            try other.flush()
            try other.close()
            try main.close()
            #expect(try process.store.verify().isSound)
            _ = try process.store.collect()
        }
    }

    @Test func aStoreWithAHoleIsSizedAndScrubbed() throws {
        let base = try Self.world()
        for damage in [RepairWorld.Damage.missing, .page] {
            let world = base.afterKill()
            let path = try #require(try Self.segments(world).first)
            try damage.strike(path, in: world)
            let before = try DamageWorld.start(world).store.scrub()
            #expect(before.damageCount == 1 && before.knownLosses.isEmpty)
            _ = try DamageWorld.start(world).store.repair()
            let process = try DamageWorld.start(world)
            try process.fork("child")
            let child = try process.store.catalog.read { catalog throws(ForkError) in
                try catalog.fork(named: "child")?.id
            }
            _ = try process.store.exclusiveSizes(of: [try #require(child)])
            let report = try process.store.scrub()
            #expect(report.damageCount == 0 && report.damages.isEmpty && report.isComplete)
            #expect(report.knownLosses.count == 1)
            #expect(report.knownLosses.first?.contains(path) == true)
            // More damage in the same object, and in another one, is news.
            let segments = try Self.segments(world)
            for other in segments {
                let hurt = world.afterKill()
                try hurt.disk.flipBit(1, of: other, at: hurt.bytes(of: other).count - 9)
                let found = try DamageWorld.start(hurt).store.scrub()
                #expect(found.damageCount == 1, "\(other)")
            }
            #expect(segments.count == (damage == .missing ? 1 : 2))
        }
    }

    @Test func manySiblingsOfADamagedRootCostOneLook() throws {
        var reads: [[Int]] = []
        for kind in [".nodes", ".segment", ".run"] {
            var counts: [Int] = []
            for siblings in [2, 24] {
                let world = try Self.world()
                let process = try DamageWorld.start(world)
                for number in 0..<siblings { try process.fork("sibling-\(number)") }
                let path = try #require(
                    try world.files(in: StoreLayout.objects).sorted().last { $0.hasSuffix(kind) })
                try RepairWorld.Damage.end.strike(path, in: world)
                let repairer = try DamageWorld.start(world)
                let count = Shared(0)
                world.disk.add(
                    Fault(.kill, isPermanent: true) { call, _ in
                        if case .read(let read, _, _) = call, read.hasPrefix("objects/") {
                            count.value += 1
                        }
                        return false
                    })
                let report = try repairer.store.repair()
                world.disk.removeFaults()
                #expect(report.items.count == 1, "\(report.items)")
                counts.append(count.value)
                #expect(try DamageWorld.start(world).store.verify().isSound)
            }
            reads.append(counts)
            #expect(counts[0] == counts[1] && counts[0] > 0, "\(kind): \(counts)")
        }
    }
}
