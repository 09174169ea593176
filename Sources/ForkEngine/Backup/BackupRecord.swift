// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, backup. One statement of a backup's index, and its bytes.
//
// docs/format/backup.md describes them. The kind stands in the bytes: nothing is told by its shape.
import SegmentStore

/// What an index says, in this order: the store, overlays, forks, objects, journals.
enum BackupRecord: Equatable {
    case store(StoreRecord, CatalogCounters)
    case overlay(OverlayRow)
    /// With all that counts sealed in its snapshot; it has no live journal.
    case fork(ForkRow)
    case object(ObjectID, byteCount: UInt64)
    case journal(BackedUpJournal, checksum: ObjectAddress)
    /// In the place of the object.
    case loss(BackedUpLoss)

    /// A row with the longest name and the most labels takes 24 KiB; the line that says what is lost
    /// of an object up to 64 KiB.
    static let byteCountMax = 1 << 17

    var kind: UInt8 {
        switch self {
        case .store: 1
        case .overlay: 2
        case .fork: 3
        case .object: 4
        case .journal: 5
        case .loss: 6
        }
    }

    func encode(into sink: inout ByteSink) throws(ForkError) {
        switch self {
        case .store(let record, let counters):
            sink.append(record.storeID.high)
            sink.append(record.storeID.low)
            sink.append(record.seed)
            sink.append(record.formatVersion)
            sink.append(record.created.rawValue)
            sink.append(counters.nextFork)
            sink.append(counters.nextOverlay)
            sink.append(counters.nextEpoch)
        case .overlay(let row):
            sink.append(row.id.rawValue)
            sink.append(optional: row.below?.rawValue)
            sink.append(row.base.rawValue)
            sink.append(row.owner.rawValue)
            sink.append(row.depth)
        case .fork(let row):
            sink.append(row.id.rawValue)
            sink.append(optional: row.parent?.rawValue)
            sink.append(row.generation)
            sink.append(row.base.rawValue)
            sink.append(row.baseLogicalByteCount)
            sink.append(row.created.rawValue)
            sink.append(optional: row.expires.map { UInt64(bitPattern: $0.rawValue) })
            sink.append(counted: Array(row.name.utf8))
            sink.append(counted: try SnapshotFormat.encode(row.snapshot))
            sink.append(counted: LabelsFormat.encode(row.labels))
        case .object(let object, let byteCount):
            sink.append(object)
            sink.append(byteCount)
        case .journal(let journal, let checksum):
            sink.append(journal.journal.overlay.rawValue)
            sink.append(journal.journal.number)
            sink.append(journal.byteEnd)
            sink.append(checksum)
        case .loss(let loss):
            sink.append(loss.object)
            sink.append(UInt8(loss.rest == nil ? 0 : 1))
            sink.append(loss.rest ?? loss.object)
            sink.append(loss.byteCount)
            sink.append(counted: Array(loss.fault.utf8))
        }
    }

    /// Reads exactly the bytes of `cursor`.
    static func decode(
        kind: UInt8, _ cursor: inout ByteCursor
    ) throws(StorageError) -> BackupRecord {
        let record: BackupRecord
        switch kind {
        case 1: record = try decodeStore(&cursor)
        case 2:
            record = .overlay(
                OverlayRow(
                    id: OverlayID(try cursor.uint64()),
                    below: try cursor.optional().map { OverlayID($0) },
                    base: Position(try cursor.uint64()), owner: ForkID(try cursor.uint64()),
                    depth: try cursor.uint32()))
        case 3: record = .fork(try decodeFork(&cursor))
        case 4: record = .object(try cursor.object(), byteCount: try cursor.uint64())
        case 5:
            let journal = JournalID(
                overlay: OverlayID(try cursor.uint64()), number: try cursor.uint32())
            let byteEnd = try cursor.uint64()
            record = .journal(
                BackedUpJournal(journal: journal, byteEnd: byteEnd),
                checksum: try cursor.address())
        case 6: record = .loss(try decodeLoss(&cursor))
        default: throw cursor.damage("it holds a record of kind \(kind), which is not known")
        }
        guard cursor.isAtEnd else { throw cursor.damage("a record goes on behind its end") }
        return record
    }

    private static func decodeLoss(_ cursor: inout ByteCursor) throws(StorageError) -> BackedUpLoss
    {
        let object = try cursor.object()
        let flag = try cursor.uint8()
        let rest = try cursor.object()
        let byteCount = try cursor.uint64()
        let fault = String(validating: try cursor.counted(), as: UTF8.self)
        guard flag <= 1, rest.kind == object.kind, flag == 1 || byteCount == 0,
            let fault, !fault.contains(where: \.isNewline)
        else { throw cursor.damage("what it says of a lost object cannot be") }
        return BackedUpLoss(
            object: object, rest: flag == 1 ? rest : nil, byteCount: byteCount, fault: fault)
    }

    private static func decodeStore(
        _ cursor: inout ByteCursor
    ) throws(StorageError) -> BackupRecord {
        let record = StoreRecord(
            storeID: EventID(high: try cursor.uint64(), low: try cursor.uint64()),
            seed: try cursor.uint64(), formatVersion: try cursor.uint32(),
            created: Timestamp(rawValue: Int64(bitPattern: try cursor.uint64())))
        var counters = CatalogCounters()
        counters.nextFork = try cursor.uint64()
        counters.nextOverlay = try cursor.uint64()
        counters.nextEpoch = try cursor.uint64()
        return .store(record, counters)
    }

    private static func decodeFork(_ cursor: inout ByteCursor) throws(StorageError) -> ForkRow {
        let id = ForkID(try cursor.uint64())
        let parent = try cursor.optional().map { ForkID($0) }
        let generation = try cursor.uint64()
        let base = Position(try cursor.uint64())
        let baseLogicalByteCount = try cursor.uint64()
        let created = Timestamp(rawValue: Int64(bitPattern: try cursor.uint64()))
        let expires = try cursor.optional().map { Timestamp(rawValue: Int64(bitPattern: $0)) }
        let name = String(decoding: try cursor.counted(), as: UTF8.self)
        let snapshot = try SnapshotFormat.decode(try cursor.counted(), path: cursor.path)
        let labels = try LabelsFormat.decode(try cursor.counted(), path: cursor.path)
        return ForkRow(
            id: id, name: name, parent: parent, generation: generation, epoch: 0,
            snapshot: snapshot, liveJournal: JournalID(overlay: snapshot.overlay, number: 0),
            base: base, baseLogicalByteCount: baseLogicalByteCount, created: created,
            expires: expires, labels: labels)
    }
}

extension ByteSink {
    fileprivate mutating func append(optional value: UInt64?) {
        append(UInt8(value == nil ? 0 : 1))
        append(value ?? 0)
    }

    fileprivate mutating func append(counted bytes: [UInt8]) {
        append(UInt32(bytes.count))
        extend(by: bytes.count).copyBytes(from: bytes)
    }

    fileprivate mutating func append(_ address: ObjectAddress) {
        address.write(to: extend(by: ObjectAddress.byteCount))
    }

    fileprivate mutating func append(_ object: ObjectID) {
        append(object.address)
        append(object.kind.rawValue)
    }
}

extension ByteCursor {
    fileprivate mutating func optional() throws(StorageError) -> UInt64? {
        let flag = try uint8()
        let value = try uint64()
        guard flag <= 1, flag == 1 || value == 0 else {
            throw damage("a value is neither there nor absent")
        }
        return flag == 1 ? value : nil
    }

    fileprivate mutating func counted() throws(StorageError) -> UnsafeRawBufferPointer {
        try take(Int(try uint32()))
    }

    fileprivate mutating func object() throws(StorageError) -> ObjectID {
        let address = try address()
        guard let kind = ObjectKind(rawValue: try uint8()) else {
            throw damage("it names an object of no known kind")
        }
        return ObjectID(address: address, kind: kind)
    }

    fileprivate mutating func address() throws(StorageError) -> ObjectAddress {
        ObjectAddress(try take(ObjectAddress.byteCount), at: 0)
    }
}
