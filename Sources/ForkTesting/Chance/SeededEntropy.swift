// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting. Entropy that repeats.
package import SegmentStore
import Synchronization

package final class SeededEntropy: EntropySource {
    private let generator: Mutex<SeededGenerator>

    package init(seed: UInt64) { generator = Mutex(SeededGenerator(seed: seed)) }

    package func fill(_ bytes: UnsafeMutableRawBufferPointer) throws(StorageError) {
        generator.withLock { generator in
            for index in bytes.indices {
                bytes[index] = UInt8(truncatingIfNeeded: generator.next() >> 56)
            }
        }
    }
}
