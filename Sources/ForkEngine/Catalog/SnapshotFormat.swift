// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, catalog. How a snapshot is written wherever one is kept.
//
// docs/format/catalog.md shows the same drawing, and a test holds the two equal.
//
// DRAWING
//   byte   0       1       2       3       4       5       6       7
//        +-------+-------+-------+-------+-------+-------+-------+-------+
//      0 | form 1| root  | piece | zeros                                 |
//        |       | 0, 1  | count |                                       |
//      8 | root end                                                      |
//     16 | cut                                                           |
//     24 | overlay                                                       |
//     32 | logical byte count                                            |
//        +-------+-------+-------+-------+-------+-------+-------+-------+
//     40 | root, 24 bytes, where there is one                            |
//        ~                                                               ~
//        +-------+-------+-------+-------+-------+-------+-------+-------+
//        | pieces, 36 bytes each, oldest first                           |
//        ~                                                               ~
//        +-------+-------+-------+-------+-------+-------+-------+-------+
//
//   A piece:
//        +-------+-------+-------+-------+-------+-------+-------+-------+
//      0 | overlay                                                       |
//      8 | byte end                                                      |
//     16 | from (position)                                               |
//     24 | to (position), above from                                      |
//        +-------+-------+-------+-------+-------+-------+-------+-------+
//     32 | journal number                |
//        +-------+-------+-------+-------+
//
//   At most 64 pieces. The first begins at the root's end, each at the end of the one before, and
//   the last ends at the cut. Where there is no root its end is 0. Integers are
//   little-endian, but for the root's address.
// END DRAWING
package import SegmentStore

package enum SnapshotFormat {
    static let form: UInt8 = 1
    static let fixedByteCount = 40
    static let pieceByteCount = 36
    package static let byteCountMax =
        fixedByteCount + ManifestRootFormat.byteCount
        + SnapshotRecord.pieceCountMax * pieceByteCount

    /// `tooLarge` where there are more than `SnapshotRecord.pieceCountMax` pieces; `damaged` where
    /// the parts do not join: what is wrong in memory is not made lasting.
    package static func encode(_ snapshot: SnapshotRecord) throws(ForkError) -> [UInt8] {
        let pieceCount = snapshot.pieces.count
        guard pieceCount <= SnapshotRecord.pieceCountMax else {
            throw ForkError(
                StorageError.limit(
                    what: "the number of pending journals", limit: SnapshotRecord.pieceCountMax,
                    actual: pieceCount))
        }
        if let fault = snapshot.fault {
            throw ForkError(
                .damaged, "a snapshot was not written, since its parts do not join: \(fault)")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(
            fixedByteCount + ManifestRootFormat.byteCount + pieceCount * pieceByteCount)
        bytes.append(form)
        bytes.append(snapshot.root == nil ? 0 : 1)
        bytes.append(UInt8(truncatingIfNeeded: pieceCount))
        bytes.append(contentsOf: [0, 0, 0, 0, 0])
        bytes.append(littleEndian: snapshot.rootEnd.rawValue)
        bytes.append(littleEndian: snapshot.cut.rawValue)
        bytes.append(littleEndian: snapshot.overlay.rawValue)
        bytes.append(littleEndian: snapshot.logicalByteCount)
        if let root = snapshot.root { bytes.append(contentsOf: root.encoded) }
        for piece in snapshot.pieces {
            bytes.append(littleEndian: piece.journal.overlay.rawValue)
            bytes.append(littleEndian: piece.byteEnd)
            bytes.append(littleEndian: piece.positions.lowerBound.rawValue)
            bytes.append(littleEndian: piece.positions.upperBound.rawValue)
            bytes.append(littleEndian: piece.journal.number)
        }
        return bytes
    }

    /// Decodes exactly `bytes`; anything else than what `encode` gives is damage of `path`.
    package static func decode(
        _ bytes: UnsafeRawBufferPointer, path: String
    ) throws(StorageError) -> SnapshotRecord {
        var cursor = ByteCursor(bytes, path: path)
        guard try cursor.uint8() == form else {
            throw cursor.damage("a snapshot has a form that is not known")
        }
        let rootCount = try cursor.uint8()
        let pieceCount = Int(try cursor.uint8())
        guard rootCount <= 1, pieceCount <= SnapshotRecord.pieceCountMax,
            try cursor.take(5).allSatisfy({ $0 == 0 })
        else { throw cursor.damage("a snapshot's head is not valid") }
        let rootEnd = Position(try cursor.uint64())
        let cut = Position(try cursor.uint64())
        let overlay = OverlayID(try cursor.uint64())
        let logicalByteCount = try cursor.uint64()
        let root = rootCount == 1 ? try decodeRoot(&cursor) : nil
        var pieces: [JournalExtent] = []
        pieces.reserveCapacity(pieceCount)
        for _ in 0..<pieceCount { pieces.append(try decodePiece(&cursor)) }
        guard cursor.isAtEnd else { throw cursor.damage("a snapshot goes on behind its end") }
        let snapshot = SnapshotRecord(
            root: root, rootEnd: rootEnd, pieces: pieces, cut: cut, overlay: overlay,
            logicalByteCount: logicalByteCount)
        if let fault = snapshot.fault {
            throw cursor.damage("a snapshot's parts do not join: \(fault)")
        }
        return snapshot
    }

    private static func decodeRoot(
        _ cursor: inout ByteCursor
    ) throws(StorageError) -> ManifestRoot {
        let bytes = try cursor.take(ManifestRootFormat.byteCount)
        guard let root = ManifestRoot(decoding: [UInt8](bytes)) else {
            throw cursor.damage("a snapshot's root is not valid")
        }
        return root
    }

    private static func decodePiece(
        _ cursor: inout ByteCursor
    ) throws(StorageError) -> JournalExtent {
        let overlay = OverlayID(try cursor.uint64())
        let byteEnd = try cursor.uint64()
        let from = Position(try cursor.uint64())
        let to = Position(try cursor.uint64())
        let number = try cursor.uint32()
        guard from <= to else {
            throw cursor.damage("a journal's positions end before they begin")
        }
        return JournalExtent(
            journal: JournalID(overlay: overlay, number: number), byteEnd: byteEnd,
            positions: from..<to)
    }
}

extension [UInt8] {
    fileprivate mutating func append(littleEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}
