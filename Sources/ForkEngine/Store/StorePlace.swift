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
        let status = try status(of: path)
        if let status, status.st_mode & S_IFMT != S_IFDIR {
            throw ForkError(
                .invalid,
                "'\(path)' is no folder: name the folder that is to hold the \(purpose)")
        }
        let isThere = status != nil
        if !isThere, isLink(path) {
            throw ForkError(
                .invalid,
                "'\(path)' is a link to what is not there: name the folder that is to hold the"
                    + " \(purpose)")
        }
        let folder = isThere ? path : parent(of: path)
        if let store = try nearest(from: folder, saying: StoreLayout.formatPrefix) {
            throw ForkError(
                .alreadyExists,
                "'\(path)' lies inside of the store '\(store)': choose a folder outside of it")
        }
        // A backup goes into its own folder again.
        let first = isThere && purpose == .backup ? "\(folder)/.." : folder
        if let backup = try nearest(from: first, saying: BackupLayout.formatPrefix) {
            let isItself = isThere ? try identity(of: path) == identity(of: backup) : false
            throw ForkError(
                .alreadyExists,
                isItself
                    ? "'\(path)' is a backup: choose another folder"
                    : "'\(path)' lies inside of the backup '\(backup)': choose a folder outside of"
                        + " it")
        }
    }

    /// Whether `path` is `folder`, or lies anywhere inside of it.
    static func lies(_ path: String, inside folder: String) throws(ForkError) -> Bool {
        guard let outer = try identity(of: folder) else { return false }
        return try nearest(from: path) { (folder) throws(ForkError) in
            try identity(of: folder) == outer
        } != nil
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
        case ENOENT where isMissing(parent(of: path)):
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

    /// Codes by which the system says that nothing is there for this process.
    private static let codesOfNothing = [ENOENT, ENOTDIR, EACCES, ENAMETOOLONG, ELOOP]

    /// nil where nothing is there; throws where the disk did not answer.
    private static func status(of path: String) throws(ForkError) -> stat? {
        var status = stat()
        if stat(path, &status) == 0 { return status }
        let code = errno
        guard codesOfNothing.contains(code) else { throw error(looking: path, code) }
        return nil
    }

    private static func isLink(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    private static func isMissing(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) != 0
    }

    private static func error(looking path: String, _ code: Int32) -> ForkError {
        ForkError(.fileSystem(.init(operation: "look at", path: path, code: code)))
    }

    private static func identity(of path: String) throws(ForkError) -> Identity? {
        try status(of: path).map { Identity(device: $0.st_dev, number: $0.st_ino) }
    }

    /// `folder`, or the nearest above it, whose file `format` begins with `text`.
    private static func nearest(
        from folder: String, saying text: String
    ) throws(ForkError) -> String? {
        try nearest(from: folder) { (folder) throws(ForkError) in try says(folder, text) }
    }

    /// `folder`, or the nearest above it, for which `body` says so; nil where none is.
    private static func nearest(
        from folder: String, where body: (String) throws(ForkError) -> Bool
    ) throws(ForkError) -> String? {
        var folder = folder
        guard var seen = try identity(of: folder) else { return nil }
        while true {
            if try body(folder) { return folder }
            folder += "/.."
            // Above the root is the root again.
            guard let above = try identity(of: folder), above != seen else { return nil }
            seen = above
        }
    }

    /// Whether the folder's file `format` begins so.
    private static func says(_ folder: String, _ text: String) throws(ForkError) -> Bool {
        let path = "\(folder)/\(StoreLayout.format)"
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let code = errno
            // ENXIO: a pipe or a socket of that name.
            guard codesOfNothing.contains(code) || code == ENXIO else {
                throw error(looking: path, code)
            }
            return false
        }
        defer { close(descriptor) }
        let mark = Array(text.utf8)
        var bytes = [UInt8](repeating: 0, count: mark.count)
        let count = read(descriptor, &bytes, bytes.count)
        // EISDIR, EAGAIN: a folder or a pipe of that name.
        if count < 0, errno != EISDIR, errno != EAGAIN { throw error(looking: path, errno) }
        return count == mark.count && bytes == mark
    }
}
