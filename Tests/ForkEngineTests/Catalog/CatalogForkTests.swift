// SPDX-License-Identifier: Apache-2.0
// Conformance of both catalogs: rows of forks.
import ForkEngine
import SegmentStore
import Testing

@Suite("Catalog conformance: forks", .serialized)
struct CatalogForkTests {
    @Test(
        "a row comes back with every field, plain and at its extremes",
        arguments: CatalogKind.allCases)
    func rowsRoundTrip(_ kind: CatalogKind) throws {
        let world = try CatalogWorld(kind)
        var rows = [ForkRow.sample(1, "main"), .extreme(.max), .extreme(1 << 63)]
        rows[2].name = "b"
        rows[2].expires = .min
        rows[2].created = .max
        rows[2].labels = Labels()
        for row in rows { try world.first.insert(row) }
        let other = try world.connect()
        for row in rows {
            #expect(try other.fork(row.id.rawValue) == row)
            let named = try other.read { catalog throws(ForkError) in
                try catalog.fork(named: row.name)
            }
            #expect(named == row)
        }
        // Order is that of numbers without sign.
        #expect(try other.forks().map(\.id.rawValue) == [1, 1 << 63, .max])
        #expect(try other.forks(from: 2).map(\.id.rawValue) == [1 << 63, .max])
        #expect(try other.forks(from: .max).map(\.id.rawValue) == [.max])
    }

    @Test("what no row has is not found", arguments: CatalogKind.allCases)
    func absentIsNil(_ kind: CatalogKind) throws {
        let catalog = try CatalogWorld(kind).first
        #expect(try catalog.fork(7) == nil)
        #expect(try catalog.forks().isEmpty)
        try catalog.read { catalog throws(ForkError) in
            #expect(try catalog.fork(named: "nobody") == nil)
            #expect(try catalog.forkCount() == 0)
            #expect(try catalog.store() == CatalogWorld.store)
        }
    }

    @Test("a name is one fork's, and free again once that is gone", arguments: CatalogKind.allCases)
    func namesAreUnique(_ kind: CatalogKind) throws {
        let catalog = try CatalogWorld(kind).first
        try catalog.insert(.sample(1, "main"), .sample(2, "b"))
        #expect(
            code { () throws(ForkError) in try catalog.insert(.sample(3, "b")) } == .alreadyExists)
        var renamed = ForkRow.sample(2, "main")
        #expect(
            code { () throws(ForkError) in
                try catalog.write { catalog throws(ForkError) in _ = try catalog.update(renamed) }
            } == .alreadyExists)
        renamed.name = "c"
        _ = try catalog.write { catalog throws(ForkError) in try catalog.update(renamed) }
        try catalog.insert(.sample(3, "b"))
        #expect(try catalog.forks().map(\.name) == ["main", "c", "b"])
        // Names are compared as bytes.
        try catalog.insert(.sample(4, "B"), .sample(5, "é"), .sample(6, "e\u{301}"))
        #expect(try catalog.forks().count == 6)
    }

    @Test("an id is given once", arguments: CatalogKind.allCases)
    func idsAreUnique(_ kind: CatalogKind) throws {
        let catalog = try CatalogWorld(kind).first
        try catalog.insert(.sample(1, "main"))
        #expect(code { () throws(ForkError) in try catalog.insert(.sample(1, "b")) } == .system)
        #expect(try catalog.forks() == [.sample(1, "main")])
    }

    @Test(
        "rule 6: a change is conditional on the generation and raises it",
        arguments: CatalogKind.allCases)
    func changesAreConditional(_ kind: CatalogKind) throws {
        let catalog = try CatalogWorld(kind).first
        var row = ForkRow.sample(1, "main")
        try catalog.insert(row)
        row.epoch = 99
        let stored = try catalog.write { catalog throws(ForkError) in try catalog.update(row) }
        #expect(stored.generation == 2 && stored.epoch == 99)
        #expect(try catalog.fork(1) == stored)
        for stale in [row, .sample(2, "gone")] {
            #expect(
                code { () throws(ForkError) in
                    try catalog.write { catalog throws(ForkError) in _ = try catalog.update(stale) }
                } == .changed)
            #expect(
                code { () throws(ForkError) in
                    try catalog.write { catalog throws(ForkError) in try catalog.remove(stale) }
                } == .changed)
        }
        try catalog.write { catalog throws(ForkError) in try catalog.remove(stored) }
        #expect(try catalog.fork(1) == nil)
        #expect(try catalog.read { catalog throws(ForkError) in try catalog.forkCount() } == 0)
    }

    @Test("a generation that cannot be raised is refused", arguments: CatalogKind.allCases)
    func generationDoesNotWrap(_ kind: CatalogKind) throws {
        let catalog = try CatalogWorld(kind).first
        var row = ForkRow.extreme(1)
        try catalog.insert(row)
        row = try catalog.write { catalog throws(ForkError) in try catalog.update(row) }
        #expect(row.generation == .max)
        let last = row
        #expect(
            code { () throws(ForkError) in
                try catalog.write { catalog throws(ForkError) in _ = try catalog.update(last) }
            } == .tooLarge)
    }

    @Test("a row beyond a limit is refused and changes nothing", arguments: CatalogKind.allCases)
    func limitsHold(_ kind: CatalogKind) throws {
        let catalog = try CatalogWorld(kind).first
        let extreme = ForkRow.extreme(1)
        let row = extreme.changed { $0.pieces.append($0.pieces[0]) }
        #expect(code { () throws(ForkError) in try catalog.insert(row) } == .tooLarge)
        #expect(try catalog.forks().isEmpty)
        try catalog.insert(extreme)
    }

    @Test(
        "a snapshot whose parts do not join is refused and changes nothing",
        arguments: CatalogKind.allCases)
    func partsJoin(_ kind: CatalogKind) throws {
        let catalog = try CatalogWorld(kind).first
        try catalog.insert(.extreme(1))
        for broken in ForkRow.extreme(1).broken {
            let refusal = code { () throws(ForkError) in
                try catalog.write { catalog throws(ForkError) in _ = try catalog.update(broken) }
            }
            #expect(refusal == .damaged)
        }
        #expect(try catalog.forks() == [.extreme(1)])
    }

    @Test(
        "forks are walked in order, from anywhere, until told to stop",
        arguments: CatalogKind.allCases)
    func walking(_ kind: CatalogKind) throws {
        let catalog = try CatalogWorld(kind).first
        let ids = (1...300).map { UInt64($0 * 3) }
        try catalog.write { catalog throws(ForkError) in
            for id in ids.reversed() { try catalog.insert(.sample(id, "f\(id)")) }
        }
        #expect(try catalog.forks().map(\.id.rawValue) == ids)
        for first: UInt64 in [0, 3, 4, 383, 384, 385, 900, 901, .max] {
            #expect(try catalog.forks(from: first).map(\.id.rawValue) == ids.filter { $0 >= first })
        }
        for limit in [1, 127, 128, 129, 256] {
            var seen = 0
            try catalog.read { catalog throws(ForkError) in
                try catalog.forEachFork(from: ForkID(1)) { _ throws(ForkError) in
                    seen += 1
                    return seen < limit
                }
            }
            #expect(seen == limit)
        }
        #expect(try catalog.read { catalog throws(ForkError) in try catalog.forkCount() } == 300)
    }

    @Test(
        "rows may be asked for and changed while they are walked", arguments: CatalogKind.allCases)
    func changingWhileWalking(_ kind: CatalogKind) throws {
        let catalog = try CatalogWorld(kind).first
        try catalog.write { catalog throws(ForkError) in
            for id in 1...200 { try catalog.insert(.sample(UInt64(id), "f\(id)")) }
        }
        try catalog.write { catalog throws(ForkError) in
            var visited = 0
            try catalog.forEachFork(from: ForkID(1)) { row throws(ForkError) in
                visited += 1
                var inner = 0
                try catalog.forEachFork(from: row.id) { _ throws(ForkError) in
                    inner += 1
                    return inner < 3
                }
                if row.id.rawValue % 2 == 0 {
                    try catalog.remove(row)
                } else {
                    _ = try catalog.update(row)
                }
                return true
            }
            #expect(visited == 200)
        }
        #expect(try catalog.forks().count == 100)
        #expect(try catalog.forks().allSatisfy { $0.generation == 2 })
    }
}
