// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, store. Where a store may be made, and what is told where it may not.
import Glibc
import SegmentStore

enum StorePlace {
    /// Refuses a place that is no folder, or lies inside of a store: what stands there that is not
    /// the store's own would be told as foreign, and might be taken for it.
    static func check(_ path: String) throws(ForkError) {
        guard !path.isEmpty else {
            throw ForkError(
                .invalid, "the folder's name is empty: name the folder that is to hold the store")
        }
        var status = stat()
        let isThere = stat(path, &status) == 0
        if isThere, status.st_mode & S_IFMT != S_IFDIR {
            throw ForkError(
                .invalid, "'\(path)' is no folder: name the folder that is to hold the store")
        }
        if let store = storeAround(isThere ? path : parent(of: path)) {
            throw ForkError(
                .alreadyExists,
                "'\(path)' lies inside of the store '\(store)': choose a folder outside of it")
        }
    }

    /// Why the folder `path` could not be made.
    static func error(creating path: String, _ code: Int32) -> ForkError {
        switch code {
        case ENOENT:
            return ForkError(
                .notFound,
                "there is no folder '\(parent(of: path))' to make '\(path)' in: make it first")
        case ENOTDIR:
            return ForkError(
                .invalid, "'\(path)' goes through a file: name a folder that can be made")
        case ENAMETOOLONG:
            return ForkError(.invalid, "'\(path)' is too long a name for a folder: shorten it")
        case EACCES, EPERM:
            return ForkError(
                .denied,
                "the folder '\(path)' may not be made: choose one in which you may write")
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

    /// `folder`, or the nearest above it, that is a store itself; nil where none is.
    private static func storeAround(_ folder: String) -> String? {
        var folder = folder
        var seen = stat()
        guard stat(folder, &seen) == 0 else { return nil }
        while true {
            if isStore(folder) { return folder }
            folder += "/.."
            // Above the root is the root again.
            var above = stat()
            guard stat(folder, &above) == 0 else { return nil }
            if above.st_dev == seen.st_dev, above.st_ino == seen.st_ino { return nil }
            seen = above
        }
    }

    /// Whether the folder's file `format` says that it is a store's.
    private static func isStore(_ folder: String) -> Bool {
        let descriptor = open("\(folder)/\(StoreLayout.format)", O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let mark = Array("forkctl store, ".utf8)
        var bytes = [UInt8](repeating: 0, count: mark.count)
        return read(descriptor, &bytes, bytes.count) == mark.count && bytes == mark
    }
}
