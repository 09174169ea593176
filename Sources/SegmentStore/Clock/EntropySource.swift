// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, clock seam. All chance goes through this protocol, so that tests repeat.
import CPlatform

package protocol EntropySource: Sendable {
    /// Fills `bytes` with what nobody can predict.
    func fill(_ bytes: UnsafeMutableRawBufferPointer) throws(StorageError)
}

extension EntropySource {
    /// One unpredictable 64-bit number.
    package func number() throws(StorageError) -> UInt64 {
        var number: UInt64 = 0
        try withUnsafeMutableBytes(of: &number) { bytes throws(StorageError) in
            try fill(bytes)
        }
        return number
    }
}

/// The kernel's generator, getrandom(2).
package struct SystemEntropy: EntropySource {
    package init() {}

    package func fill(_ bytes: UnsafeMutableRawBufferPointer) throws(StorageError) {
        guard let base = bytes.baseAddress else { return }
        var done = 0
        while done < bytes.count {
            done += try systemCall("read", on: "getrandom") {
                platform_random(base + done, bytes.count - done)
            }
        }
    }
}
