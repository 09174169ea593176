// SPDX-License-Identifier: Apache-2.0
// Conformance of both catalogs: transactions, counters, overlays, revived objects.
import ForkEngine
import SegmentStore
import Testing

@Suite("Catalog conformance: transactions", .serialized)
struct CatalogTransactionTests {
    @Test(
        "a body that throws changes nothing, and its error comes out",
        arguments: CatalogKind.allCases)
    func throwingRollsBack(_ kind: CatalogKind) throws {
        let world = try CatalogWorld(kind)
        try world.first.insert(.sample(1, "main"))
        let refusal = code { () throws(ForkError) in
            try world.first.write { catalog throws(ForkError) in
                try catalog.insert(.sample(2, "b"))
                try catalog.remove(.sample(1, "main"))
                try catalog.insert(
                    OverlayRow(id: OverlayID(1), below: nil, base: .zero, owner: .main))
                try catalog.revive([Self.object(1)])
                _ = try catalog.nextForkID()
                _ = try catalog.forkCount()
                throw ForkError(.denied, "as the test wants")
            }
        }
        #expect(refusal == .denied)
        for catalog in [world.first, try world.connect()] {
            #expect(try catalog.forks() == [.sample(1, "main")])
            #expect(try catalog.overlays().isEmpty)
            try catalog.read { catalog throws(ForkError) in
                #expect(try !catalog.isRevived(Self.object(1)))
                #expect(try catalog.forkCount() == 1)
            }
        }
    }

    @Test("a write sees its own changes, and its result comes out", arguments: CatalogKind.allCases)
    func writesSeeThemselves(_ kind: CatalogKind) throws {
        let catalog = try CatalogWorld(kind).first
        let count = try catalog.write { catalog throws(ForkError) -> Int in
            try catalog.insert(.sample(1, "main"))
            let stored = try catalog.update(.sample(1, "main"))
            #expect(try catalog.fork(.main) == stored)
            #expect(try catalog.fork(named: "main") == stored)
            return try catalog.forkCount()
        }
        #expect(count == 1)
    }

    @Test(
        "a read sees one committed state, whatever is committed meanwhile",
        arguments: CatalogKind.allCases)
    func readsSeeOneState(_ kind: CatalogKind) throws {
        let world = try CatalogWorld(kind)
        let other = try world.connect()
        try world.first.insert(.sample(1, "main"))
        try other.read { catalog throws(ForkError) in
            #expect(try catalog.fork(.main) != nil)
            try world.first.insert(.sample(2, "b"))
            #expect(try catalog.fork(ForkID(2)) == nil)
            #expect(try catalog.forkCount() == 1)
        }
        #expect(try other.fork(2) != nil)
        // Nor does a read see what is not committed yet.
        try world.first.write { catalog throws(ForkError) in
            try catalog.insert(.sample(3, "c"))
            #expect(try other.fork(3) == nil)
        }
        #expect(try other.fork(3) != nil)
    }

    @Test(
        "a number is never given twice by committed transactions", arguments: CatalogKind.allCases)
    func countersGoOn(_ kind: CatalogKind) throws {
        let world = try CatalogWorld(kind)
        for round: UInt64 in 0..<3 {
            let catalog = try world.connect()
            try catalog.write { catalog throws(ForkError) in
                for number in 1...2 {
                    let expected = round * 2 + UInt64(number)
                    #expect(try catalog.nextForkID() == ForkID(expected))
                    #expect(try catalog.nextOverlayID() == OverlayID(expected))
                    #expect(try catalog.nextEpoch() == expected)
                }
            }
        }
        // Given, and then rolled back, a number may come again: nobody has it.
        _ = code { () throws(ForkError) in
            try world.first.write { catalog throws(ForkError) in
                #expect(try catalog.nextEpoch() == 7)
                throw ForkError(.denied, "as the test wants")
            }
        }
        try world.first.write { catalog throws(ForkError) in
            #expect(try catalog.nextEpoch() >= 7)
        }
    }

    @Test("overlays are kept, walked in order and removed", arguments: CatalogKind.allCases)
    func overlayRows(_ kind: CatalogKind) throws {
        let catalog = try CatalogWorld(kind).first
        let rows = [
            OverlayRow(id: OverlayID(1), below: nil, base: .zero, owner: .main),
            OverlayRow(id: OverlayID(2), below: OverlayID(1), base: Position(5), owner: ForkID(2)),
            OverlayRow(
                id: OverlayID(.max), below: OverlayID(.max - 1), base: Position(.max),
                owner: ForkID(.max)),
        ]
        try catalog.write { catalog throws(ForkError) in
            for row in rows.reversed() { try catalog.insert(row) }
        }
        #expect(try catalog.overlays() == rows)
        #expect(
            code { () throws(ForkError) in
                try catalog.write { catalog throws(ForkError) in try catalog.insert(rows[1]) }
            } == .system)
        try catalog.write { catalog throws(ForkError) in
            #expect(try catalog.overlay(OverlayID(.max)) == rows[2])
            try catalog.removeOverlay(OverlayID(2))
            try catalog.removeOverlay(OverlayID(3))
            #expect(try catalog.overlay(OverlayID(2)) == nil)
        }
        #expect(try catalog.overlays() == [rows[0], rows[2]])
    }

    static func object(_ number: UInt64, _ kind: ObjectKind = .segment) -> ObjectID {
        ObjectID(address: ObjectAddress(high: .max, low: number), kind: kind)
    }

    @Test("rule 9: revived objects are remembered until forgotten", arguments: CatalogKind.allCases)
    func revivedObjects(_ kind: CatalogKind) throws {
        let world = try CatalogWorld(kind)
        try world.first.write { catalog throws(ForkError) in
            try catalog.revive([Self.object(1), Self.object(2, .run)])
            try catalog.revive([Self.object(1)])
            try catalog.revive([])
        }
        try world.connect().read { catalog throws(ForkError) in
            #expect(try catalog.isRevived(Self.object(1)))
            #expect(try catalog.isRevived(Self.object(2, .run)))
            #expect(try !catalog.isRevived(Self.object(2, .nodes)))
            #expect(try !catalog.isRevived(Self.object(3)))
        }
        try world.first.write { catalog throws(ForkError) in try catalog.forgetRevived() }
        try world.connect().read { catalog throws(ForkError) in
            #expect(try !catalog.isRevived(Self.object(1)))
        }
    }

    @Test(
        "writers of many threads and connections follow one another",
        arguments: CatalogKind.allCases)
    func writersAreSerialised(_ kind: CatalogKind) async throws {
        let world = try CatalogWorld(kind)
        try world.first.insert(.sample(1, "main"))
        let inside = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for thread in 0..<4 {
                let catalog = thread < 2 ? world.first : try world.connect()
                group.addTask {
                    for _ in 0..<25 {
                        try catalog.write { catalog throws(ForkError) in
                            #expect(inside.add(1) == 1)
                            var row = try require(fork: try catalog.fork(.main))
                            row.epoch += 1
                            try catalog.update(row)
                            _ = inside.add(-1)
                        }
                        _ = try catalog.fork(1)
                    }
                }
            }
            try await group.waitForAll()
        }
        let row = try #require(try world.first.fork(1))
        #expect(row.epoch == 101 && row.generation == 101)
    }
}

/// `#require` for closures that throw nothing but `ForkError`.
func require<Value>(fork value: Value?) throws(ForkError) -> Value {
    guard let value else { throw ForkError(.notFound, "the test's row is gone") }
    return value
}
