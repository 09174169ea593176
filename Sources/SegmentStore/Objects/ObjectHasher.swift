// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, objects. XXH3-128 in pieces, for objects that are never in memory whole.
import CXXHash

package struct ObjectHasher: ~Copyable {
    private let state: OpaquePointer

    package init() {
        guard let state = forkctl_hasher_create() else {
            // As any Swift allocation of this process would.
            preconditionFailure("no memory for a hasher of 576 bytes")
        }
        self.state = state
    }

    deinit { forkctl_hasher_destroy(state) }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        forkctl_hasher_update(state, bytes.baseAddress, bytes.count)
    }

    /// The address of all bytes so far.
    package func address() -> ObjectAddress {
        let hash = forkctl_hasher_digest(state)
        return ObjectAddress(high: hash.high, low: hash.low)
    }
}
