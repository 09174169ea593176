// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, reading. What a pin's file holds.
//
//     0          8            16        24
//     ┌──────────┬────────────┬─────────┬──────────────────────┐
//     │ magic u64│ checksum   │ length  │ snapshot             │
//     │          │ XXH3-64    │ u64     │ (see SnapshotFormat) │
//     └──────────┴────────────┴─────────┴──────────────────────┘
//
// The checksum is over the length and the snapshot. A pin is never synced: one that is locked is
// complete, since a collector looks at pins only while nobody can be making one (rule 10).
package import SegmentStore

package enum PinFormat {
    /// "FORKPIN1"
    static let magic: UInt64 = 0x314e_4950_4b52_4f46
    static let headByteCount = 24
    static let byteCountMax = headByteCount + SnapshotFormat.byteCountMax

    package static func encode(_ snapshot: SnapshotRecord) throws(ForkError) -> [UInt8] {
        let body = try SnapshotFormat.encode(snapshot)
        let counted = word(UInt64(body.count)) + body
        return word(magic) + word(checksum(counted)) + counted
    }

    private static func word(_ value: UInt64) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    package static func decode(
        _ bytes: [UInt8], path: String
    ) throws(StorageError) -> SnapshotRecord {
        try bytes.span.withUnsafeBytes { (bytes) throws(StorageError) -> SnapshotRecord in
            var cursor = ByteCursor(bytes, path: path)
            guard try cursor.uint64() == magic else { throw cursor.damage("it is no pin") }
            let sum = try cursor.uint64()
            guard sum == checksum(Array(bytes.dropFirst(16))) else {
                throw cursor.damage("its checksum does not match")
            }
            guard try cursor.uint64() == UInt64(bytes.count - headByteCount) else {
                throw cursor.damage("its length does not match")
            }
            return try SnapshotFormat.decode(
                UnsafeRawBufferPointer(rebasing: bytes.dropFirst(headByteCount)), path: path)
        }
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt64 {
        bytes.withUnsafeBytes { StreamHash(of: $0).rawValue }
    }
}
