// SPDX-License-Identifier: Apache-2.0
// A run that is lost together with a segment that it covers: what newer and older runs hold is read,
// flushes merge what can be merged, and no version is guessed (invariants 3 and 10).
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct LostRunTests {
    /// Three runs, of which none is due to be merged: stream `all` is in each, and one more.
    private struct Parts {
        let world: RuleWorld
        let run: String
        let segment: String
    }

    private static func append(_ count: Int, _ stream: String, with writer: Writer) throws {
        for number in 0..<count {
            if number == 0 && stream != "new" {
                _ = try writer.append(first(stream))
                continue
            }
            let name = number % 3 == 0 ? "all" : stream
            _ = try writer.append(.numbered(number, stream: name))
        }
    }

    /// The first event of `all` in a run, by an id of its own.
    private static func first(_ stream: String) throws -> AppendBatch {
        let batch = AppendBatch()
        try batch.add(
            stream: "all", type: "counted", data: Array("{\"n\":0}".utf8),
            time: Timestamp(nanoseconds: 0), id: EventID(high: 7, low: UInt64(stream.utf8.count)))
        return batch
    }

    private static func parts() throws -> Parts {
        let world = try RuleWorld()
        let process = try DamageWorld.start(world)
        let main = try process.store.openWriter(.main)
        var fresh: [[String]] = []
        for (count, stream) in [(60, "old"), (12, "middle"), (3, "new")] {
            let before = try world.files(in: StoreLayout.objects)
            try append(count, stream, with: main)
            try main.flush()
            fresh.append(try world.files(in: StoreLayout.objects).filter { !before.contains($0) })
        }
        try main.close()
        _ = try process.store.collect()
        process.kill()
        let run = try #require(fresh[1].first { $0.hasSuffix(".run") })
        let segment = try #require(fresh[1].first { $0.hasSuffix(".segment") })
        let left = try world.files(in: StoreLayout.objects)
        try #require(left.filter { $0.hasSuffix(".run") }.count == 3 && left.contains(segment))
        return Parts(world: world.afterKill(), run: run, segment: segment)
    }

    /// The data of one version; nil where there is none.
    private static func data(of stream: String, _ version: Int, _ view: View) throws -> String? {
        try Array(stream.utf8).withUnsafeBytes { name in
            try view.withEvent(of: name, version: Version(UInt64(version))) { event in
                String(decoding: event.data, as: UTF8.self)
            }
        }
    }

    @Test(arguments: RepairWorld.Damage.allCases.filter { $0 != .header })
    func invariant3FlushesGoOnAboveALostRun(_ damage: RepairWorld.Damage) throws {
        let parts = try Self.parts()
        let world = parts.world
        try world.disk.makeProcess().remove(parts.segment)
        try damage.strike(parts.run, in: world)
        let report = try DamageWorld.start(world).store.repair()
        #expect(Set(report.losses.map(\.path)) == [parts.segment])
        // A merge of all runs is due once more than a quarter of the oldest is new.
        for count in [1, 30, 60] {
            let process = try DamageWorld.start(world)
            let main = try process.store.openWriter(.main)
            for _ in 0..<count { _ = try main.append(.numbered(1, stream: "all")) }
            try main.flush()
            try main.close()
        }
        let process = try DamageWorld.start(world)
        #expect(try process.store.verify().isSound)
        _ = try process.store.collect()
        let view = try process.store.view(at: point("main"))
        #expect(view.head == Position(60 + 12 + 3 + 91))
        // 20 of the oldest run, 4 lost ones, 1, and those behind.
        for version in 24..<116 {
            let number = version == 24 ? 0 : 1
            #expect(try Self.data(of: "all", version, view) == "{\"n\":\(number)}")
        }
        #expect(try Self.data(of: "new", 1, view) == "{\"n\":2}")
        let lost = try failure { try Self.data(of: "middle", 3, view) }
        #expect(lost?.code == .damaged)
        guard damage == .missing || damage == .truncated else { return }
        let main = try process.store.openWriter(.main)
        // Who appended below it, and tries again, is told that it was done.
        let again = try main.append(
            Self.first("old"), expecting: [Expectation(stream: "all", version: .noEvents)])
        #expect(again.wasRepeated && again.positions == Position(0)..<Position(1))
        let unknown = try failure {
            try main.append(
                Self.first("middle"),
                expecting: [Expectation(stream: "all", version: .exactly(Version(20)))])
        }
        #expect(unknown?.code == .damaged)
        for stream in ["middle", "old", "unheard"] {
            let refused = try failure { try main.append(.numbered(1, stream: stream)) }
            #expect(refused?.code == .damaged, "\(stream): nobody can tell its version")
        }
    }
}
