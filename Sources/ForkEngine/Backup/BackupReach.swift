// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, backup. Whom a damaged file of a backup touches, and what to do (invariant 10).
import SegmentStore

struct BackupReach {
    let folder: BackupFolder
    let index: BackupIndexReader

    /// A file as the forks name it.
    enum Place {
        case object(ObjectID)
        case journal(JournalID)
    }

    private static let namedCountMax = 5

    /// The error, with the forks that need what is damaged. O(forks, and the nodes of their roots).
    func naming(_ place: Place, in error: ForkError) throws(ForkError) -> ForkError {
        var names: [String] = []
        var count = 0
        var seen: [ManifestRoot: Bool] = [:]
        let segments = SegmentStore(
            objects: ObjectStore(
                backend: folder.backend,
                cache: PageCache(byteCountMax: 8 << 20, shardCount: 1)))
        try index.forEach { (record) throws(ForkError) in
            guard case .fork(let row) = record else { return }
            switch place {
            case .journal(let journal):
                guard row.snapshot.pieces.contains(where: { $0.journal == journal }) else { return }
            case .object(let object):
                guard let root = row.snapshot.root else { return }
                if seen[root] == nil {
                    seen[root] = try lifting { () throws(StorageError) in
                        try segments.survey(root).objects.contains(object)
                    }
                }
                guard seen[root] == true else { return }
            }
            count += 1
            if names.count < Self.namedCountMax { names.append("'\(row.name)'") }
        }
        if count > names.count { names.append("\(count - names.count) more") }
        let last = names.popLast().map { names.isEmpty ? $0 : "and \($0)" }
        let list = (names + [last].compactMap { $0 }).joined(
            separator: names.count > 1 ? ", " : " ")
        return ForkError(
            error.code,
            "\(error.message); \(count == 1 ? "fork" : "forks") \(list)"
                + " cannot be read wholly without it. Where the store is gone,"
                + " 'forkctl restore --accept-damage' makes what is left",
            underlying: error.underlying)
    }
}
