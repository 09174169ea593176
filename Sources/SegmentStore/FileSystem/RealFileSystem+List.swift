// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, file-system seam. What stands in a folder, and at a path.
import Glibc

extension RealFileSystem {
    package func list(_ folder: String) throws(StorageError) -> [String] {
        let descriptor = try openFolder(folder, "list")
        guard let stream = fdopendir(descriptor) else {
            let code = errno
            Glibc.close(descriptor)
            throw .failed("list", on: folder, code: code)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            // readdir tells its end from an error only by errno.
            errno = 0
            guard let entry = readdir(stream) else {
                let code = errno
                guard code == 0 else { throw .failed("list", on: folder, code: code) }
                break
            }
            // A name that is not UTF-8 is none of a store's. It gets U+FFFD where it is not, and so
            // is seen, among what is not the store's, but cannot be opened by this text.
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) {
                    String(cString: $0)
                }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        names.sort()
        return names
    }

    package func status(_ path: String) throws(StorageError) -> FileStatus? {
        let path = Self.folderPath(path)
        var attributes = stat()
        do throws(StorageError) {
            try systemCall("status", on: path) {
                fstatat(root, path, &attributes, AT_SYMLINK_NOFOLLOW)
            }
        } catch {
            guard error.isNotFound else { throw error }
            return nil
        }
        return FileStatus(
            byteCount: UInt64(clamping: attributes.st_size),
            isFolder: attributes.st_mode & S_IFMT == S_IFDIR,
            allocatedByteCount: UInt64(clamping: attributes.st_blocks) * 512)
    }
}
