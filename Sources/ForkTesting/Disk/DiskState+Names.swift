// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, simulated disk. Names: how paths are walked, and each call that changes them.
import Glibc
import SegmentStore

extension DiskState {
    struct Place {
        let folder: Int
        let name: String
        /// What stands there.
        let inode: Int?
    }

    /// The folders above the last part of `path`, walked. "" and "." are the root itself.
    func walk(_ path: String, _ failing: Failing) throws(StorageError) -> Place {
        var parts: [Substring] = []
        for part in path.utf8.split(separator: UInt8(ascii: "/")) {
            guard part.count <= 255 else { throw failing.error(ENAMETOOLONG) }
            if part.count != 1 || part.first != UInt8(ascii: ".") { parts.append(Substring(part)) }
        }
        guard let last = parts.popLast() else {
            return Place(folder: Self.root, name: ".", inode: Self.root)
        }
        var folder = Self.root
        for part in parts {
            guard let next = self[inode: folder].folder.live[String(part)] else {
                throw failing.error(ENOENT)
            }
            guard self[inode: next].isFolder else { throw failing.error(ENOTDIR) }
            folder = next
        }
        let name = String(last)
        return Place(folder: folder, name: name, inode: self[inode: folder].folder.live[name])
    }

    func find(_ path: String, _ failing: Failing) throws(StorageError) -> Int {
        guard let inode = try walk(path, failing).inode else { throw failing.error(ENOENT) }
        return inode
    }

    func findFile(_ path: String, _ failing: Failing) throws(StorageError) -> Int {
        let inode = try find(path, failing)
        guard !self[inode: inode].isFolder else { throw failing.error(EISDIR) }
        return inode
    }

    func findFolder(_ path: String, _ failing: Failing) throws(StorageError) -> Int {
        let inode = try find(path, failing)
        guard self[inode: inode].isFolder else { throw failing.error(ENOTDIR) }
        return inode
    }

    /// Makes a new file or folder with a name.
    mutating func create(
        _ path: String, _ inode: SimulatedInode, _ failing: Failing
    ) throws(StorageError) -> Int {
        let place = try walk(path, failing)
        guard place.inode == nil else { throw failing.error(EEXIST) }
        let number = try makeInode(inode, failing)
        apply(NameOperation(changes: [.set(folder: place.folder, name: place.name, inode: number)]))
        return number
    }

    mutating func link(
        _ inode: Int, at path: String, _ failing: Failing
    ) throws(StorageError) {
        let place = try walk(path, failing)
        guard place.inode == nil else { throw failing.error(EEXIST) }
        // A file whose last name went is never given one again.
        guard self[inode: inode].linkCount > 0 || self[inode: inode].isTemporary else {
            throw failing.error(ENOENT)
        }
        self[inode: inode].isTemporary = false
        apply(NameOperation(changes: [.set(folder: place.folder, name: place.name, inode: inode)]))
    }

    mutating func rename(
        _ path: String, to newPath: String, replacing: Bool, _ failing: Failing
    ) throws(StorageError) {
        let source = try walk(path, failing)
        let target = try walk(newPath, failing)
        guard let moved = source.inode else { throw failing.error(ENOENT) }
        if let replaced = target.inode {
            guard replacing else { throw failing.error(EEXIST) }
            if replaced == moved { return }
            let isFolder = self[inode: replaced].isFolder
            guard self[inode: moved].isFolder == isFolder else {
                throw failing.error(isFolder ? EISDIR : ENOTDIR)
            }
            guard self[inode: replaced].folder.live.isEmpty else {
                throw failing.error(ENOTEMPTY)
            }
        }
        guard !contains(target.folder, below: moved) else { throw failing.error(EINVAL) }
        apply(
            NameOperation(changes: [
                .clear(folder: source.folder, name: source.name),
                .set(folder: target.folder, name: target.name, inode: moved),
            ]))
    }

    mutating func remove(_ path: String, _ failing: Failing) throws(StorageError) {
        let place = try walk(path, failing)
        guard let inode = place.inode else { throw failing.error(ENOENT) }
        guard !self[inode: inode].isFolder else { throw failing.error(EISDIR) }
        apply(NameOperation(changes: [.clear(folder: place.folder, name: place.name)]))
    }

    mutating func removeFolder(_ path: String, _ failing: Failing) throws(StorageError) {
        let place = try walk(path, failing)
        guard let inode = place.inode else { throw failing.error(ENOENT) }
        guard self[inode: inode].isFolder else { throw failing.error(ENOTDIR) }
        guard inode != Self.root else { throw failing.error(EBUSY) }
        guard self[inode: inode].folder.live.isEmpty else { throw failing.error(ENOTEMPTY) }
        apply(NameOperation(changes: [.clear(folder: place.folder, name: place.name)]))
    }

    /// Makes every pending change that touches the folder durable, in order; of a rename between
    /// folders the other half with it, as the file systems' journals do.
    mutating func syncFolder(_ folder: Int) {
        settle { $0.touches(folder) }
        self[inode: folder].folder.isSettled = true
    }

    /// Makes the chosen pending changes durable, and those before them that they follow.
    mutating func settle(_ isChosen: (NameOperation) -> Bool) {
        guard pendingNames.contains(where: isChosen) else { return }
        var settled: [NameOperation] = []
        var left: [NameOperation] = []
        for operation in pendingNames.reversed() {
            if isChosen(operation) || settled.contains(where: { $0.follows(operation) }) {
                settled.append(operation)
            } else {
                left.append(operation)
            }
        }
        for operation in settled.reversed() {
            for change in operation.changes { applyDurably(change) }
        }
        pendingNames = left.reversed()
    }

    mutating func applyDurably(_ change: NameOperation.Change) {
        let before = self[inode: change.folder].folder.setDurable(change.name, change.inode)
        if let before { self[inode: before].durableLinkCount -= 1 }
        if let inode = change.inode { self[inode: inode].durableLinkCount += 1 }
    }

    private mutating func apply(_ operation: NameOperation) {
        // Links are dropped when all is done: a file that moves never has none in between.
        var unlinked: [Int] = []
        for change in operation.changes {
            self[inode: change.folder].folder.isSettled = false
            switch change {
            case .set(let folder, let name, let inode):
                self[inode: inode].linkCount += 1
                let replaced = self[inode: folder].folder.live.updateValue(inode, forKey: name)
                if let replaced { unlinked.append(replaced) }
            case .clear(let folder, let name):
                let removed = self[inode: folder].folder.live.removeValue(forKey: name)
                if let removed { unlinked.append(removed) }
            }
        }
        for inode in unlinked { dropLink(inode) }
        pendingNames.append(operation)
    }

    private mutating func dropLink(_ inode: Int) {
        self[inode: inode].linkCount -= 1
        releaseIfUnused(inode)
    }

    /// Whether `folder` is `ancestor` or lies below it.
    private func contains(_ folder: Int, below ancestor: Int) -> Bool {
        guard self[inode: ancestor].isFolder else { return false }
        if folder == ancestor { return true }
        return self[inode: ancestor].folder.live.values.contains {
            contains(folder, below: $0)
        }
    }
}
