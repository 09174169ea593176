// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, file-system seam. Open-file-description locks: owned by the open file, so
// that closing another descriptor of the same file loses nothing, and gone with the process.
import CPlatform
import Glibc

extension RealFile {
    func lock(
        _ range: Range<UInt64>, _ mode: LockMode, waiting: LockWait
    ) throws(StorageError) -> Bool {
        precondition(!range.isEmpty && range.lowerBound <= UInt64(off_t.max))
        switch waiting {
        case .never:
            return try tryLock(range, mode)
        case .forever:
            try systemCall("lock", on: path) {
                platform_lock(
                    descriptor, mode == .exclusive, true, range.lowerBound, range.upperBound)
            }
            return true
        case .atMost:
            var patience = LockPatience(waiting, by: time)
            repeat {
                if try tryLock(range, mode) { return true }
            } while patience.waits()
            return false
        }
    }

    func unlock(_ range: Range<UInt64>) throws(StorageError) {
        precondition(!range.isEmpty && range.lowerBound <= UInt64(off_t.max))
        try systemCall("unlock", on: path) {
            platform_unlock(descriptor, range.lowerBound, range.upperBound)
        }
    }

    private func tryLock(_ range: Range<UInt64>, _ mode: LockMode) throws(StorageError) -> Bool {
        do throws(StorageError) {
            try systemCall("lock", on: path) {
                platform_lock(
                    descriptor, mode == .exclusive, false, range.lowerBound, range.upperBound)
            }
            return true
        } catch {
            guard error.errno == EAGAIN || error.errno == EACCES else { throw error }
            return false
        }
    }
}
