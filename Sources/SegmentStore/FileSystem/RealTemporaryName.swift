// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, file-system seam. Temporary files where the file system has no unnamed ones.
//
// The file stands in `temporary/` under a random name. Its maker holds a lock on the last byte a
// file can have for as long as it lives, so that who sweeps the folder can tell a leftover of a
// dead process (the lock is free) from work in progress.
import CPlatform
import Glibc

/// The stand-in name of a temporary file; removed when the file is linked or closed.
struct RealTemporaryName: Sendable {
    let root: Int32
    let path: String

    /// The bytes that the maker of a file in `temporary/` holds locked.
    static let guarding = UInt64(off_t.max - 1)..<UInt64(off_t.max)

    /// Best effort: what stays is swept with the other leftovers.
    func remove() {
        _ = unlinkat(root, path, 0)
        Glibc.close(root)
    }
}

extension RealFileSystem {
    /// The folder of `createNamedTemporary`, made when it is first needed.
    package static var temporaryFolder: String { "temporary" }

    func createNamedTemporary() throws(StorageError) -> any File {
        let name = try SystemEntropy().number()
        let path = "\(Self.temporaryFolder)/\(String(name, radix: 16))"
        let file: RealFile
        do throws(StorageError) {
            file = try openNamedTemporary(path)
        } catch {
            guard error.isNotFound else { throw error }
            do throws(StorageError) {
                try createFolder(Self.temporaryFolder)
            } catch {
                guard error.isAlreadyThere else { throw error }
            }
            file = try openNamedTemporary(path)
        }
        guard try file.lock(RealTemporaryName.guarding, .exclusive, waiting: .never) else {
            // A sweep took it in the moment before: its name is gone, so it cannot be linked.
            throw .failed("create temporary", on: path, code: EAGAIN)
        }
        return file
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
            return RealFile(descriptor: descriptor, path: "", temporary: name)
        } catch {
            Glibc.close(folder)
            throw error
        }
    }
}
