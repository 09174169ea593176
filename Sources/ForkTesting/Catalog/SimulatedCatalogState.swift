// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting. What a simulated catalog holds, as one value: a transaction works on a copy,
// and its commit is one assignment.
package import ForkEngine
package import SegmentStore

/// Everything in a catalog. Obvious rather than fast.
package struct SimulatedCatalogState: Equatable, Sendable {
    package var store: StoreRecord
    package var counters = CatalogCounters()
    package var forks: [UInt64: ForkRow] = [:]
    package var overlays: [UInt64: OverlayRow] = [:]
    package var revived: Set<ObjectID> = []

    package init(store: StoreRecord) { self.store = store }

    package func fork(named name: String) -> ForkRow? {
        forks.values.first { $0.name.utf8.elementsEqual(name.utf8) }
    }

    /// Equal for equal content: every field in a fixed order, as text.
    var hash: UInt64 {
        let forks = forks.sorted { $0.key < $1.key }.map { "\($0.value)" }
        let overlays = overlays.sorted { $0.key < $1.key }.map { "\($0.value)" }
        let revived = revived.map(\.path).sorted()
        var text = "\(store) \(counters) \(forks) \(overlays) \(revived)"
        return text.withUTF8 { StreamHash(of: UnsafeRawBufferPointer($0)).rawValue }
    }
}
