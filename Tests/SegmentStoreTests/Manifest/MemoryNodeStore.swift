// SPDX-License-Identifier: Apache-2.0
// Nodes in memory, for tests of the tree alone.
import CXXHash

@testable import SegmentStore

final class MemoryNodeStore: NodeStore {
    private let bundles = Locked<[ObjectAddress: [[UInt8]]]>([:])
    private let reads = Locked(0)

    var readCount: Int { reads.withLock { $0 } }
    var bundleAddresses: [ObjectAddress] { bundles.withLock { $0.keys.sorted() } }

    func node(at reference: NodeReference) throws(StorageError) -> ManifestNode {
        reads.withLock { $0 += 1 }
        let pages = bundles.withLock { $0[reference.object] } ?? []
        guard Int(reference.page) < pages.count else {
            throw .damaged(reference, "is missing")
        }
        return try ManifestNode(decoding: pages[Int(reference.page)], at: reference)
    }

    func nodeCount(of bundle: ObjectAddress) throws(StorageError) -> Int {
        bundles.withLock { $0[bundle] }?.count ?? 0
    }

    func publish(_ nodes: [[UInt8]]) throws(StorageError) -> PublishedObject {
        var bytes: [UInt8] = []
        for node in nodes {
            bytes.appendLittleEndian(UInt32(node.count))
            bytes += node
        }
        let hash = bytes.withUnsafeBytes { forkctl_hash128_of($0.baseAddress, $0.count) }
        let address = ObjectAddress(high: hash.high, low: hash.low)
        let wasReused = bundles.withLock { bundles in
            defer { bundles[address] = nodes }
            return bundles[address] != nil
        }
        return PublishedObject(
            id: ObjectID(address: address, kind: .nodes), byteCount: UInt64(bytes.count),
            wasReused: wasReused)
    }

    func remove(_ bundle: ObjectAddress) { bundles.withLock { $0[bundle] = nil } }
}

extension ManifestNode {
    /// A node over bytes of its own.
    init(decoding bytes: [UInt8], at reference: NodeReference) throws(StorageError) {
        let memory = UnsafeMutableRawBufferPointer.allocate(
            byteCount: bytes.count, alignment: 16)
        memory.copyBytes(from: bytes)
        try self.init(Page(owning: memory), at: reference)
    }
}

extension NodeLimits {
    /// Nodes of at most `entryCount` entries, whatever their size.
    static func tiny(
        _ entryCount: Int, bundle: Int = 128, examined: Int = 0
    ) -> NodeLimits {
        NodeLimits(
            entryWeightMin: capacity / entryCount, bundleNodeCountMax: bundle,
            rewriteExaminedNodeCountMax: examined)
    }
}

extension Manifest {
    func allEntries() throws -> [ManifestEntry] {
        var cursor = try cursor(before: [0])
        var entries: [ManifestEntry] = []
        while let entry = try cursor.next() { entries.append(entry) }
        return entries
    }
}

/// A tree beside the obvious sorted array that it must equal.
struct ManifestModel {
    var entries: [ManifestEntry] = []

    mutating func apply(_ edits: [ManifestEdit]) {
        for edit in edits {
            let index = entries.firstIndex { !$0.key.lexicographicallyPrecedes(edit.key) }
            let place = index ?? entries.count
            if place < entries.count, entries[place].key == edit.key { entries.remove(at: place) }
            if case .put(let key, let value) = edit {
                entries.insert(ManifestEntry(key: key, value: value), at: place)
            }
        }
    }
}
