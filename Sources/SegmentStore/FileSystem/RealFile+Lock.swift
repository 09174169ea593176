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
        case .atMost(let milliseconds):
            return try lock(range, mode, within: UInt64(clamping: milliseconds) * 1_000_000)
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

    /// The kernel has no lock call with a deadline, so this one asks again, ever more slowly: from
    /// 50 µs, where the lock is held for a commit, to 2 ms, where it is held for long.
    private func lock(
        _ range: Range<UInt64>, _ mode: LockMode, within nanoseconds: UInt64
    ) throws(StorageError) -> Bool {
        let started = platform_boot_nanoseconds()
        var pause: UInt64 = 50_000
        while true {
            if try tryLock(range, mode) { return true }
            let passed = platform_boot_nanoseconds() - started
            if passed >= nanoseconds { return false }
            SystemTime().sleep(nanoseconds: min(pause, nanoseconds - passed))
            pause = min(pause * 2, 2_000_000)
        }
    }
}
