// SPDX-License-Identifier: Apache-2.0
// Conformance of both catalogs: transactions, counters, overlays, revived objects.
import ForkEngine
import ForkTesting
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
                    OverlayRow(
                        id: OverlayID(1), below: nil, base: .zero, owner: .main, depth: 0))
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
            OverlayRow(id: OverlayID(1), below: nil, base: .zero, owner: .main, depth: 0),
            OverlayRow(
                id: OverlayID(2), below: OverlayID(1), base: Position(5), owner: ForkID(2),
                depth: 1),
            OverlayRow(
                id: OverlayID(.max), below: OverlayID(.max - 1), base: Position(.max),
                owner: ForkID(.max), depth: .max),
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
        "rule 9: a read behind a write sees what the write changed, while others go on",
        arguments: CatalogKind.allCases)
    func readsBehindAWrite(_ kind: CatalogKind) throws {
        let world = try CatalogWorld(kind)
        let other = try world.connect()
        try world.first.write { catalog throws(ForkError) in
            try catalog.insert(.sample(1, "main"))
            try catalog.revive([Self.object(1)])
        }
        let seen = try world.first.write(
            { catalog throws(ForkError) in try catalog.forgetRevived() },
            thenRead: { catalog throws(ForkError) -> [String] in
                // The change is committed, nobody is kept from writing, and nothing of it shows.
                #expect(try !other.isRevived(Self.object(1)))
                for catalog in [world.first, other] {
                    let id = UInt64(try catalog.forks().count + 1)
                    try catalog.insert(.sample(id, "f\(id)"))
                }
                var names: [String] = []
                try catalog.forEachFork(from: .main) { row throws(ForkError) in
                    names.append(row.name)
                    return true
                }
                #expect(try catalog.forkCount() == 1)
                return names
            })
        #expect(seen == ["main"])
        #expect(try other.forks().map(\.name) == ["main", "f2", "f3"])
        // A change that does not come about is not read behind.
        var didRead = false
        let refusal = code { () throws(ForkError) in
            try world.first.write(
                { catalog throws(ForkError) in
                    try catalog.revive([Self.object(2)])
                    throw ForkError(.denied, "as the test wants")
                }, thenRead: { _ in didRead = true })
        }
        #expect(refusal == .denied && !didRead)
        #expect(try !other.isRevived(Self.object(2)))
    }

    @Test(
        "rule 9: nothing is committed between a write and the state that is read behind it",
        arguments: CatalogKind.allCases)
    func nothingComesBetween(_ kind: CatalogKind) async throws {
        let world = try CatalogWorld(kind)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for thread: UInt64 in 0..<3 {
                let catalog = try world.connect()
                group.addTask {
                    for number: UInt64 in 0..<30 {
                        try catalog.insert(
                            .sample(1 + thread * 100 + number, "\(thread)/\(number)"))
                    }
                }
            }
            group.addTask {
                for _ in 0..<30 {
                    var written = 0
                    try world.first.write(
                        { catalog throws(ForkError) in
                            written = try catalog.forkCount()
                            try catalog.touch()
                        },
                        thenRead: { catalog throws(ForkError) in
                            #expect(try catalog.forkCount() == written)
                        })
                }
            }
            try await group.waitForAll()
        }
        #expect(try world.first.forks().count == 90)
    }

    @Test("rule 4: where any fork cuts a journal is told", arguments: CatalogKind.allCases)
    func journalCuts(_ kind: CatalogKind) throws {
        let catalog = try CatalogWorld(kind).first
        let journal = JournalID(overlay: OverlayID(0x1_0203), number: 7)
        func row(_ id: UInt64, _ journal: JournalID, cutAt byteEnd: UInt64) -> ForkRow {
            ForkRow.sample(id, "f\(id)").changed { snapshot in
                snapshot.pieces = [
                    JournalExtent(
                        journal: JournalID(overlay: OverlayID(9), number: 0), byteEnd: 1,
                        positions: .zero..<Position(1)),
                    JournalExtent(
                        journal: journal, byteEnd: byteEnd, positions: Position(1)..<Position(2)),
                ]
                snapshot.cut = Position(2)
            }
        }
        func end() throws(ForkError) -> UInt64 {
            try catalog.read { catalog throws(ForkError) in try catalog.cutEnd(of: journal) }
        }
        #expect(try end() == 0)
        let sibling = JournalID(overlay: journal.overlay, number: 8)
        let other = JournalID(overlay: OverlayID(0x1_0204), number: 7)
        try catalog.insert(row(1, sibling, cutAt: 900), row(2, other, cutAt: 800))
        #expect(try end() == 0)
        try catalog.insert(row(3, journal, cutAt: 300), row(4, journal, cutAt: 500))
        try catalog.insert(row(5, journal, cutAt: 400), .extreme(6))
        #expect(try end() == 500)
        try catalog.write { catalog throws(ForkError) in
            try catalog.remove(row(4, journal, cutAt: 500))
        }
        #expect(try end() == 400)
    }

    @Test("rule 4: the greatest base above an overlay is told", arguments: CatalogKind.allCases)
    func greatestBase(_ kind: CatalogKind) throws {
        let catalog = try CatalogWorld(kind).first
        func base(above overlay: UInt64) throws(ForkError) -> UInt64 {
            try catalog.read { catalog throws(ForkError) in
                try catalog.greatestBase(above: OverlayID(overlay)).rawValue
            }
        }
        func insert(_ id: UInt64, above below: UInt64?, base: UInt64) throws(ForkError) {
            try catalog.write { catalog throws(ForkError) in
                try catalog.insert(
                    OverlayRow(
                        id: OverlayID(id), below: below.map { OverlayID($0) },
                        base: Position(base), owner: ForkID(id), depth: below == nil ? 0 : 1))
            }
        }
        #expect(try base(above: 1) == 0)
        try insert(1, above: nil, base: 900)
        try insert(2, above: 1, base: 300)
        try insert(3, above: 2, base: 800)
        #expect(try base(above: 1) == 300)
        try insert(4, above: 1, base: 500)
        try insert(5, above: 1, base: 400)
        try insert(6, above: .max, base: 7)
        #expect(try base(above: 1) == 500 && base(above: 2) == 800 && base(above: 3) == 0)
        #expect(try base(above: .max) == 7)
        // Numbers that read as negative are the greatest.
        try insert(7, above: 1, base: .max - 1)
        try insert(.max, above: 1, base: .max)
        try insert(8, above: 1, base: 1 << 63)
        #expect(try base(above: 1) == .max)
        try catalog.write { catalog throws(ForkError) in
            for id in [4, 7, 8, .max] as [UInt64] { try catalog.removeOverlay(OverlayID(id)) }
        }
        #expect(try base(above: 1) == 400)
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

extension Catalog {
    fileprivate func isRevived(_ object: ObjectID) throws(ForkError) -> Bool {
        try read { catalog throws(ForkError) in try catalog.isRevived(object) }
    }
}
