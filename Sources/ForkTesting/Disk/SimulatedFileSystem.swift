// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, simulated disk. The disk as one process sees it.
package import SegmentStore

package final class SimulatedFileSystem: FileSystem {
    package let disk: SimulatedDisk
    /// The number of the process, from 1; new with each `makeProcess`.
    package let process: Int

    init(disk: SimulatedDisk, process: Int) {
        self.disk = disk
        self.process = process
    }

    /// Ends the process as kill -9 does.
    package func kill() { disk.kill(process: process) }

    package var isKilled: Bool { disk.isKilled(process) }

    package func open(_ path: String, for access: FileAccess) throws(StorageError) -> any File {
        try openFile(.open(path: path, access: access), "open", path: path, access) {
            (disk, failing) throws(StorageError) in
            try disk.findFile(path, failing)
        }
    }

    package func create(_ path: String) throws(StorageError) -> any File {
        try openFile(.create(path: path), "create", path: path, .readWrite) {
            (disk, failing) throws(StorageError) in
            try disk.create(path, SimulatedInode(isFolder: false), failing)
        }
    }

    package func createTemporary(in folder: String) throws(StorageError) -> any File {
        let call = FileSystemCall.createTemporary(folder: folder)
        return try openFile(call, "create temporary", path: "", .readWrite) {
            (disk, failing) throws(StorageError) in
            _ = try disk.findFolder(folder, failing)
            var inode = SimulatedInode(isFolder: false)
            inode.isTemporary = true
            return try disk.makeInode(inode, failing)
        }
    }

    package func link(_ file: any File, at path: String) throws(StorageError) {
        guard let file = file as? SimulatedFile, file.disk === disk else {
            preconditionFailure("a file of another file system")
        }
        try perform(.link(path: path), "link") { (disk, failing) throws(StorageError) in
            try disk.link(try disk.inode(of: file.number, failing), at: path, failing)
        }
        file.nameWasGiven(path)
    }

    package func rename(
        _ path: String, to newPath: String, replacing: Bool
    ) throws(StorageError) {
        let call = FileSystemCall.rename(path: path, newPath: newPath, replacing: replacing)
        try perform(call, "rename") { (disk, failing) throws(StorageError) in
            try disk.rename(path, to: newPath, replacing: replacing, failing)
        }
    }

    package func remove(_ path: String) throws(StorageError) {
        try perform(.remove(path: path), "remove") { (disk, failing) throws(StorageError) in
            try disk.remove(path, failing)
        }
    }

    package func createFolder(_ path: String) throws(StorageError) {
        let call = FileSystemCall.createFolder(path: path)
        try perform(call, "create folder") { (disk, failing) throws(StorageError) in
            _ = try disk.create(path, SimulatedInode(isFolder: true), failing)
        }
    }

    package func removeFolder(_ path: String) throws(StorageError) {
        let call = FileSystemCall.removeFolder(path: path)
        try perform(call, "remove folder") { (disk, failing) throws(StorageError) in
            try disk.removeFolder(path, failing)
        }
    }

    package func list(_ folder: String) throws(StorageError) -> [String] {
        try perform(.list(folder: folder), "list") { (disk, failing) throws(StorageError) in
            let inode = try disk.findFolder(folder, failing)
            return disk[inode: inode].folder.live.keys.sorted()
        }
    }

    package func status(_ path: String) throws(StorageError) -> FileStatus? {
        try perform(.status(path: path), "status") { (disk, failing) throws(StorageError) in
            let number: Int
            do throws(StorageError) {
                number = try disk.find(path, failing)
            } catch {
                guard error.isNotFound else { throw error }
                return nil
            }
            let inode = disk[inode: number]
            let pageCount = inode.isFolder ? 1 : inode.file.live.allocatedPageCount
            return FileStatus(
                byteCount: UInt64(inode.isFolder ? 4096 : inode.file.live.byteCount),
                isFolder: inode.isFolder,
                allocatedByteCount: UInt64(pageCount * SimulatedPage.byteCount))
        }
    }

    package func syncFolder(_ path: String) throws(StorageError) {
        try disk.perform(.syncFolder(path: path), "sync folder", of: process) {
            (disk, failing, strike) throws(StorageError) in
            let folder = try disk.findFolder(path, failing)
            switch strike {
            case .lose: break
            case .failLosingDirtyPages(let code, _), .failHalfway(let code):
                throw failing.error(code)
            case .misdirect, nil: disk.syncFolder(folder)
            }
        }
    }

    package func map(_ path: String, wordCount: Int) throws(StorageError) -> any SharedWords {
        precondition(wordCount > 0)
        let call = FileSystemCall.map(path: path, wordCount: wordCount)
        let (number, inode) = try perform(call, "map") { (disk, failing) throws(StorageError) in
            let inode = try disk.findFile(path, failing)
            try disk.reserveForWords(
                inode, byteCount: wordCount * MemoryLayout<UInt64>.size, failing)
            return (disk.openFile(inode, .readWrite, process: process), inode)
        }
        return SimulatedWords(
            disk: disk, process: process, path: path, number: number, inode: inode,
            count: wordCount)
    }

    private func openFile(
        _ call: FileSystemCall, _ operation: String, path: String, _ access: FileAccess,
        _ body: (inout DiskState, Failing) throws(StorageError) -> Int
    ) throws(StorageError) -> any File {
        let number = try perform(call, operation) { (disk, failing) throws(StorageError) in
            disk.openFile(try body(&disk, failing), access, process: process)
        }
        return SimulatedFile(disk: disk, process: process, number: number, path: path)
    }

    private func perform<Value>(
        _ call: FileSystemCall, _ operation: String,
        _ body: (inout DiskState, Failing) throws(StorageError) -> Value
    ) throws(StorageError) -> Value {
        try disk.perform(call, operation, of: process) {
            (disk, failing, _) throws(StorageError) in
            try body(&disk, failing)
        }
    }
}
