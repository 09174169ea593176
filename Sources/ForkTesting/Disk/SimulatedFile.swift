// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, simulated disk. An open file of one process.
import Glibc
import SegmentStore

final class SimulatedFile: File {
    let disk: SimulatedDisk
    /// The open file's number: what locks belong to.
    let number: Int
    private let process: Int
    private let name: Locked<String>

    init(disk: SimulatedDisk, process: Int, number: Int, path: String) {
        self.disk = disk
        self.process = process
        self.number = number
        name = Locked(path)
    }

    deinit { disk.withState { $0.closeFile(number) } }

    var path: String { name.withLock { $0 } }

    func nameWasGiven(_ path: String) {
        name.withLock { if $0.isEmpty { $0 = path } }
    }

    func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64
    ) throws(StorageError) -> Int {
        let call = FileSystemCall.read(path: path, offset: offset, byteCount: buffer.count)
        return try disk.perform(call, "read", of: process) {
            (disk, failing, _) throws(StorageError) in
            try disk.read(into: buffer, at: offset, openFile: number, failing)
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(StorageError) {
        let call = FileSystemCall.write(path: path, offset: offset, byteCount: bytes.count)
        try disk.perform(call, "write", of: process) {
            (disk, failing, strike) throws(StorageError) in
            var fate = DiskState.WriteFate.whole
            switch strike {
            case .failHalfway(let code):
                let half = UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count / 2)])
                try disk.write(half, at: offset, openFile: number, fate: .whole, failing)
                throw failing.error(code)
            case .failLosingDirtyPages(let code, _): throw failing.error(code)
            case .lose: fate = .lost
            case .misdirect(let distance): fate = .misdirected(by: distance)
            case nil: break
            }
            try disk.write(bytes, at: offset, openFile: number, fate: fate, failing)
        }
    }

    func sync() throws(StorageError) {
        try disk.perform(.sync(path: path), "sync", of: process) {
            (disk, failing, strike) throws(StorageError) in
            let inode = try disk.inode(of: number, failing)
            switch strike {
            case .failLosingDirtyPages(let code, let seed):
                disk[inode: inode].file.loseDirtyPages(seed: seed)
                throw failing.error(code)
            case .failHalfway(let code): throw failing.error(code)
            case .lose: break
            case .misdirect, nil: try disk.sync(openFile: number, failing)
            }
        }
    }

    /// A hint, which this disk does not take: what is un-synced stays so.
    func beginWriteback(at offset: UInt64, byteCount: UInt64) {
        hint(.beginWriteback(path: path, offset: offset, byteCount: byteCount)) { _ in }
    }

    func dropCache() {
        hint(.dropCache(path: path)) { disk in
            guard let open = disk.openFiles[number] else { return }
            disk[inode: open.inode].file.dropCache()
        }
    }

    func byteCount() throws(StorageError) -> UInt64 {
        try disk.perform(.byteCount(path: path), "status", of: process) {
            (disk, failing, _) throws(StorageError) in
            UInt64(disk[inode: try disk.inode(of: number, failing)].file.live.byteCount)
        }
    }

    func linkCount() throws(StorageError) -> Int {
        try disk.perform(.linkCount(path: path), "status", of: process) {
            (disk, failing, _) throws(StorageError) in
            disk[inode: try disk.inode(of: number, failing)].linkCount
        }
    }

    func resize(to byteCount: UInt64) throws(StorageError) {
        let call = FileSystemCall.resize(path: path, byteCount: byteCount)
        try disk.perform(call, "resize", of: process) {
            (disk, failing, strike) throws(StorageError) in
            var isLost = false
            if case .lose = strike { isLost = true }
            try disk.resize(to: byteCount, openFile: number, isLost: isLost, failing)
        }
    }

    func lock(
        _ range: Range<UInt64>, _ mode: LockMode, waiting: LockWait
    ) throws(StorageError) -> Bool {
        precondition(!range.isEmpty && range.lowerBound <= UInt64(Int64.max))
        let call = FileSystemCall.lock(path: path, range: range, mode: mode)
        if case .never = waiting { return try attempt(call, range, mode) }
        var patience = LockPatience(waiting, by: disk.time ?? SystemTime())
        while true {
            if try attempt(call, range, mode) { return true }
            if let whileBlocked = disk.hooks.whileBlocked {
                if disk.time != nil, patience.isOver { return false }
                if case .atMost(let milliseconds) = waiting, milliseconds <= 0 { return false }
                if whileBlocked(process, call) { continue }
                if patience.hasDeadline { return false }
                throw Failing(operation: "lock", path: path).error(EDEADLK)
            }
            guard patience.waits() else { return false }
        }
    }

    private func attempt(
        _ call: FileSystemCall, _ range: Range<UInt64>, _ mode: LockMode
    ) throws(StorageError) -> Bool {
        try disk.perform(call, "lock", of: process) {
            (disk, failing, _) throws(StorageError) in
            try disk.tryLock(range, mode, openFile: number, failing)
        }
    }

    func unlock(_ range: Range<UInt64>) throws(StorageError) {
        precondition(!range.isEmpty && range.lowerBound <= UInt64(Int64.max))
        try disk.perform(.unlock(path: path, range: range), "unlock", of: process) {
            (disk, failing, _) throws(StorageError) in
            try disk.unlock(range, openFile: number, failing)
        }
    }

    func lockHolders(of range: Range<UInt64>, against mode: LockMode) -> [Int32] {
        disk.withState { $0.lockHolders(of: range, mode, openFile: number) }
    }

    private func hint(_ call: FileSystemCall, _ body: (inout DiskState) -> Void) {
        do throws(StorageError) {
            try disk.perform(call, "hint", of: process) { disk, _, _ in body(&disk) }
        } catch {
            // A killed process hints at nothing.
        }
    }
}
