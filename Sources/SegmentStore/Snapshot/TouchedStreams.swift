// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, snapshots. The streams that damage touches (invariant 10), in bounded memory.

/// Streams that cannot be read, or not all of them.
package struct TouchedStreams: Hashable, Sendable {
    /// Names that are kept, however many there are.
    package static let nameCountMax = 100

    /// The first ones by their bytes.
    package private(set) var names: [[UInt8]] = []
    /// All of them; without meaning where it is every stream.
    package private(set) var count: UInt64 = 0
    /// Whether every stream is touched, or which ones cannot be told.
    package private(set) var isEvery = false

    package init() {}

    package static let every = {
        var all = TouchedStreams()
        all.isEvery = true
        return all
    }()

    /// Adds a stream that was not added before. O(names kept).
    package mutating func add(_ name: UnsafeRawBufferPointer) {
        count += 1
        if names.count == Self.nameCountMax {
            guard let last = names.last,
                last.withUnsafeBytes({ ByteOrder.compare(name, $0) < 0 })
            else { return }
            names.removeLast()
        }
        let place = names.firstIndex { known in
            known.withUnsafeBytes { ByteOrder.compare(name, $0) < 0 }
        }
        names.insert(Array(name), at: place ?? names.count)
    }
}
