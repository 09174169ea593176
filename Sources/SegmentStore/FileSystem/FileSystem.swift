// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, file-system seam: the ground. Every byte but SQLite's own goes through
// these protocols; the real disk implements them here, the simulated one in ForkTesting.

/// The files of one store. Paths are relative to the store's folder, with "/" between parts.
///
/// Calls run to completion and hide EINTR and short transfers. Every error is
/// `StorageError.fileSystem` with the call's errno. Nothing is durable before it is synced: a
/// file's bytes by `File.sync`, its name by `syncFolder` of the folder that holds it.
package protocol FileSystem: AnyObject, Sendable {
    /// Opens an existing file; ENOENT where there is none.
    func open(_ path: String, for access: FileAccess) throws(StorageError) -> any File

    /// Makes a new empty file, read-write; EEXIST where the name is taken.
    func create(_ path: String) throws(StorageError) -> any File

    /// Makes a file without a name on the file system of `folder`; it vanishes with its last
    /// descriptor unless `link` names it.
    func createTemporary(in folder: String) throws(StorageError) -> any File

    /// Gives an open file a name; EEXIST where it is taken (nothing is ever replaced).
    func link(_ file: any File, at path: String) throws(StorageError)

    /// Moves a file or folder. `replacing`: whether a file of the new name may be replaced;
    /// else EEXIST.
    func rename(
        _ path: String, to newPath: String, replacing: Bool
    ) throws(StorageError)

    /// Removes a file's name; ENOENT where there is none.
    func remove(_ path: String) throws(StorageError)

    /// Makes a folder; EEXIST where the name is taken.
    func createFolder(_ path: String) throws(StorageError)

    /// Removes an empty folder.
    func removeFolder(_ path: String) throws(StorageError)

    /// The names in a folder, sorted, without "." and "..". What is not UTF-8 in a name, as in none
    /// of a store's, is U+FFFD in the answer.
    func list(_ folder: String) throws(StorageError) -> [String]

    /// What stands at `path`; nil where nothing does.
    func status(_ path: String) throws(StorageError) -> FileStatus?

    /// Makes the names in a folder durable.
    func syncFolder(_ path: String) throws(StorageError)

    /// Maps the first `wordCount` 64-bit words of a file, shared with every process that does,
    /// growing the file with zeros to that size. Used for `live` and the clock floor alone.
    func map(_ path: String, wordCount: Int) throws(StorageError) -> any SharedWords
}

/// What a file is opened for.
package enum FileAccess: Sendable {
    case read
    case readWrite
}

/// What stands at a path.
package struct FileStatus: Hashable, Sendable {
    package let byteCount: UInt64
    package let isFolder: Bool
    /// Bytes the file system gave it, which preallocation and holes make differ from the size.
    package let allocatedByteCount: UInt64

    package init(byteCount: UInt64, isFolder: Bool, allocatedByteCount: UInt64) {
        self.byteCount = byteCount
        self.isFolder = isFolder
        self.allocatedByteCount = allocatedByteCount
    }
}
