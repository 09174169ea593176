// SPDX-License-Identifier: Apache-2.0
import ForkTesting
import Testing

@testable import SegmentStore

@Suite("Manifest, against a sorted array")
struct ManifestPropertyTests {
    private static func key(_ number: Int) -> [UInt8] {
        // Lengths differ, so that order by bytes is not order by length.
        let digits = Array(String(number, radix: 4).utf8)
        return number % 3 == 0 ? digits : digits + [0x2d] + Array(String(number).utf8)
    }

    private static func randomEdits(
        _ random: inout SeededGenerator, keys: Int, count: Int
    ) -> [ManifestEdit] {
        let numbers = Set((0..<count).map { _ in Int.random(in: 0..<keys, using: &random) })
        let sorted = numbers.map(Self.key).sorted { $0.lexicographicallyPrecedes($1) }
        return sorted.map { key in
            if Int.random(in: 0..<5, using: &random) < 2 { return .delete(key: key) }
            let length = Int.random(in: 0...256, using: &random)
            return .put(
                key: key,
                value: Array(repeating: UInt8.random(in: 0...9, using: &random), count: length))
        }
    }

    @Test("random commits, every read equal, every old root readable", arguments: 0..<12)
    func randomCommits(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let limits = [
            NodeLimits.tiny(3), .tiny(4, examined: 64), .tiny(5, bundle: 3, examined: 1000),
            .standard,
        ][seed % 4]
        let store = MemoryNodeStore()
        var manifest = Manifest(store: store, root: nil, limits: limits)
        var model = ManifestModel()
        var history: [(Manifest, [ManifestEntry])] = []
        for commit in 0..<40 {
            let size = [1, 1, 3, 40][Int.random(in: 0..<4, using: &random)]
            let edits = Self.randomEdits(&random, keys: 400, count: size)
            model.apply(edits)
            let before = manifest
            manifest = try manifest.apply(edits).manifest
            let census = try manifest.checkInvariants()
            #expect(census.entryCount == model.entries.count)
            history.append((manifest, model.entries))
            if commit % 8 == 0 {
                let again = try before.apply(edits)
                #expect(again.manifest.root == manifest.root, "a root is a function of its past")
                #expect(again.bundles.allSatisfy { $0.wasReused })
                try Self.compareReads(manifest, model.entries, &random)
            }
        }
        for (old, entries) in history {
            #expect(try old.allEntries() == entries)
        }
        // Back to nothing.
        let deletes = model.entries.map { ManifestEdit.delete(key: $0.key) }
        #expect(try manifest.apply(deletes).manifest.root == nil)
    }

    private static func compareReads(
        _ manifest: Manifest, _ entries: [ManifestEntry], _ random: inout SeededGenerator
    ) throws {
        for _ in 0..<60 {
            let key = Self.key(Int.random(in: 0..<420, using: &random))
            let other = Self.key(Int.random(in: 0..<420, using: &random))
            let first = entries.firstIndex { !$0.key.lexicographicallyPrecedes(key) }
            let start = first ?? entries.count
            let isThere = start < entries.count && entries[start].key == key
            #expect(try manifest.lookup(key) == (isThere ? entries[start].value : nil))
            #expect(try manifest.ceiling(key) == (start < entries.count ? entries[start] : nil))
            let floor = isThere ? start : start - 1
            #expect(try manifest.floor(key) == (floor < 0 ? nil : entries[floor]))

            var scanned: [ManifestEntry] = []
            try manifest.forEach(from: key, to: other) { (entry) throws(StorageError) in
                scanned.append(entry)
                return true
            }
            let expected = entries.filter {
                !$0.key.lexicographicallyPrecedes(key) && $0.key.lexicographicallyPrecedes(other)
            }
            #expect(scanned == expected)

            // A walk of random steps both ways from there.
            var cursor = try manifest.cursor(before: key)
            var place = start
            for _ in 0..<30 {
                if Bool.random(using: &random) {
                    #expect(try cursor.next() == (place < entries.count ? entries[place] : nil))
                    place = min(place + 1, entries.count)
                } else {
                    #expect(try cursor.previous() == (place > 0 ? entries[place - 1] : nil))
                    place = max(place - 1, 0)
                }
            }
        }
        var cursor = try manifest.cursorAtEnd()
        #expect(try cursor.next() == nil)
        #expect(try cursor.previous() == entries.last)
    }

    @Test("keys and values at their limits work, one beyond is refused")
    func limits() throws {
        let empty = Manifest(store: MemoryNodeStore(), root: nil)
        let longest = Array(repeating: UInt8(7), count: 64)
        let value = Array(repeating: UInt8(9), count: 256)
        // Enough of the largest entries for three levels.
        let edits = (0..<1800).map { number in
            var key = longest
            key[62] = UInt8(number >> 8)
            key[63] = UInt8(number & 255)
            return ManifestEdit.put(key: key, value: value)
        }
        let manifest = try empty.apply(edits).manifest
        let census = try manifest.checkInvariants()
        #expect(census.entryCount == 1800)
        #expect(manifest.root?.height == 2)
        #expect(throws: StorageError.limit(what: "a manifest key", limit: 64, actual: 0)) {
            try empty.apply([.put(key: [], value: [])])
        }
        #expect(throws: StorageError.limit(what: "a manifest key", limit: 64, actual: 65)) {
            try empty.apply([.put(key: longest + [1], value: [])])
        }
        #expect(throws: StorageError.limit(what: "a manifest value", limit: 256, actual: 257)) {
            try empty.apply([.put(key: [1], value: value + [1])])
        }
    }

    @Test("edits that change nothing copy nothing and keep the root")
    func noChange() throws {
        let store = MemoryNodeStore()
        let edits = (0..<200).map { ManifestEdit.put(key: [UInt8($0)], value: [1]) }
        let manifest = try Manifest(store: store, root: nil, limits: .tiny(4))
            .apply(edits).manifest
        for same in [edits, [.delete(key: [250])], []] {
            let commit = try manifest.apply(same)
            #expect(commit.manifest.root == manifest.root)
            #expect(commit.bundles.isEmpty && commit.copiedNodeCount == 0)
        }
    }
}
