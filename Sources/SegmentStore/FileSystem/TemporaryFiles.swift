// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, file-system seam. What killed processes leave in `temporary/`, where the
// file system has no unnamed files, and how it goes (invariant 7).
//
//   maker   make (never replacing) ── lock ── still named? ── work ── link elsewhere, unlink, close
//                                       │ no: another name
//   sweep   open ── lock, without waiting ── unlink ── close
//
// The maker holds the lock for as long as it lives, so a lock that is free is one of a dead process,
// or of a maker that has not come to it: that one finds its name gone, and takes another. No clock
// has a say (rule 11), and names are never used twice, so an unlink takes what was locked.
import Glibc

package enum TemporaryFiles {
    /// The folder, made when it is first needed.
    package static let folder = "temporary"

    /// The bytes of its file that a maker holds locked: the last that a file can have.
    static let guarding = UInt64(off_t.max - 1)..<UInt64(off_t.max)

    /// The paths of the files in `temporary/` that nobody holds, sorted, and with `removing` takes
    /// them away. Safe against makers and other sweeps, at any time. O(names in the folder).
    /// What is no regular file stays, and is not listed. Throws what listing or removing fails with.
    package static func sweep(
        _ files: any FileSystem, removing: Bool = true
    ) throws(StorageError) -> [String] {
        var abandoned: [String] = []
        for name in try names(files) {
            let path = folder + "/" + name
            guard let file = try open(path, files) else { continue }
            guard try file.lock(guarding, .exclusive, waiting: .never) else { continue }
            if removing {
                do throws(StorageError) {
                    try files.remove(path)
                } catch {
                    // Another sweep held it in the moment before.
                    guard error.isNotFound else { throw error }
                    continue
                }
            }
            abandoned.append(path)
        }
        return abandoned
    }

    private static func names(_ files: any FileSystem) throws(StorageError) -> [String] {
        do throws(StorageError) {
            return try files.list(folder)
        } catch {
            guard error.isNotFound else { throw error }
            return []
        }
    }

    private static func open(
        _ path: String, _ files: any FileSystem
    ) throws(StorageError) -> (any File)? {
        do throws(StorageError) {
            return try files.open(path, for: .readWrite)
        } catch {
            // Gone meanwhile; or a folder, a link or a pipe, which no maker makes.
            let passedOver = [ENOENT, EISDIR, ELOOP, EINVAL, ENXIO]
            guard let code = error.errno, passedOver.contains(code) else { throw error }
            return nil
        }
    }
}
