// SPDX-License-Identifier: Apache-2.0
// Forks that show part of a damaged segment are told what they lose, and no more (invariant 10).
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct SharedSegmentTests {
    private static let ends = [1, 40, 120, 190, 239]

    /// One segment of several blocks, and forks that end within it.
    private static func world() throws -> (world: RuleWorld, plain: [String: [String]]) {
        let world = try RuleWorld()
        let process = try world.start()
        let main = try process.store.openWriter(.main)
        var noise = SeededGenerator(seed: 5)
        for number in 0..<240 {
            // What does not compress fills blocks.
            let text = (0..<80).map { _ in String(noise.next() as UInt64, radix: 36) }.joined()
            let batch = AppendBatch()
            try batch.add(
                stream: "s\(number % 7)", type: "t", data: Array("{\"t\":\"\(text)\"}".utf8),
                time: Timestamp(nanoseconds: Int64(number)))
            _ = try main.append(batch)
        }
        try main.flush()
        try main.close()
        for end in ends { try process.fork("at\(end)", from: "main@\(end)") }
        _ = try process.store.collect()
        process.kill()
        return (world, try RepairWorld.histories(world.afterKill()))
    }

    @Test func invariant10EachForkIsToldWhatOfAPageItLoses() throws {
        let (base, plain) = try Self.world()
        let path = try #require(
            try base.files(in: StoreLayout.objects).first { $0.hasSuffix(".segment") })
        let byteCount = try base.bytes(of: path).count
        var (touched, spared) = (0, 0)
        for part in [2, 5, 8] {
            let world = base.afterKill()
            try world.disk.flipBit(3, of: path, at: byteCount * part / 10)
            let process = try DamageWorld.start(world)
            let readable = try RepairWorld.readable(world)
            let lost = readable.mapValues { events in events.count { $0 == nil } }
            #expect(lost["main"].map { (1..<240).contains($0) } ?? false, "\(lost)")
            for (name, count) in lost {
                let what: Comment = "\(name), part \(part), \(count) events"
                let report = try process.store.verify(named(name))
                #expect(report.isSound == (count == 0), what)
                if count == 0 { spared += 1 } else { touched += 1 }
            }
            let report = try DamageWorld.start(world).store.repair()
            for (name, count) in lost {
                let told = report.losses.filter { $0.fork == name }.compactMap(\.eventCount)
                #expect(told == (count == 0 ? [] : [UInt64(count)]), "\(name), part \(part)")
            }
            try RepairWorld.check(world, plain, report, "part \(part)")
        }
        #expect(touched > 3 && spared > 2, "\(touched), \(spared)")
    }

    /// A folder, a link or a pipe in the place of a file is damage of that file, and no more.
    @Test(arguments: [".segment", ".run", ".nodes", "journals/"])
    func invariant10AFolderInThePlaceOfAFileIsDamage(_ kind: String) throws {
        let world = try RuleWorld()
        let process = try world.start()
        let main = try process.write(0..<9)
        try main.flush()
        try process.append(9..<12, with: main)
        try main.close()
        try process.fork("own", from: "main@0")
        try process.write(0..<3, to: "own").close()
        process.kill()
        let files = world.disk.makeProcess()
        let paths = try world.inventory().sorted().filter {
            $0.hasPrefix("objects/") ? $0.hasSuffix(kind) : $0.hasPrefix(kind)
        }
        let path = try #require(paths.first { $0 != "journals/1.0" })
        try files.remove(path)
        try files.createFolder(path)
        let found = try world.start().store.verify()
        #expect(!found.isSound, "\(path)")
        #expect(found.damages.allSatisfy { !$0.forks.contains("own") || kind == "journals/" })
        let report = try world.start().store.repair()
        #expect(!report.items.isEmpty, "\(path)")
        #expect(try world.start().store.verify().isSound, "\(path)")
        _ = try world.start().store.collect()
        #expect(try world.start().history(of: "own") == RuleWorld.lines(0..<3), "\(path)")
    }
}
