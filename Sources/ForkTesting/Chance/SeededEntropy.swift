// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting. Entropy that repeats.
package import SegmentStore

package final class SeededEntropy: EntropySource {
    private let generator: Locked<SeededGenerator>

    package init(seed: UInt64) { generator = Locked(SeededGenerator(seed: seed)) }

    package func fill(_ bytes: UnsafeMutableRawBufferPointer) throws(StorageError) {
        generator.withLock { generator in
            for index in bytes.indices {
                bytes[index] = UInt8(truncatingIfNeeded: generator.next() >> 56)
            }
        }
    }
}
