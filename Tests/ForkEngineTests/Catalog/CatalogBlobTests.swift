// SPDX-License-Identifier: Apache-2.0
import ForkEngine
import SegmentStore
import Testing

@Suite("Formats of the catalog's blobs")
struct CatalogBlobTests {
    static let snapshot = SnapshotRecord(
        root: ManifestRoot(
            node: NodeReference(
                object: ObjectAddress(high: 0x0102_0304_0506_0708, low: 0x090a_0b0c_0d0e_0f10),
                page: 7), height: 2),
        rootEnd: Position(0x1122),
        pieces: [
            JournalExtent(
                journal: JournalID(overlay: OverlayID(3), number: 1), byteEnd: 0x4455,
                positions: Position(0x1122)..<Position(0x1133)),
            JournalExtent(
                journal: JournalID(overlay: OverlayID(4), number: 0), byteEnd: 0x66,
                positions: Position(0x1133)..<Position(0x1144)),
        ], cut: Position(0x1144), overlay: OverlayID(4), logicalByteCount: 0x778899)

    static var labels: Labels {
        get throws { try Labels([Label("job=42"), Label("n-e=")]) }
    }

    /// Fixes the bytes: whoever changes them changes the format, and says so in its version.
    @Test("golden: the bytes of a snapshot and of labels")
    func goldenBytes() throws {
        let snapshot = try SnapshotFormat.encode(Self.snapshot)
        #expect(
            Self.hex(snapshot) == """
                0101020000000000 2211000000000000 4411000000000000 0400000000000000
                9988770000000000 0102030405060708 090a0b0c0d0e0f10 0700000002000000
                0300000000000000 5544000000000000 2211000000000000 3311000000000000
                0100000004000000 0000000066000000 0000000033110000 0000000044110000
                0000000000000000
                """)
        #expect(
            Self.hex(LabelsFormat.encode(try Self.labels)) == "02036a6f62023432 036e2d6500")
        #expect(LabelsFormat.encode(Labels()) == [0])
    }

    /// Lines of four groups of eight bytes.
    static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        var text = ""
        for (index, byte) in bytes.enumerated() {
            if index > 0, index % 8 == 0 { text += index % 32 == 0 ? "\n" : " " }
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return text
    }

    @Test("invariant 6: every truncation and every longer form is damage")
    func truncations() throws {
        let snapshot = try SnapshotFormat.encode(Self.snapshot)
        let labels = LabelsFormat.encode(try Self.labels)
        for count in 0..<snapshot.count {
            #expect(Self.decodeSnapshot(Array(snapshot[..<count])) == nil)
        }
        for count in 0..<labels.count {
            #expect(Self.decodeLabels(Array(labels[..<count])) == nil)
        }
        #expect(Self.decodeSnapshot(snapshot + [0]) == nil)
        #expect(Self.decodeLabels(labels + [0]) == nil)
        #expect(Self.decodeSnapshot(snapshot) == Self.snapshot)
        #expect(try Self.decodeLabels(labels) == Self.labels)
    }

    @Test("every single-bit flip is damage, or decodes to what encodes to those bytes")
    func bitFlips() throws {
        // The largest forms are sampled, at a stride that meets every bit of a byte.
        for (snapshot, stride) in [(Self.snapshot, 1), (ForkRow.extreme(1).snapshot, 11)] {
            let bytes = try SnapshotFormat.encode(snapshot)
            for bit in Swift.stride(from: 0, to: bytes.count * 8, by: stride) {
                let flipped = Self.flip(bytes, bit)
                guard let decoded = Self.decodeSnapshot(flipped) else { continue }
                #expect(decoded != snapshot)
                #expect(try SnapshotFormat.encode(decoded) == flipped)
            }
        }
        for (labels, stride) in [(try Self.labels, 1), (ForkRow.extreme(1).labels, 1_009)] {
            let bytes = LabelsFormat.encode(labels)
            for bit in Swift.stride(from: 0, to: bytes.count * 8, by: stride) {
                let flipped = Self.flip(bytes, bit)
                guard let decoded = Self.decodeLabels(flipped) else { continue }
                #expect(LabelsFormat.encode(decoded) == flipped)
            }
        }
    }

    @Test("hostile bytes: a snapshot whose parts do not join is damage")
    func partsJoin() throws {
        let row = ForkRow.sample(1, "f").changed { $0 = Self.snapshot }
        let bytes = try SnapshotFormat.encode(Self.snapshot)
        for broken in row.broken.map(\.snapshot) {
            #expect(throws: ForkError.self) { try SnapshotFormat.encode(broken) }
        }
        // The same in bytes: the root's end, the cut, the first piece's end, the second's start.
        for offset in [8, 16, 64 + 24, 64 + 36 + 16] {
            for difference: Int8 in [-1, 1] {
                var hostile = bytes
                hostile[offset] &+= UInt8(bitPattern: difference)
                #expect(Self.decodeSnapshot(hostile) == nil, "\(offset), \(difference)")
            }
        }
    }

    @Test("hostile bytes: labels that nobody can give are damage")
    func hostileLabels() {
        // A control character, a key that begins with '-', keys out of order, a key twice.
        let hostile: [[UInt8]] = [
            [1, 1, 0x61, 1, 7], [1, 1, 0x2d, 0], [2, 1, 0x62, 0, 1, 0x61, 0],
            [2, 1, 0x61, 0, 1, 0x61, 0],
        ]
        for bytes in hostile { #expect(Self.decodeLabels(bytes) == nil, "\(bytes)") }
    }

    private static func flip(_ bytes: [UInt8], _ bit: Int) -> [UInt8] {
        var bytes = bytes
        bytes[bit / 8] ^= 1 << (bit % 8)
        return bytes
    }

    /// Nil where it is damage; any other error fails the test.
    private static func decodeSnapshot(_ bytes: [UInt8]) -> SnapshotRecord? {
        decode(bytes) { bytes throws(StorageError) in
            try SnapshotFormat.decode(bytes, path: "catalog")
        }
    }

    private static func decodeLabels(_ bytes: [UInt8]) -> Labels? {
        decode(bytes) { bytes throws(StorageError) in
            try LabelsFormat.decode(bytes, path: "catalog")
        }
    }

    private static func decode<Value>(
        _ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws(StorageError) -> Value
    ) -> Value? {
        bytes.withUnsafeBytes { buffer in
            do throws(StorageError) {
                return try body(buffer)
            } catch {
                #expect(error.isDamage)
                return nil
            }
        }
    }
}
