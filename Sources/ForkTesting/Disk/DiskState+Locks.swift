// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, simulated disk. The lock table: locks belong to open files, like those of
// F_OFD_SETLK, whichever process or thread asks.
import Glibc
import SegmentStore

extension DiskState {
    /// Takes or converts the lock; false where another open file is in the way.
    mutating func tryLock(
        _ range: Range<UInt64>, _ mode: LockMode, openFile: Int, _ failing: Failing
    ) throws(StorageError) -> Bool {
        let number = try inode(of: openFile, failing)
        guard mode == .shared || openFiles[openFile]?.access == .readWrite else {
            throw failing.error(EBADF)
        }
        let isTaken = self[inode: number].locks.contains { held in
            held.owner != openFile && held.range.overlaps(range)
                && (mode == .exclusive || held.mode == .exclusive)
        }
        if isTaken { return false }
        release(range, of: openFile, in: number)
        self[inode: number].locks.append(HeldLock(range: range, mode: mode, owner: openFile))
        return true
    }

    /// The processes whose locks are in the way, in order.
    func lockHolders(of range: Range<UInt64>, _ mode: LockMode, openFile: Int) -> [Int32] {
        guard let open = openFiles[openFile] else { return [] }
        let holders = self[inode: open.inode].locks.filter { held in
            held.owner != openFile && held.range.overlaps(range)
                && (mode == .exclusive || held.mode == .exclusive)
        }
        return Set(holders.compactMap { openFiles[$0.owner]?.process }).sorted()
            .map { Int32(clamping: $0) }
    }

    mutating func unlock(
        _ range: Range<UInt64>, openFile: Int, _ failing: Failing
    ) throws(StorageError) {
        release(range, of: openFile, in: try inode(of: openFile, failing))
    }

    /// Cuts the range out of what the open file holds.
    private mutating func release(_ range: Range<UInt64>, of openFile: Int, in number: Int) {
        let held = self[inode: number].locks
        guard held.contains(where: { $0.owner == openFile && $0.range.overlaps(range) }) else {
            return
        }
        var left: [HeldLock] = []
        for lock in held {
            guard lock.owner == openFile, lock.range.overlaps(range) else {
                left.append(lock)
                continue
            }
            if lock.range.lowerBound < range.lowerBound {
                var before = lock
                before.range = lock.range.lowerBound..<range.lowerBound
                left.append(before)
            }
            if lock.range.upperBound > range.upperBound {
                var after = lock
                after.range = range.upperBound..<lock.range.upperBound
                left.append(after)
            }
        }
        self[inode: number].locks = left
    }
}
