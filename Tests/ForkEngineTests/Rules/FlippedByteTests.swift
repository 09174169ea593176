// SPDX-License-Identifier: Apache-2.0
// Invariant 6: a byte that is not what was written is never given out. The floors below turn every
// bit of every format; here whole stores are read.
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct FlippedByteTests {
    /// Two forks with segments, runs, nodes, and journals that wait. One event can be another.
    private static func world(_ other: Int? = nil) throws -> RuleWorld {
        let world = try RuleWorld()
        let process = try world.start()
        let main = try process.store.openWriter(.main)
        for number in 10..<40 {
            let batch = AppendBatch()
            let shown = number == 20 ? other ?? number : number
            try batch.add(
                stream: "s\(number % 3)", type: "t", data: Array("\(shown)".utf8),
                time: Timestamp(nanoseconds: Int64(number)))
            _ = try main.append(batch)
        }
        try main.flush()
        try process.append(40..<45, with: main)
        try process.fork("child", from: "main@32")
        let child = try process.write(50..<55, to: "child")
        try child.flush()
        try process.append(55..<58, with: child)
        try child.close()
        try main.close()
        _ = try process.store.collect()
        process.kill()
        return world.afterKill()
    }

    /// Reads all forks: what they hold, or damage. Anything else is thrown.
    private static func read(_ world: RuleWorld) throws -> [String: [String]]? {
        do {
            return try world.start().histories()
        } catch let error as ForkError where error.code == .damaged {
            return nil
        }
    }

    /// Fails where a reader is given what was not written; whether damage was seen.
    @discardableResult
    private static func check(
        _ world: RuleWorld, _ expected: [String: [String]]
    ) throws -> Bool {
        guard let found = try read(world) else { return true }
        try require(found == expected, "bytes that nobody wrote were given out: \(found)")
        return false
    }

    @Test func invariant6AFlippedByteIsDamageOrNothing() throws {
        let base = try Self.world()
        let expected = try #require(try Self.read(base.afterKill()))
        var damageCount = 0
        var flipCount = 0
        for path in try base.files(in: StoreLayout.objects) + base.files(in: StoreLayout.journals) {
            let byteCount = try base.bytes(of: path).count
            for offset in stride(from: 0, to: byteCount, by: max(1, byteCount / 24)) {
                let world = base.afterKill()
                try world.disk.flipBit(UInt8(offset % 8), of: path, at: offset)
                flipCount += 1
                if try Self.check(world, expected) { damageCount += 1 }
            }
        }
        #expect(flipCount > 150)
        #expect(damageCount > flipCount / 4, "\(damageCount) of \(flipCount) were seen")
    }

    /// The planted fault: an object with other content, whole in itself, under this one's address.
    /// Only the address tells, which a read does not compute; the check sees it, and `verify` does.
    @Test func invariant6AForgedObjectIsCaught() throws {
        let base = try Self.world()
        let expected = try #require(try Self.read(base.afterKill()))
        let forger = try Self.world(99)
        func segment(_ world: RuleWorld, besides other: RuleWorld) throws -> String {
            let others = try other.files(in: StoreLayout.objects)
            let own = try world.files(in: StoreLayout.objects)
                .filter { $0.hasSuffix(".segment") && !others.contains($0) }
            return try #require(own.count == 1 ? own[0] : nil)
        }
        let genuine = try segment(base, besides: forger)
        let forged = try segment(forger, besides: base)
        try base.replace(genuine, with: try forger.bytes(of: forged))
        #expect(throws: RuleBroken.self) { try Self.check(base.afterKill(), expected) }
        let report = try base.afterKill().start().store.verify()
        #expect(report.damages.contains { $0.path == genuine }, "\(report.damages)")
    }
}
