// SPDX-License-Identifier: Apache-2.0
// Sums for headers that a test forges.
import CXXHash

enum JournalHeaderBytes {
    /// XXH3-64 of `bytes`, little-endian.
    static func checksum(of bytes: [UInt8]) -> [UInt8] {
        let sum = bytes.withUnsafeBytes { forkctl_hash64($0.baseAddress, $0.count) }
        return (0..<8).map { UInt8(truncatingIfNeeded: sum >> ($0 * 8)) }
    }
}
