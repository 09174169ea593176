// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, forks. What forks take of the disk that no other fork needs.
import SegmentStore

/// Bytes of objects and journals that some forks reach and no others do.
public struct ExclusiveSizes: Hashable, Sendable {
    /// What each fork alone reaches: what a collection frees once it is dropped.
    public internal(set) var byteCounts: [ForkID: UInt64]
    /// What all of them together reach and nobody else: more than the sum where they share.
    public internal(set) var byteCountTogether: UInt64
}

extension Store {
    /// What dropping `forks` would free, each alone and all together. What readers hold is freed
    /// when they are done; expired forks count until they are collected.
    ///
    /// Marks from every fork as a collection does: O(forks + different manifest nodes of the store
    /// + objects of each of `forks`). Holds nobody up.
    ///
    /// Errors: `damaged` where what a fork reaches is not there.
    public func exclusiveSizes(of forks: Set<ForkID>) throws(ForkError) -> ExclusiveSizes {
        var reach = try reach(of: forks)
        for _ in 0..<16 {
            do throws(ForkError) {
                return try exclusiveSizes(reach)
            } catch {
                // No pin keeps what is marked here: a fork that was dropped or flushed may have
                // been collected meanwhile. Where nothing changed it is damage.
                let before = reach
                reach = try self.reach(of: forks)
                if error.code != .damaged || reach == before { throw error }
            }
        }
        throw ForkError(.changed, "forks come and go faster than they can be sized: try again")
    }

    private struct Reach: Equatable {
        var chosen: [ForkID: CollectionRoots] = [:]
        var others = CollectionRoots()
    }

    private func reach(of forks: Set<ForkID>) throws(ForkError) -> Reach {
        try catalog.read { catalog throws(ForkError) in
            var reach = Reach()
            try catalog.forEachFork(from: .main) { row throws(ForkError) in
                if forks.contains(row.id) {
                    reach.chosen[row.id, default: CollectionRoots()].add(row)
                } else {
                    reach.others.add(row)
                }
                return true
            }
            return reach
        }
    }

    private func exclusiveSizes(_ reach: Reach) throws(ForkError) -> ExclusiveSizes {
        let lost = try lifting { () throws(StorageError) in
            Set(try Quarantine(fileSystem: fileSystem).acknowledged().keys)
        }
        let shared = try lifting { () throws(StorageError) in
            try segments.mark(reach.others.manifests, lost: lost)
        }
        var objects: [ObjectID: Holder] = [:]
        var journals: [JournalID: Holder] = [:]
        for (fork, roots) in reach.chosen {
            let marked = try lifting { () throws(StorageError) in
                try segments.mark(roots.manifests, lost: lost)
            }
            for object in marked where !shared.contains(object) {
                objects[object, default: .one(fork)].add(fork)
            }
            for journal in roots.journals.keys where reach.others.journals[journal] == nil {
                journals[journal, default: .one(fork)].add(fork)
            }
        }
        var sizes = ExclusiveSizes(
            byteCounts: reach.chosen.mapValues { _ in 0 }, byteCountTogether: 0)
        try lifting { () throws(StorageError) in
            for (object, holder) in objects {
                sizes.add(try segments.objects.byteCount(of: object) ?? 0, of: holder)
            }
            // A journal that was named and not started has no file.
            for (journal, holder) in journals {
                sizes.add(
                    try fileSystem.status(journal.path)?.allocatedByteCount ?? 0, of: holder)
            }
        }
        return sizes
    }
}

/// Who of the chosen forks reaches a thing.
private enum Holder {
    case one(ForkID)
    case several

    mutating func add(_ fork: ForkID) {
        if case .one(fork) = self { return }
        self = .several
    }
}

extension ExclusiveSizes {
    fileprivate mutating func add(_ byteCount: UInt64, of holder: Holder) {
        byteCountTogether += byteCount
        if case .one(let fork) = holder { byteCounts[fork, default: 0] += byteCount }
    }
}
