// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import SegmentStore

/// Small and exhaustive: every tree that a few keys can make, through every sequence of edits.
@Suite("Manifest, exhaustively with tiny nodes")
struct ManifestExhaustiveTests {
    /// The state after some edits: a root, and what it must hold.
    private struct State {
        var manifest: Manifest
        var model: ManifestModel
    }

    @Test("from every shape of tree over 7 keys, every single edit", arguments: [3, 4])
    func singleEdits(entryCount: Int) throws {
        let store = MemoryNodeStore()
        let keyCount: UInt8 = 7
        var frontier = [
            State(
                manifest: Manifest(store: store, root: nil, limits: .tiny(entryCount)),
                model: ManifestModel())
        ]
        // A shape is the keys of each leaf and of each node above: what an edit's result depends
        // on. Each is gone on from once, so that all sequences of edits are covered.
        var seen: Set<[UInt8]> = [[]]
        var all = frontier
        while !frontier.isEmpty {
            var next: [State] = []
            for state in frontier {
                for key in 0..<keyCount {
                    for edit in Self.edits(of: key) {
                        var after = state
                        after.model.apply([edit])
                        after.manifest = try state.manifest.apply([edit]).manifest
                        _ = try after.manifest.checkInvariants()
                        #expect(try after.manifest.allEntries() == after.model.entries)
                        if seen.insert(try after.manifest.shape()).inserted { next.append(after) }
                    }
                }
            }
            frontier = next
            all += next
        }
        #expect(seen.count > 1 << keyCount, "a set of keys has several shapes")
        for state in all {
            #expect(try state.manifest.allEntries() == state.model.entries, "old roots stay")
        }
    }

    @Test("from every set of 6 keys, every batch of edits gives exactly that", arguments: [3, 4])
    func batches(entryCount: Int) throws {
        let store = MemoryNodeStore()
        let limits = NodeLimits.tiny(entryCount)
        let keyCount = 6
        for present in 0..<(1 << keyCount) {
            var model = ManifestModel()
            let puts = Self.puts(present, value: 1)
            let base = try Manifest(store: store, root: nil, limits: limits).apply(puts).manifest
            model.apply(puts)
            _ = try base.checkInvariants()
            for touched in 1..<(1 << keyCount) {
                // Alternate puts and deletes in both ways over the touched keys.
                for phase in 0..<2 {
                    var edits: [ManifestEdit] = []
                    for key in 0..<keyCount where touched & (1 << key) != 0 {
                        let isPut = (edits.count + phase) % 2 == 0
                        edits.append(
                            isPut
                                ? .put(key: [UInt8(key)], value: [2]) : .delete(key: [UInt8(key)]))
                    }
                    var after = model
                    after.apply(edits)
                    let manifest = try base.apply(edits).manifest
                    _ = try manifest.checkInvariants()
                    #expect(try manifest.allEntries() == after.entries)
                }
            }
        }
    }

    @Test("deleting every range of 24 keys at once leaves the rest, to nothing at all")
    func ranges() throws {
        let store = MemoryNodeStore()
        let limits = NodeLimits.tiny(3)
        let all = (0..<24).map { ManifestEdit.put(key: [UInt8($0)], value: [0]) }
        let base = try Manifest(store: store, root: nil, limits: limits).apply(all).manifest
        for from in stride(from: 0, through: 24, by: 1) {
            for to in from...24 {
                let edits = (from..<to).map { ManifestEdit.delete(key: [UInt8($0)]) }
                let manifest = try base.apply(edits).manifest
                _ = try manifest.checkInvariants()
                let keys = try manifest.allEntries().map { Int($0.key[0]) }
                #expect(keys == Array(0..<from) + Array(to..<24))
                #expect((manifest.root == nil) == keys.isEmpty)
            }
        }
    }

    private static func edits(of key: UInt8) -> [ManifestEdit] {
        [.put(key: [key], value: [1]), .put(key: [key], value: [2]), .delete(key: [key])]
    }

    private static func puts(_ set: Int, value: UInt8) -> [ManifestEdit] {
        (0..<UInt8.max).filter { $0 < 62 && set & (1 << Int($0)) != 0 }
            .map { .put(key: [$0], value: [value]) }
    }
}

extension Manifest {
    /// The heights and keys of all nodes, parents first.
    fileprivate func shape() throws -> [UInt8] {
        func shape(of node: ManifestNode) throws -> [UInt8] {
            var bytes = [UInt8(node.height), UInt8(node.count)]
            for index in 0..<node.count { bytes += node.key(index) }
            if node.height == 0 { return bytes }
            for index in 0..<node.count {
                bytes += try shape(of: store.child(of: node, at: index))
            }
            return bytes
        }
        return try topNode().map { try shape(of: $0) } ?? []
    }
}
