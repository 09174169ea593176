// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, simulated disk. Words of a mapped file: they outlive any process, and a crash
// leaves of each sector what it held when last synced, or what it holds, or zeros.
import SegmentStore

final class SimulatedWords: SharedWords {
    let count: Int
    private let disk: SimulatedDisk
    private let process: Int
    private let path: String
    private let number: Int
    private let inode: Int

    init(
        disk: SimulatedDisk, process: Int, path: String, number: Int, inode: Int, count: Int
    ) {
        self.disk = disk
        self.process = process
        self.path = path
        self.number = number
        self.inode = inode
        self.count = count
    }

    deinit { disk.withState { $0.closeFile(number) } }

    func load(_ index: Int) -> UInt64 {
        precondition(index >= 0 && index < count)
        return perform(.loadWord(path: path, index: index)) { disk, _ in
            disk.word(at: index, of: inode)
        }
    }

    func store(_ value: UInt64, at index: Int) {
        precondition(index >= 0 && index < count)
        perform(.storeWord(path: path, index: index)) { disk, isAlive in
            if isAlive { disk.setWord(value, at: index, of: inode) }
        }
    }

    /// A killed process is answered as if it were alive, so that its loops end, without effect.
    func compareExchange(_ index: Int, expected: UInt64, desired: UInt64) -> Bool {
        precondition(index >= 0 && index < count)
        return perform(.compareExchangeWord(path: path, index: index)) { disk, isAlive in
            guard disk.word(at: index, of: inode) == expected else { return false }
            if isAlive { disk.setWord(desired, at: index, of: inode) }
            return true
        }
    }

    private func perform<Value>(
        _ call: FileSystemCall, _ body: (inout DiskState, Bool) -> Value
    ) -> Value {
        do throws(StorageError) {
            return try disk.perform(call, "map", of: process) { disk, _, _ in body(&disk, true) }
        } catch {
            return disk.withState { body(&$0, false) }
        }
    }
}
