// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, manifest. Sorted edits, taken down the tree once, all at a time.

extension ManifestDraft {
    /// Applies edits that are sorted by key, one a key. Untouched nodes stay stored.
    mutating func apply(_ edits: ArraySlice<ManifestEdit>) throws(StorageError) {
        guard !edits.isEmpty else { return }
        let entries: [DraftEntry]?
        var height = 0
        if let top, case .stored(let reference) = top.child {
            height = top.height
            entries = try replacement(of: reference, height: height, edits: edits)
        } else {
            precondition(top == nil, "edits are applied to a stored tree, once")
            entries = partition(Self.merged([], edits) ?? [], height: 0)
        }
        guard var entries else { return }
        while entries.count > 1 {
            height += 1
            entries = partition(entries, height: height)
        }
        guard let entry = entries.first, case .child(let child) = entry.payload else {
            top = nil
            return
        }
        top = DraftTop(child: child, height: height)
        lowerTop()
    }

    /// An inner node with one child is no root: its child is.
    private mutating func lowerTop() {
        while let current = top, case .draft(let index) = current.child, current.height > 0,
            nodes[index].entries.count == 1,
            case .child(let only) = nodes[index].entries[0].payload
        {
            top = DraftTop(child: only, height: current.height - 1)
        }
    }

    /// The entries that take the place of a stored node in its parent; nil where the edits
    /// change nothing below it.
    private mutating func replacement(
        of reference: NodeReference, height: Int, edits: ArraySlice<ManifestEdit>
    ) throws(StorageError) -> [DraftEntry]? {
        let node = try read(reference, height: height)
        if height == 0 {
            guard let entries = Self.merged(Self.entries(of: node), edits) else { return nil }
            retired.append(reference)
            return partition(entries, height: 0)
        }
        var children: [DraftEntry] = []
        var isChanged = false
        var rest = edits
        for index in 0..<node.count {
            // Keys below the first separator belong to the first child.
            let end =
                index + 1 < node.count
                ? rest.firstIndex { node.compareKey(index + 1, to: $0.key) <= 0 }
                    ?? rest.endIndex
                : rest.endIndex
            let child = node.child(index)
            let own = rest[rest.startIndex..<end]
            rest = rest[end...]
            let replaced =
                own.isEmpty ? nil : try replacement(of: child, height: height - 1, edits: own)
            if let replaced {
                isChanged = true
                children += replaced
            } else {
                children.append(
                    DraftEntry(key: node.key(index), payload: .child(.stored(child))))
            }
        }
        guard isChanged else { return nil }
        retired.append(reference)
        try balance(&children, height: height - 1)
        return partition(children, height: height)
    }

    /// A leaf's entries after the edits; nil where they are the same.
    private static func merged(
        _ entries: [DraftEntry], _ edits: ArraySlice<ManifestEdit>
    ) -> [DraftEntry]? {
        var merged: [DraftEntry] = []
        merged.reserveCapacity(entries.count + edits.count)
        var isChanged = false
        var index = 0
        for edit in edits {
            while index < entries.count, entries[index].key.sortsBefore(edit.key) {
                merged.append(entries[index])
                index += 1
            }
            let old = index < entries.count && entries[index].key == edit.key ? entries[index] : nil
            if old != nil { index += 1 }
            switch edit {
            case .put(let key, let value):
                if let old, case .value(value) = old.payload {
                    merged.append(old)
                } else {
                    isChanged = true
                    merged.append(DraftEntry(key: key, payload: .value(value)))
                }
            case .delete: isChanged = isChanged || old != nil
            }
        }
        return isChanged ? merged + entries[index...] : nil
    }
}
