// SPDX-License-Identifier: Apache-2.0
import ForkTesting
import Testing

@testable import SegmentStore

@Suite("Manifest, what commits and reads cost")
struct ManifestCostTests {
    private static func key(_ number: Int) -> [UInt8] {
        var key: [UInt8] = []
        key.appendBigEndian(UInt32(number))
        return key
    }

    private static func tree(
        _ count: Int, _ limits: NodeLimits, in store: MemoryNodeStore
    ) throws -> Manifest {
        let edits = (0..<count).map {
            ManifestEdit.put(key: key(2 * $0), value: Array(repeating: 1, count: 64))
        }
        return try Manifest(store: store, root: nil, limits: limits).apply(edits).manifest
    }

    @Test(
        "one edit copies one path, plus at most a neighbour or a half a level",
        arguments: [3, 4, 40])
    func copiesPerEdit(entryCount: Int) throws {
        let store = MemoryNodeStore()
        let manifest = try Self.tree(2_000, .tiny(entryCount), in: store)
        let levels = try #require(manifest.root.map { Int($0.height) + 1 })
        var worst = 0
        for number in stride(from: 0, to: 4_000, by: 13) {
            let edit: ManifestEdit =
                number % 2 == 0
                ? .delete(key: Self.key(number)) : .put(key: Self.key(number), value: [1])
            let copied = try manifest.apply([edit]).copiedNodeCount
            worst = max(worst, copied)
        }
        #expect(worst <= 2 * levels + 1)
        #expect(worst >= levels)
    }

    @Test("a lookup reads one node a level, a scan each node once")
    func readsPerLookup() throws {
        let store = MemoryNodeStore()
        let manifest = try Self.tree(6_000, .standard, in: store)
        let levels = try #require(manifest.root.map { Int($0.height) + 1 })
        #expect(levels == 2)
        let before = store.readCount
        #expect(try manifest.lookup(Self.key(6_000)) != nil)
        #expect(store.readCount - before == levels)
        let beforeScan = store.readCount
        #expect(try manifest.allEntries().count == 6_000)
        let nodes = store.readCount - beforeScan
        #expect(nodes == (try manifest.checkInvariants().nodeCount))
    }

    @Test(
        "appending segments for ever keeps the bundles of a root at least about half live",
        arguments: [
            NodeLimits.standard, .tiny(4, examined: 512), .tiny(3, bundle: 8, examined: 64),
        ])
    func bundlesStayLive(limits: NodeLimits) throws {
        let store = MemoryNodeStore()
        var manifest = Manifest(store: store, root: nil, limits: limits)
        var random = SeededGenerator(seed: 5)
        var copied = 0
        var rewritten = 0
        var edited = 0
        let commits = 800
        for number in 0..<commits {
            var edits = [
                ManifestEdit.put(key: Self.key(number), value: Array(repeating: 1, count: 64))
            ]
            if number % 3 == 0, number > 2 {
                let old = Int.random(in: 0..<number, using: &random)
                edits.insert(.put(key: Self.key(old), value: Self.key(number)), at: 0)
            }
            let commit = try manifest.apply(edits)
            edited += edits.count
            manifest = commit.manifest
            copied += commit.copiedNodeCount
            rewritten += commit.rewrittenNodeCount
        }
        let census = try manifest.checkInvariants()
        let kept = try census.bundles.keys.reduce(0) { try $0 + store.nodeCount(of: $1) }
        // Bundles whose liveness fell in a rewrite of others are looked at by a later commit.
        #expect(kept <= 3 * census.nodeCount + 64)
        let levels = (manifest.root?.height).map { Int($0) + 1 } ?? 0
        #expect(copied <= edited * levels * 6, "amortised, a commit copies a few paths")
        #expect(rewritten > 0)
    }

    @Test("a commit of many nodes makes bundles of bounded size, children in earlier ones")
    func bundleSize() throws {
        let store = MemoryNodeStore()
        let edits = (0..<500).map { ManifestEdit.put(key: Self.key($0), value: [1]) }
        let commit = try Manifest(store: store, root: nil, limits: .tiny(3, bundle: 7)).apply(edits)
        #expect(commit.bundles.count == (commit.copiedNodeCount + 6) / 7)
        for bundle in commit.bundles {
            #expect(try store.nodeCount(of: bundle.id.address) <= 7)
        }
        #expect(try commit.manifest.checkInvariants().entryCount == 500)
    }
}
