// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, catalog, SQLite. Rows of the schema to values and back. A value that no
// catalog would have written is damage.
internal import SegmentStore

extension SQLiteStatement {
    /// A row of `CatalogStatement.forkColumns`.
    func forkRow() throws(ForkError) -> ForkRow {
        ForkRow(
            id: ForkID(try unsigned(0)), name: try text(1),
            parent: isNull(2) ? nil : ForkID(try unsigned(2)), generation: try unsigned(3),
            epoch: try unsigned(4), snapshot: try snapshot(5),
            liveJournal: JournalID(
                overlay: OverlayID(try unsigned(6)), number: try number(7)),
            base: Position(try unsigned(8)), baseLogicalByteCount: try unsigned(9),
            created: Timestamp(rawValue: try signed(10)),
            expires: isNull(11) ? nil : Timestamp(rawValue: try signed(11)),
            labels: try labels(12))
    }

    /// Binds all columns but the generation, which the caller decides on.
    func bind(_ row: ForkRow, generation: UInt64, named: Bool) throws(ForkError) {
        try bind(row.id.rawValue, at: 1)
        if named { try bind(row.name, at: 2) }
        try bind(row.parent.map { Int64(bitPattern: $0.rawValue) }, at: 3)
        try bind(generation, at: 4)
        try bind(row.epoch, at: 5)
        try bind(try SnapshotFormat.encode(row.snapshot), at: 6)
        try bind(row.liveJournal.overlay.rawValue, at: 7)
        try bind(Int64(row.liveJournal.number), at: 8)
        try bind(row.base.rawValue, at: 9)
        try bind(row.baseLogicalByteCount, at: 10)
        try bind(row.created.rawValue, at: 11)
        try bind(row.expires?.rawValue, at: 12)
        try bind(LabelsFormat.encode(row.labels), at: 13)
    }

    func overlayRow() throws(ForkError) -> OverlayRow {
        OverlayRow(
            id: OverlayID(try unsigned(0)), below: isNull(1) ? nil : OverlayID(try unsigned(1)),
            base: Position(try unsigned(2)), owner: ForkID(try unsigned(3)),
            depth: try number(4))
    }

    func bind(_ row: OverlayRow) throws(ForkError) {
        try bind(row.id.rawValue, at: 1)
        try bind(row.below.map { Int64(bitPattern: $0.rawValue) }, at: 2)
        try bind(row.base.rawValue, at: 3)
        try bind(row.owner.rawValue, at: 4)
        try bind(Int64(row.depth), at: 5)
    }

    func bind(_ object: ObjectID) throws(ForkError) {
        try bind(object.address.bytes, at: 1)
        try bind(Int64(object.kind.rawValue), at: 2)
    }

    /// The row of `CatalogStatement.readStore`; `newerFormat` where a newer build wrote it.
    func storeRow() throws(ForkError) -> (record: StoreRecord, counters: CatalogCounters) {
        let version = try number(0)
        guard version <= CatalogSchema.formatVersion else {
            throw ForkError(
                StorageError.newerFormat(
                    path: database.fileName, version: version,
                    supported: CatalogSchema.formatVersion))
        }
        guard version > 0 else { throw database.damage("the format version is 0") }
        let record = StoreRecord(
            storeID: try eventID(1), seed: try unsigned(2), formatVersion: version,
            created: Timestamp(rawValue: try signed(3)))
        var counters = CatalogCounters()
        counters.nextFork = try unsigned(4)
        counters.nextOverlay = try unsigned(5)
        counters.nextEpoch = try unsigned(6)
        counters.forkCount = try unsigned(7)
        counters.touches = try unsigned(8)
        return (record, counters)
    }

    func bind(_ record: StoreRecord) throws(ForkError) {
        try bind(Int64(record.formatVersion), at: 1)
        let words = (record.storeID.high.bigEndian, record.storeID.low.bigEndian)
        try bind(withUnsafeBytes(of: words) { [UInt8]($0) }, at: 2)
        try bind(record.seed, at: 3)
        try bind(record.created.rawValue, at: 4)
    }

    func bind(_ counters: CatalogCounters) throws(ForkError) {
        try bind(counters.nextFork, at: 1)
        try bind(counters.nextOverlay, at: 2)
        try bind(counters.nextEpoch, at: 3)
        try bind(counters.forkCount, at: 4)
        try bind(counters.touches, at: 5)
    }

    // MARK: Columns of one kind

    private func number(_ column: Int32) throws(ForkError) -> UInt32 {
        let value = try signed(column)
        guard let number = UInt32(exactly: value) else {
            throw database.damage("\(value) stands where 32 bits are possible")
        }
        return number
    }

    func snapshot(_ column: Int32) throws(ForkError) -> SnapshotRecord {
        let path = database.fileName
        return try blob(column) { bytes throws(ForkError) in
            try lifting { () throws(StorageError) in
                try SnapshotFormat.decode(bytes, path: path)
            }
        }
    }

    private func labels(_ column: Int32) throws(ForkError) -> Labels {
        let path = database.fileName
        return try blob(column) { bytes throws(ForkError) in
            try lifting { () throws(StorageError) in try LabelsFormat.decode(bytes, path: path) }
        }
    }

    private func eventID(_ column: Int32) throws(ForkError) -> EventID {
        let database = database
        return try blob(column) { bytes throws(ForkError) in
            guard bytes.count == 16 else {
                throw database.damage("the store's id has \(bytes.count) bytes")
            }
            return EventID(
                high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        }
    }
}
