// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, file-system seam. What an errno means here, and its sentence.
import Glibc

extension StorageError.FileSystemFailure {
    /// The system's own sentence for the code.
    public var reason: String {
        guard let text = strerror(code) else { return "error \(code)" }
        return String(cString: text)
    }
}

extension StorageError {
    package var errno: Int32? {
        if case .fileSystem(let failure) = self { failure.code } else { nil }
    }

    package var isNotFound: Bool { errno == ENOENT }
    /// Whether something else stands in the place of a folder.
    package var isNoFolder: Bool { errno == ENOTDIR }
    package var isAlreadyThere: Bool { errno == EEXIST }
    package var isNoSpace: Bool { errno == ENOSPC || errno == EDQUOT }
    package var isInputOutput: Bool { errno == EIO }
    /// Whether the medium does not give the file back, or what has its name is no file at all but
    /// a folder, a link, a pipe or a socket.
    package var isUnreadable: Bool {
        guard case .fileSystem(let failure) = self else { return false }
        if failure.code == EIO { return true }
        return failure.operation == "open" && [EISDIR, EINVAL, ELOOP, ENXIO].contains(failure.code)
    }
    package var isReadOnly: Bool { errno == EROFS || errno == EACCES || errno == EPERM }

    package var isDamage: Bool {
        if case .damaged = self { true } else { false }
    }
}
