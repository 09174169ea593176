// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, snapshots. What a root names, as far as its nodes can be read: damage in one
// node hides what stands below it, and nothing else (invariant 10).

/// The segments and runs of a root, with what could not be read of its nodes. O(entries) memory.
package struct RootSurvey: Sendable {
    /// In order of position.
    package private(set) var segments: [SegmentEntry] = []
    /// Oldest first.
    package private(set) var runs: [RunEntry] = []
    /// The objects that hold the nodes.
    package private(set) var bundles: Set<ObjectAddress> = []
    /// What is wrong with nodes, and with entries that are neither segment nor run.
    private(set) var damages: [StorageError] = []
    /// By object: positions that cannot be found, since the node that names their segments cannot be
    /// read; all, where that node names runs. The root's end may lie below an upper bound.
    private(set) var lost: [ObjectAddress: Range<Position>] = [:]

    /// Whether every node was read.
    package var isWhole: Bool { damages.isEmpty }

    /// All that was found to be named, nodes included.
    package var objects: Set<ObjectID> {
        var objects = Set(bundles.map { ObjectID(address: $0, kind: .nodes) })
        for segment in segments { objects.insert(segment.object) }
        for run in runs { objects.insert(run.object) }
        return objects
    }
}

extension SegmentStore {
    /// Reads the nodes of a root, going on behind those that are damaged. O(nodes).
    /// Throws only what is not damage.
    package func survey(_ root: ManifestRoot) throws(StorageError) -> RootSurvey {
        var survey = RootSurvey()
        let manifest = Manifest(store: nodes, root: root, limits: limits.nodes)
        do throws(StorageError) {
            guard let top = try manifest.topNode() else { return survey }
            try survey.visit(top, upTo: nil, in: nodes)
        } catch {
            try survey.lose(root.node.object, from: nil, to: nil, error)
        }
        return survey
    }
}

extension RootSurvey {
    /// `limit`: the first key behind the node's own; nil where nothing follows.
    fileprivate mutating func visit(
        _ node: ManifestNode, upTo limit: [UInt8]?, in nodes: any NodeStore
    ) throws(StorageError) {
        bundles.insert(node.reference.object)
        for index in 0..<node.count {
            let next = index + 1 < node.count ? node.key(index + 1) : limit
            if node.height == 0 {
                add(node.entry(index), of: node)
                continue
            }
            let child: ManifestNode
            do throws(StorageError) {
                child = try nodes.child(of: node, at: index)
            } catch {
                try lose(node.child(index).object, from: node.key(index), to: next, error)
                continue
            }
            try visit(child, upTo: next, in: nodes)
        }
    }

    private mutating func add(_ entry: ManifestEntry, of node: ManifestNode) {
        if let segment = SegmentEntry(entry) {
            segments.append(segment)
        } else if let run = RunEntry(entry) {
            runs.append(run)
        } else {
            damages.append(
                .damaged(node.reference, "one of its entries is neither segment nor run"))
            widen(node.reference.object, Position.zero..<Position(.max))
        }
    }

    fileprivate mutating func lose(
        _ object: ObjectAddress, from first: [UInt8]?, to limit: [UInt8]?, _ error: StorageError
    ) throws(StorageError) {
        guard error.isDamage else { throw error }
        bundles.insert(object)
        damages.append(error)
        // A node that begins with a run is needed to find any stream, and the end.
        guard let first, let from = ManifestKey.first(first, tag: ManifestEntryFormat.segmentTag)
        else { return widen(object, Position.zero..<Position(.max)) }
        let to = limit.flatMap { ManifestKey.first($0, tag: ManifestEntryFormat.segmentTag) }
        let end = to ?? Position(.max)
        widen(object, min(from, end)..<end)
    }

    private mutating func widen(_ object: ObjectAddress, _ range: Range<Position>) {
        guard let known = lost[object] else { return lost[object] = range }
        lost[object] =
            min(known.lowerBound, range.lowerBound)..<max(known.upperBound, range.upperBound)
    }
}
