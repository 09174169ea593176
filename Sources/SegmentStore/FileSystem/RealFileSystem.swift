// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, file-system seam. The real disk, relative to one folder's descriptor: the
// store keeps its place when its folder is renamed.
//
// A symbolic link in the place of a file is refused (ELOOP); in the place of a folder it is
// followed, as it must be where an operator keeps a folder of the store on another disk. So a path
// stays below the folder only where nobody else may write there: who can make links in it could
// as well change the store's files.
import CPlatform
import Glibc

/// The files below one folder of this machine.
///
/// Every descriptor is closed on exec. Temporary files are unnamed (`O_TMPFILE`), or, where the
/// file system has none of those (overlayfs before Linux 6.2), named files in `temporary/` that
/// their maker keeps locked: see `RealTemporaryName`.
package final class RealFileSystem: FileSystem {
    /// The folder, as it was given; for messages.
    package let rootPath: String
    let root: Int32
    let time: any TimeSource

    /// Opens the folder at `path`, absolute or relative to the working directory; ENOENT or
    /// ENOTDIR where there is none. `time`: what waits for locks end by.
    package init(path: String, time: any TimeSource = SystemTime()) throws(StorageError) {
        self.time = time
        rootPath = path
        root = try systemCall("open", on: path) {
            Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        }
    }

    deinit { Glibc.close(root) }

    package func open(_ path: String, for access: FileAccess) throws(StorageError) -> any File {
        let mode = access == .read ? O_RDONLY : O_RDWR
        let descriptor = try systemCall("open", on: path) {
            openat(root, path, mode | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        }
        let file = RealFile(descriptor: descriptor, path: path, time: time)
        // Reading a folder or a pipe would fail later, and name neither the call nor the cause.
        let kind = try file.attributes().st_mode & S_IFMT
        guard kind == S_IFREG else {
            throw .failed("open", on: path, code: kind == S_IFDIR ? EISDIR : EINVAL)
        }
        return file
    }

    package func create(_ path: String) throws(StorageError) -> any File {
        let descriptor = try systemCall("create", on: path) {
            openat(root, path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        }
        return RealFile(descriptor: descriptor, path: path, time: time)
    }

    package func createTemporary(in folder: String) throws(StorageError) -> any File {
        let folder = Self.folderPath(folder)
        do throws(StorageError) {
            let descriptor = try systemCall("create temporary", on: folder) {
                platform_open_temporary(root, folder)
            }
            return RealFile(descriptor: descriptor, path: "", time: time)
        } catch {
            // EISDIR is what a kernel answers that knows nothing of O_TMPFILE.
            guard error.errno == EOPNOTSUPP || error.errno == EISDIR else { throw error }
            return try createNamedTemporary()
        }
    }

    package func link(_ file: any File, at path: String) throws(StorageError) {
        guard let file = file as? RealFile else {
            preconditionFailure("a file of another file system")
        }
        try file.link(below: root, at: path)
    }

    package func rename(
        _ path: String, to newPath: String, replacing: Bool
    ) throws(StorageError) {
        try systemCall("rename", on: path) { platform_rename(root, path, newPath, replacing) }
    }

    package func remove(_ path: String) throws(StorageError) {
        try systemCall("remove", on: path) { unlinkat(root, path, 0) }
    }

    package func createFolder(_ path: String) throws(StorageError) {
        try systemCall("create folder", on: path) { mkdirat(root, path, 0o755) }
    }

    package func removeFolder(_ path: String) throws(StorageError) {
        try systemCall("remove folder", on: path) { unlinkat(root, path, AT_REMOVEDIR) }
    }

    package func syncFolder(_ path: String) throws(StorageError) {
        let descriptor = try openFolder(path, "sync folder")
        defer { Glibc.close(descriptor) }
        try systemCall("sync folder", on: path) { fsync(descriptor) }
    }

    package func map(_ path: String, wordCount: Int) throws(StorageError) -> any SharedWords {
        let descriptor = try systemCall("map", on: path) {
            openat(root, path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        }
        // The mapping outlives the descriptor.
        defer { Glibc.close(descriptor) }
        return try RealSharedWords(descriptor: descriptor, path: path, wordCount: wordCount)
    }

    /// The folder of the store itself is named "" or ".".
    static func folderPath(_ path: String) -> String { path.isEmpty ? "." : path }

    func openFolder(_ path: String, _ operation: StaticString) throws(StorageError) -> Int32 {
        let folder = Self.folderPath(path)
        return try systemCall(operation, on: path) {
            openat(root, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        }
    }
}
