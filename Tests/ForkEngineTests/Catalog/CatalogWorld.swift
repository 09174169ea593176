// SPDX-License-Identifier: Apache-2.0
// The two catalogs behind one face, so that one suite holds them equal.
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

enum CatalogKind: String, CaseIterable, Sendable {
    case sqlite
    case simulated
}

/// A fresh catalog that several processes can connect to.
final class CatalogWorld: Sendable {
    static let store = StoreRecord(
        storeID: EventID(high: 0xfedc_ba98_7654_3210, low: 0x8000_0000_0000_0001),
        seed: .max - 1, formatVersion: 1, created: Timestamp(rawValue: 1_700_000_000_000_000_000))

    let connect: @Sendable () throws -> any Catalog
    let first: any Catalog

    init(_ kind: CatalogKind) throws {
        switch kind {
        case .sqlite:
            let files = try CatalogFiles()
            first = try files.create()
            connect = { try files.open() }
        case .simulated:
            let disk = SimulatedCatalogDisk(store: Self.store)
            first = SimulatedCatalog(on: disk)
            connect = { SimulatedCatalog(on: disk) }
        }
    }
}

/// A folder for a real catalog, and the file through which its writers lock.
final class CatalogFiles: Sendable {
    let folder: TemporaryFolder
    var path: String { folder.path + "/catalog" }

    init() throws {
        folder = try TemporaryFolder()
        _ = try folder.fileSystem.create("locks")
    }

    func create() throws -> SQLiteCatalog {
        try SQLiteCatalog.create(at: path, writeLock: lock(), store: CatalogWorld.store)
    }

    func open() throws -> SQLiteCatalog {
        try SQLiteCatalog(openAt: path, writeLock: lock())
    }

    func lock() throws -> SQLiteCatalog.WriteLock {
        try Self.lock(in: folder.fileSystem)
    }

    static func lock(in fileSystem: any FileSystem) throws -> SQLiteCatalog.WriteLock {
        SQLiteCatalog.WriteLock(
            file: try fileSystem.open("locks", for: .readWrite), range: 8..<9)
    }
}

extension ForkRow {
    /// A plain row; tests change what they are about.
    static func sample(_ id: UInt64, _ name: String) -> ForkRow {
        ForkRow(
            id: ForkID(id), name: name, parent: nil, generation: 1, epoch: id,
            snapshot: SnapshotRecord(
                root: nil, rootEnd: .zero, pieces: [], cut: .zero, overlay: OverlayID(id),
                logicalByteCount: 0),
            liveJournal: JournalID(overlay: OverlayID(id), number: 0), base: .zero,
            baseLogicalByteCount: 0, created: Timestamp(rawValue: 1), expires: nil, labels: Labels()
        )
    }

    /// Every field as large as it may be.
    static func extreme(_ id: UInt64) -> ForkRow {
        let first = UInt64.max - UInt64(SnapshotRecord.pieceCountMax)
        let pieces = (0..<SnapshotRecord.pieceCountMax).map { number in
            JournalExtent(
                journal: JournalID(overlay: OverlayID(.max), number: .max), byteEnd: .max,
                positions: Position(first + UInt64(number))..<Position(first + UInt64(number) + 1))
        }
        var labels = Labels()
        for number in 0..<Labels.countMax {
            let key = String(repeating: "k", count: 61) + String(number + 10)
            let value = String(repeating: "é", count: 127) + "v"
            do throws(TextError) {
                try labels.insert(Label(key: key, value: value))
            } catch {
                Issue.record("the largest labels are refused: \(error.sentence)")
            }
        }
        return ForkRow(
            id: ForkID(id), name: String(repeating: "n", count: 128), parent: ForkID(.max),
            generation: .max - 1, epoch: .max,
            snapshot: SnapshotRecord(
                root: ManifestRoot(
                    node: NodeReference(
                        object: ObjectAddress(high: .max, low: .max - 1), page: .max), height: 15),
                rootEnd: Position(first), pieces: pieces, cut: Position(.max),
                overlay: OverlayID(.max), logicalByteCount: .max),
            liveJournal: JournalID(overlay: OverlayID(.max), number: .max), base: Position(.max),
            baseLogicalByteCount: .max, created: .min, expires: .max, labels: labels)
    }

    func changed(_ change: (inout SnapshotRecord) -> Void) -> ForkRow {
        var row = self
        change(&row.snapshot)
        return row
    }

    /// This row, which has two pieces at least, with its snapshot's parts a position apart or over
    /// each other, each in one place.
    var broken: [ForkRow] {
        [
            changed { $0.rootEnd = Position($0.rootEnd.rawValue - 1) },
            changed { $0.rootEnd = Position($0.rootEnd.rawValue + 1) },
            changed { $0.cut = Position($0.cut.rawValue - 1) },
            changed { $0.pieces.remove(at: 1) },
            changed { $0.pieces.swapAt(0, 1) },
            changed { $0.pieces[1] = $0.pieces[0] },
            changed { $0.pieces.removeLast() },
            changed { $0.pieces.removeAll() },
            changed { $0.root = nil },
        ]
    }
}

extension Catalog {
    func insert(_ rows: ForkRow...) throws(ForkError) {
        try write { catalog throws(ForkError) in
            for row in rows { try catalog.insert(row) }
        }
    }

    func fork(_ id: UInt64) throws(ForkError) -> ForkRow? {
        try read { catalog throws(ForkError) in try catalog.fork(ForkID(id)) }
    }

    func forks(from first: UInt64 = 0) throws(ForkError) -> [ForkRow] {
        try read { catalog throws(ForkError) in
            var rows: [ForkRow] = []
            try catalog.forEachFork(from: ForkID(first)) { row throws(ForkError) in
                rows.append(row)
                return true
            }
            return rows
        }
    }

    func overlays() throws(ForkError) -> [OverlayRow] {
        try read { catalog throws(ForkError) in
            var rows: [OverlayRow] = []
            try catalog.forEachOverlay { row throws(ForkError) in rows.append(row) }
            return rows
        }
    }
}

/// The code that `body` fails with; nil where it does not.
func code(of body: () throws(ForkError) -> Void) -> ForkError.Code? {
    do throws(ForkError) {
        try body()
        return nil
    } catch {
        return error.code
    }
}
