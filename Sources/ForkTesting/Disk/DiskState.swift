// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, simulated disk. Everything one disk and its kernel know: a value, so that an
// image of it is a copy. Calls on it answer as Linux does; the conformance suite holds it to that.
import Glibc
import SegmentStore

struct DiskState: Sendable {
    static let root = 0

    var inodes = InodeTable()
    /// Changes of names since their folders were synced, in order.
    var pendingNames: [NameOperation] = []
    /// Open files and mappings, by number, with the process that holds them.
    var openFiles: [Int: OpenFile] = [:]
    var nextOpenFile = 1
    var usedPageCount = 1
    var options: SimulatedDiskOptions

    struct OpenFile: Sendable {
        let inode: Int
        let process: Int
        let access: FileAccess
    }

    init(options: SimulatedDiskOptions) {
        self.options = options
        var root = SimulatedInode(isFolder: true)
        root.linkCount = 1
        root.durableLinkCount = 1
        _ = inodes.append(root)
    }

    // MARK: Inodes

    subscript(inode number: Int) -> SimulatedInode {
        _read { yield inodes[number] }
        _modify { yield &inodes[number] }
    }

    /// Every file and folder counts a page of its own.
    mutating func makeInode(_ inode: SimulatedInode, _ failing: Failing) throws(StorageError) -> Int
    {
        try reserve(pages: 1, failing)
        return inodes.append(inode)
    }

    mutating func reserve(pages: Int, _ failing: Failing) throws(StorageError) {
        if let limit = options.pageCountMax, usedPageCount + pages > limit {
            throw failing.error(ENOSPC)
        }
        usedPageCount += pages
    }

    /// Frees the space of a file that has neither name nor descriptor. The inode stays while a
    /// crash could bring a name of it back.
    mutating func releaseIfUnused(_ number: Int) {
        let inode = self[inode: number]
        guard inode.linkCount == 0, inode.openCount == 0 else { return }
        usedPageCount -= 1 + inode.file.live.allocatedPageCount
        self[inode: number].file.live = SimulatedContent()
    }

    // MARK: Open files

    mutating func openFile(_ inode: Int, _ access: FileAccess, process: Int) -> Int {
        let number = nextOpenFile
        nextOpenFile += 1
        openFiles[number] = OpenFile(inode: inode, process: process, access: access)
        self[inode: inode].openCount += 1
        return number
    }

    /// Does nothing where its process was killed before.
    mutating func closeFile(_ number: Int) {
        guard let open = openFiles.removeValue(forKey: number) else { return }
        self[inode: open.inode].openCount -= 1
        self[inode: open.inode].locks.removeAll { $0.owner == number }
        releaseIfUnused(open.inode)
    }

    mutating func closeAll(of process: Int) {
        for number in openFiles.keys.sorted() where openFiles[number]?.process == process {
            closeFile(number)
        }
    }

    mutating func closeAll() {
        for number in openFiles.keys.sorted() { closeFile(number) }
    }
}

/// What a call on the state reports where it fails.
struct Failing {
    let operation: String
    let path: String

    func error(_ code: Int32) -> StorageError {
        .fileSystem(.init(operation: operation, path: path, code: code))
    }
}
