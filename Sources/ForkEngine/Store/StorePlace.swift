// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, store. Where a store or a backup may be made, and what is told where not.
import Glibc
import SegmentStore

enum StorePlace {
    /// What is to lie in the folder.
    enum Purpose: String {
        case store
        case backup
    }

    /// Refuses a place that is no folder, or lies inside of a store or a backup: what stands there
    /// that is not its own would be told as foreign, or be taken for it.
    static func check(_ path: String, for purpose: Purpose) throws(ForkError) {
        guard !path.isEmpty else {
            throw ForkError(
                .invalid,
                "the folder's name is empty: name the folder that is to hold the \(purpose)")
        }
        var status = stat()
        let isThere = stat(path, &status) == 0
        if isThere, status.st_mode & S_IFMT != S_IFDIR {
            throw ForkError(
                .invalid,
                "'\(path)' is no folder: name the folder that is to hold the \(purpose)")
        }
        if !isThere, lstat(path, &status) == 0 {
            throw ForkError(
                .invalid,
                "'\(path)' is a link to what is not there: name the folder that is to hold the"
                    + " \(purpose)")
        }
        let folder = isThere ? path : parent(of: path)
        if let store = nearest(from: folder, where: { says($0, StoreLayout.formatPrefix) }) {
            throw ForkError(
                .alreadyExists,
                "'\(path)' lies inside of the store '\(store)': choose a folder outside of it")
        }
        // A backup goes into its own folder again.
        let first = isThere && purpose == .backup ? "\(folder)/.." : folder
        if let backup = nearest(from: first, where: { says($0, BackupLayout.formatPrefix) }) {
            throw ForkError(
                .alreadyExists,
                isThere && identity(of: path) == identity(of: backup)
                    ? "'\(path)' is a backup: choose another folder"
                    : "'\(path)' lies inside of the backup '\(backup)': choose a folder outside of"
                        + " it")
        }
    }

    /// Whether `path` is `folder`, or lies anywhere inside of it.
    static func lies(_ path: String, inside folder: String) -> Bool {
        guard let outer = identity(of: folder) else { return false }
        return nearest(from: path, where: { identity(of: $0) == outer }) != nil
    }

    /// Makes the folder `path` where it is missing, durable by name, and runs `body` in it; one that
    /// it has made goes again where that fails and leaves it empty.
    static func withFolder<Result>(
        _ path: String, _ body: (RealFileSystem) throws(ForkError) -> Result
    ) throws(ForkError) -> Result {
        let isNew = mkdir(path, 0o755) == 0
        if !isNew, errno != EEXIST { throw error(creating: path, errno) }
        do throws(ForkError) {
            guard access(path, W_OK) == 0 else { throw error(creating: path, errno) }
            let folder = try lifting { () throws(StorageError) in
                if isNew { try RealFileSystem(path: "\(path)/..").syncFolder(".") }
                return try RealFileSystem(path: path)
            }
            return try body(folder)
        } catch {
            if isNew { rmdir(path) }
            throw error
        }
    }

    /// Why the folder `path` could not be made, or written.
    static func error(creating path: String, _ code: Int32) -> ForkError {
        switch code {
        case ENOENT where identity(of: parent(of: path)) == nil:
            return ForkError(
                .notFound,
                "there is no folder '\(parent(of: path))' to make '\(path)' in: make it first")
        case ENOTDIR:
            return ForkError(
                .invalid, "'\(path)' goes through a file: name a folder that can be made")
        case ENAMETOOLONG:
            return ForkError(.invalid, "'\(path)' is too long a name for a folder: shorten it")
        case EACCES, EPERM, EROFS, ENOENT:
            // ENOENT of a folder that stands: a file system of the kernel's, such as /proc.
            return ForkError(
                .denied,
                "'\(path)' may not be made or written: choose a folder in which you may write, on"
                    + " ext4, xfs, btrfs, tmpfs or overlay")
        case ENOSPC, EDQUOT:
            return ForkError(
                .noSpace, "there is no space to make the folder '\(path)': free some first")
        default:
            return ForkError(
                StorageError.fileSystem(
                    .init(operation: "create folder", path: path, code: code)))
        }
    }

    /// The folder that holds, or would hold, `path`.
    private static func parent(of path: String) -> String {
        var rest = Substring(path)
        while rest.count > 1, rest.hasSuffix("/") { rest.removeLast() }
        guard let slash = rest.lastIndex(of: "/") else { return "." }
        return slash == rest.startIndex ? "/" : String(rest[..<slash])
    }

    private struct Identity: Equatable {
        let device: dev_t
        let number: ino_t
    }

    /// nil where nothing is there.
    private static func identity(of path: String) -> Identity? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Identity(device: status.st_dev, number: status.st_ino)
    }

    /// `folder`, or the nearest above it, for which `body` says so; nil where none is.
    private static func nearest(from folder: String, where body: (String) -> Bool) -> String? {
        var folder = folder
        guard var seen = identity(of: folder) else { return nil }
        while true {
            if body(folder) { return folder }
            folder += "/.."
            // Above the root is the root again.
            guard let above = identity(of: folder), above != seen else { return nil }
            seen = above
        }
    }

    /// Whether the folder's file `format` begins so.
    private static func says(_ folder: String, _ text: String) -> Bool {
        let descriptor = open("\(folder)/\(StoreLayout.format)", O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let mark = Array(text.utf8)
        var bytes = [UInt8](repeating: 0, count: mark.count)
        return read(descriptor, &bytes, bytes.count) == mark.count && bytes == mark
    }
}
