// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, simulated disk. One disk and its machine: processes open it, faults strike
// it, and crash images of it are disks of their own.
package import SegmentStore

/// A disk in memory. Thread-safe; every call holds one lock for its length.
package final class SimulatedDisk: Sendable {
    private let shared: Locked<Shared>
    /// What waits for locks end by. Nil: the machine's clock, or where there is a hook that alone,
    /// so that what a scheduler runs depends on no clock.
    let time: (any TimeSource)?

    private struct Shared {
        var disk: DiskState
        var record = CallRecord()
        var faults: [Fault] = []
        var processes = 0
        var killed: Set<Int> = []
        var hooks = SimulationHooks()

        mutating func takeFault(_ call: FileSystemCall) -> Fault.Effect? {
            guard !faults.isEmpty, !call.isWordCall else { return nil }
            let number = record.counts.calls
            let found = faults.firstIndex {
                $0.effect.canStrike(call) && $0.strikes(call, number)
            }
            guard let index = found else { return nil }
            let fault = faults[index]
            if !fault.isPermanent { faults.remove(at: index) }
            return fault.effect
        }
    }

    package init(
        _ options: SimulatedDiskOptions = SimulatedDiskOptions(),
        time: (any TimeSource)? = nil
    ) {
        self.time = time
        shared = Locked(Shared(disk: DiskState(options: options)))
    }

    init(_ state: DiskState, time: (any TimeSource)? = nil) {
        self.time = time
        shared = Locked(Shared(disk: state))
    }

    /// A file system for one more process of this machine.
    package func makeProcess() -> SimulatedFileSystem {
        shared.withLock { shared in
            shared.processes += 1
            return SimulatedFileSystem(disk: self, process: shared.processes)
        }
    }

    // MARK: What is observed

    package var counts: CallCounts { shared.withLock { $0.record.counts } }

    /// Keeps every call from now on, for `takeTranscript`.
    package func keepTranscript() { shared.withLock { $0.record.keepsCalls = true } }

    /// The calls since it was last taken, one a line.
    package func takeTranscript() -> String { shared.withLock { $0.record.takeTranscript() } }

    package var hooks: SimulationHooks {
        get { shared.withLock { $0.hooks } }
        set { shared.withLock { $0.hooks = newValue } }
    }

    /// Bytes in use, in pages of 4 KiB.
    package var usedByteCount: Int {
        shared.withLock { $0.disk.usedPageCount * SimulatedPage.byteCount }
    }

    // MARK: What goes wrong

    package func add(_ fault: Fault) { shared.withLock { $0.faults.append(fault) } }

    package func removeFaults() { shared.withLock { $0.faults.removeAll() } }

    /// Sets the size of the disk; nil without limit.
    package func resize(to byteCountMax: Int?) {
        shared.withLock { $0.disk.options.byteCountMax = byteCountMax }
    }

    /// Ends a process as kill -9 does: its descriptors, locks and unnamed files are gone, and what
    /// its threads still call fails without effect.
    package func kill(process: Int) {
        shared.withLock { shared in
            shared.killed.insert(process)
            shared.disk.closeAll(of: process)
        }
    }

    func isKilled(_ process: Int) -> Bool { shared.withLock { $0.killed.contains(process) } }

    /// Turns one bit of a file over, on the disk and in the cache.
    package func flipBit(_ bit: UInt8, of path: String, at offset: Int) throws(StorageError) {
        try shared.withLock { shared throws(StorageError) in
            let inode = try shared.disk.findFile(path, Failing(operation: "flip", path: path))
            precondition(offset < shared.disk[inode: inode].file.live.byteCount)
            shared.disk[inode: inode].file.live.flipBit(bit, at: offset)
            if offset < shared.disk[inode: inode].file.durable.byteCount {
                shared.disk[inode: inode].file.durable.flipBit(bit, at: offset)
            }
        }
    }

    // MARK: What is left

    /// The disk after a power cut now, as chance has it: the same seed, the same image.
    package func crashImage(seed: UInt64) -> SimulatedDisk {
        var choices = SampledChoices(seed: seed)
        return SimulatedDisk(state.crashImage(&choices), time: time)
    }

    /// The disk after a power cut that kept all or nothing of what was not synced.
    package func crashImage(keepingUnsynced: Bool) -> SimulatedDisk {
        var choices = UniformChoices(keepsAll: keepingUnsynced)
        return SimulatedDisk(state.crashImage(&choices), time: time)
    }

    /// Every image of a power cut now, or nil where there are more than `limit`.
    package func allCrashImages(limit: Int) -> [SimulatedDisk]? {
        let state = state
        guard state.crashImageCount(limit: limit + 1) <= limit else { return nil }
        var choices = ExhaustiveChoices()
        var images: [SimulatedDisk] = []
        repeat {
            images.append(SimulatedDisk(state.crashImage(&choices), time: time))
        } while choices.advance()
        return images
    }

    /// The disk after every process was killed now; what was not synced is still in the cache.
    package func killImage() -> SimulatedDisk { SimulatedDisk(state.killImage(), time: time) }

    /// A value of its own that costs no copy of the bytes.
    var state: DiskState { shared.withLock { $0.disk } }

    // MARK: How calls are made

    /// Makes one call of a process: hands the baton, counts, lets faults strike, then runs `body`.
    func perform<Value>(
        _ call: FileSystemCall, _ operation: String, of process: Int,
        _ body: (inout DiskState, Failing, Strike?) throws(StorageError) -> Value
    ) throws(StorageError) -> Value {
        shared.withLock { $0.hooks.beforeCall }?(process, call)
        let failing = Failing(operation: operation, path: call.path)
        return try shared.withLock { shared throws(StorageError) in
            guard !shared.killed.contains(process) else { throw failing.error(Self.killedCode) }
            let effect = shared.takeFault(call)
            shared.record.add(call)
            switch effect {
            case nil:
                return try body(&shared.disk, failing, nil)
            case .fail(let code):
                throw failing.error(code)
            case .kill:
                shared.killed.insert(process)
                shared.disk.closeAll(of: process)
                throw failing.error(Self.killedCode)
            case .failHalfway(let code):
                guard call.isWrite else { throw failing.error(code) }
                return try body(&shared.disk, failing, .failHalfway(code: code))
            case .failLosingDirtyPages(let code, let seed):
                guard case .sync = call else { throw failing.error(code) }
                return try body(
                    &shared.disk, failing, .failLosingDirtyPages(code: code, seed: seed))
            case .lose:
                return try body(&shared.disk, failing, .lose)
            case .misdirect(let distance):
                return try body(&shared.disk, failing, .misdirect(by: distance))
            }
        }
    }

    /// Runs `body` on the disk without a call: what the kernel does by itself.
    func withState<Value>(_ body: (inout DiskState) -> Value) -> Value {
        shared.withLock { body(&$0.disk) }
    }

    /// What the calls of a killed process fail with: ESHUTDOWN, which no other call answers.
    package static let killedCode: Int32 = 108

    /// The part of a fault's effect that the call itself must play.
    enum Strike {
        case failHalfway(code: Int32)
        case failLosingDirtyPages(code: Int32, seed: UInt64)
        case lose
        case misdirect(by: Int)
    }
}
