// SPDX-License-Identifier: Apache-2.0
// Invariant 10: damage is told with the object, the forks and the streams it touches. What is told
// is held against what another process can read and what not.
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct DamageReportTests {
    @Test func invariant10EachObjectIsToldWithItsForksAndStreams() throws {
        let base = try DamageWorld.world()
        let pristine = try DamageWorld.start(base.afterKill())
        let plain = try DamageWorld.plain(pristine)
        var seen: [String: Int] = [:]
        for path in try base.files(in: StoreLayout.objects) {
            let holders = try DamageWorld.holders(path, pristine)
            let byteCount = try base.bytes(of: path).count
            for offset in stride(from: 4, to: byteCount, by: max(1, byteCount / 14)) {
                let world = base.afterKill()
                try world.disk.flipBit(UInt8(offset % 8), of: path, at: offset)
                let report = try DamageWorld.start(world).store.verify()
                let what: Comment = "\(path) at \(offset)"
                #expect(report.damages.map(\.path) == [path], what)
                guard let damage = report.damages.first else { continue }
                try Self.check(damage, plain, holders, DamageWorld.start(world), what, &seen)
            }
        }
        #expect(
            Set(seen.keys) == ["segment", "segment table", "run", "nodes", "nothing"], "\(seen)")
    }

    private static func check(
        _ damage: VerificationReport.Damage, _ plain: [String: DamageWorld.Plain],
        _ holders: [String: Range<Position>], _ process: RuleProcess, _ what: Comment,
        _ seen: inout [String: Int]
    ) throws {
        var lost: Set<String> = []
        var held: Set<String> = []
        var (isAll, isScanLost) = (false, false)
        for (name, fork) in plain {
            let loss = try DamageWorld.loss(of: name, fork, in: process)
            // Who holds something of it, and whom its root cannot do without.
            let isTouched = holders[name] != nil || loss.isAll
            #expect(damage.forks.contains(name) == isTouched, "\(name): \(what)")
            isAll = isAll || loss.isAll
            guard let range = holders[name] else {
                #expect(isTouched || loss.streams.isEmpty && !loss.isScanLost, "\(name): \(what)")
                continue
            }
            lost.formUnion(loss.streams)
            held.formUnion(
                fork.owners[Int(range.lowerBound.rawValue)..<Int(range.upperBound.rawValue)])
            isScanLost = isScanLost || loss.isScanLost
        }
        let named = Set(damage.streams)
        #expect(damage.isEveryStream || named.count == Int(damage.streamCount), what)
        if damage.isEveryStream {
            #expect(isAll || damage.path?.hasSuffix(".nodes") == true && isScanLost, what)
            seen[damage.path?.hasSuffix(".run") == true ? "run" : "nodes", default: 0] += 1
        } else if lost.isEmpty && !isScanLost {
            #expect(named.isEmpty, what)
            seen["nothing", default: 0] += 1
        } else if damage.path?.hasSuffix(".segment") == true, named == held {
            // One of its tables: whoever reads by position may need it.
            #expect(lost.isSubset(of: held), what)
            seen[lost == held ? "segment" : "segment table", default: 0] += 1
        } else {
            #expect(named == lost, "\(named) and \(lost): \(what)")
            let kind = damage.path?.split(separator: ".").last.map(String.init) ?? ""
            seen[kind, default: 0] += 1
        }
        for touched in damage.touched where damage.path?.hasSuffix(".nodes") == false {
            let range = touched.from.flatMap { from in touched.to.map { from..<$0 } }
            #expect(range == holders[touched.name], "\(touched): \(what)")
        }
    }

    @Test func aSegmentsLostBlockTouchesItsStreamsAlone() throws {
        let world = try RuleWorld()
        let process = try world.start()
        let writer = try process.store.openWriter(.main)
        // 4 KiB that do not compress an event: eight in a block.
        var random = SeededGenerator(seed: 5)
        for number in 0..<60 {
            let batch = AppendBatch()
            try batch.add(
                stream: "s\(number % 20)", type: "t",
                data: (0..<4_096).map { _ in UInt8.random(in: 0...255, using: &random) },
                time: Timestamp(nanoseconds: Int64(number)), isJSON: false)
            _ = try writer.append(batch)
        }
        try writer.flush()
        try process.fork("cut", from: "main@30")
        try writer.close()
        let streams = (0..<20).map { "s\($0)" }
        let path = try #require(
            try world.files(in: StoreLayout.objects).first { $0.hasSuffix(".segment") })
        try world.disk.flipBit(1, of: path, at: 60_000)
        let damage = try #require(try world.start().store.verify().damages.first)
        let view = try world.start().store.view(at: point("main"))
        let lost = try streams.filter { stream in
            try DamageWorld.unlessDamaged { try DamageWorld.read(stream, of: view) } == nil
        }
        #expect(damage.forks == ["main", "cut"])
        #expect(damage.streams == lost.sorted() && lost.count > 1 && lost.count < 8, "\(lost)")
        #expect(damage.touched.map(\.to) == [Position(60), Position(30)])
    }

    @Test func invariant10AJournalIsToldWithThePositionsLost() throws {
        let world = try RuleWorld()
        let process = try world.start()
        let main = try process.write(0..<4)
        try process.fork("short")
        try process.append(4..<10, with: main)
        try process.fork("long")
        try process.append(10..<12, with: main)
        try main.close()
        let journal = try #require(try world.files(in: StoreLayout.journals).first)
        try world.damageEvent(6)
        let reader = try world.start()
        let report = try reader.store.verify()
        #expect(report.damages.map(\.path) == [journal])
        let damage = try #require(report.damages.first)
        #expect(damage.forks.sorted() == ["long", "main"])
        #expect(damage.isEveryStream)
        for touched in damage.touched {
            #expect(touched.from == Position(6))
            #expect(touched.to == Position(touched.name == "main" ? 12 : 10))
        }
        #expect(try reader.history(of: "short") == RuleWorld.lines(0..<4))
        let alone = try reader.store.verify(named("short"))
        #expect(alone.isSound && alone.forkCount == 1 && alone.files.isEmpty)
        #expect(try !reader.store.verify(named("long")).isSound)
    }

    @Test func aLiveJournalIsToldAndWhatIsFlushedIsVerified() throws {
        let world = try RuleWorld()
        let process = try world.start()
        let main = try process.write(0..<5)
        try main.flush()
        try process.append(5..<9, with: main)
        process.kill()
        try world.damageEvent(6)
        let segment = try #require(
            try world.files(in: StoreLayout.objects).first { $0.hasSuffix(".segment") })
        try world.disk.flipBit(1, of: segment, at: 40)
        let report = try world.start().store.verify()
        #expect(report.damages.count == 2)
        let live = try #require(report.damages.first)
        #expect(live.path?.hasPrefix("journals/") == true)
        #expect(live.touched.map(\.from) == [Position(6)] && live.isEveryStream)
        #expect(report.damages.last?.path == segment)
        #expect(report.damages.last?.streams == ["s0", "s1", "s2"])
        // The journal that was flushed.
        #expect(report.garbageCount == 1)
    }

    @Test func whatIsHiddenByDamageIsNoGarbageAndTheRestIsVerified() throws {
        let world = try RuleWorld()
        let process = try world.start()
        let main = try process.write(0..<9)
        try main.flush()
        try main.close()
        let ofMain = try world.files(in: StoreLayout.objects)
        try process.fork("other", from: "main@0")
        let other = try process.write(20..<29, to: "other")
        try other.flush()
        try other.close()
        func damage(_ kind: String, ofMain isOfMain: Bool, atEnd: Bool = false) throws -> String {
            let path = try #require(
                try world.files(in: StoreLayout.objects).first {
                    $0.hasSuffix(".\(kind)") && ofMain.contains($0) == isOfMain
                })
            try world.disk.flipBit(1, of: path, at: atEnd ? world.bytes(of: path).count - 9 : 40)
            return path
        }
        let nodes = try damage("nodes", ofMain: true)
        let segment = try damage("segment", ofMain: false, atEnd: true)
        let first = try world.start().store.verify()
        let byPath = Dictionary(uniqueKeysWithValues: first.damages.map { ($0.path, $0) })
        #expect(byPath.count == 2)
        #expect(byPath[nodes]?.forks == ["main"] && byPath[nodes]?.isEveryStream == true)
        // Its own table cannot be found: the names are those of the run.
        #expect(byPath[segment]?.forks == ["other"])
        #expect(byPath[segment]?.streams == ["s0", "s1", "s2"])
        let counts = Dictionary(
            uniqueKeysWithValues: first.files.map { ($0.fileClass, $0.count) })
        #expect(counts[.hiddenObject] == 2 && counts[.garbageObject] == 0)
        // With the run damaged, too, nobody can say which streams they are.
        let run = try damage("run", ofMain: false)
        let second = try world.start().store.verify()
        #expect(Set(second.damages.map(\.path)) == [nodes, segment, run])
        #expect(second.damages.first { $0.path == segment }?.isEveryStream == true)
    }

    @Test func oneForkIsVerifiedAlone() throws {
        let world = try RuleWorld()
        let process = try world.start()
        try process.write(0..<5).close()
        try process.fork("other")
        let writer = try process.write(5..<9, to: "other")
        try writer.flush()
        try writer.close()
        try process.fork("brief", from: "other", expiry: .after(nanoseconds: 1_000_000_000))
        world.time.step(nanoseconds: 2_000_000_000)
        let segment = try #require(
            try world.files(in: StoreLayout.objects).first { $0.hasSuffix(".segment") })
        try world.disk.flipBit(1, of: segment, at: 40)
        let reader = try world.start()
        #expect(try reader.store.verify(.main).isSound)
        for name in ["other", "brief"] {
            let report = try reader.store.verify(named(name))
            #expect(report.damages.map(\.forks) == [[name]])
            #expect(report.files.isEmpty && report.unknownPaths.isEmpty)
        }
        #expect(try failure { try reader.store.verify(named("none")) }?.code == .notFound)
    }

    @Test func manyNamesAreCountedAndFewAreKept() throws {
        let world = try RuleWorld()
        let process = try world.start()
        let writer = try process.store.openWriter(.main)
        for number in 0..<250 {
            _ = try writer.append(.numbered(number, stream: "s\(1_000 + number)"))
        }
        try writer.flush()
        for number in 0..<120 { try process.fork("f\(number)") }
        try writer.close()
        let segment = try #require(
            try world.files(in: StoreLayout.objects).first { $0.hasSuffix(".segment") })
        try world.disk.flipBit(1, of: segment, at: 40)
        let damage = try #require(try world.start().store.verify().damages.first)
        #expect(damage.streamCount == 250)
        #expect(damage.streams == (1_000..<1_100).map { "s\($0)" })
        #expect(damage.forkCount == 121 && damage.forks.count == 100)
    }
}
