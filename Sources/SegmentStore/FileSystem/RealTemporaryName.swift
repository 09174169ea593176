// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, file-system seam. Temporary files where the file system has no unnamed ones.
//
// The file stands in `temporary/` under a random name, held by its maker as `TemporaryFiles` says.
import CPlatform
import Glibc

/// The stand-in name of a temporary file; removed when the file is linked or closed.
struct RealTemporaryName: Sendable {
    let root: Int32
    let path: String

    /// Best effort: what stays is swept with the other leftovers.
    func remove() {
        _ = unlinkat(root, path, 0)
        Glibc.close(root)
    }
}

extension RealFileSystem {
    /// The folder of `createNamedTemporary`, made when it is first needed.
    static var temporaryFolder: String { TemporaryFiles.folder }

    /// Tries names until one is held: a sweep that comes between making a file and locking it takes
    /// that one away, and nobody loses so many such races.
    func createNamedTemporary() throws(StorageError) -> any File {
        for _ in 0..<16 {
            let name = String(try SystemEntropy().number(), radix: 16)
            let file = try makeNamedTemporary("\(Self.temporaryFolder)/\(name)")
            if try hold(file) { return file }
        }
        throw .failed("create temporary", on: Self.temporaryFolder, code: EAGAIN)
    }

    /// Makes the file, and the folder where it is needed for the first time.
    func makeNamedTemporary(_ path: String) throws(StorageError) -> RealFile {
        do throws(StorageError) {
            return try openNamedTemporary(path)
        } catch {
            guard error.isNotFound else { throw error }
            do throws(StorageError) {
                try createFolder(Self.temporaryFolder)
            } catch {
                guard error.isAlreadyThere else { throw error }
            }
            return try openNamedTemporary(path)
        }
    }

    /// Locks the maker's file for as long as it lives; false where a sweep was quicker.
    func hold(_ file: RealFile) throws(StorageError) -> Bool {
        guard try file.lock(TemporaryFiles.guarding, .exclusive, waiting: .never) else {
            return false
        }
        // A sweep may also have come and gone: then the lock is on a file without a name, which
        // could not be linked.
        return try file.attributes().st_nlink > 0
    }

    private func openNamedTemporary(_ path: String) throws(StorageError) -> RealFile {
        // The name must be removable for as long as the file lives, longer perhaps than this
        // object: it takes a descriptor of the root of its own.
        let folder = try openFolder(".", "create temporary")
        do throws(StorageError) {
            let descriptor = try systemCall("create temporary", on: path) {
                openat(root, path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
            }
            let name = RealTemporaryName(root: folder, path: path)
            return RealFile(descriptor: descriptor, path: "", time: time, temporary: name)
        } catch {
            Glibc.close(folder)
            throw error
        }
    }
}
