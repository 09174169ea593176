// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, reading. Rule 10: a snapshot held by a live reader is a root of GC.
import SegmentStore
import Synchronization

/// Makes pins: files in `pins/`, locked by their reader, holding the snapshot that it reads.
///
/// A pin needs no sync: the lock vanishes with its process, and an unlocked pin is dead.
final class Pins: Sendable {
    private let fileSystem: any FileSystem
    private let locks: StoreLocks
    private let process: Int32
    private let nextNumber = Atomic<UInt64>(0)

    /// The byte of a pin's file that its reader keeps locked.
    static let lockedByte: Range<UInt64> = 0..<1

    init(fileSystem: any FileSystem, locks: StoreLocks, process: Int32) {
        self.fileSystem = fileSystem
        self.locks = locks
        self.process = process
    }

    /// Pins what `snapshot` reads, under the publish lock and after the pin is locked; `nil` from
    /// it means that the row or the word moved: it is asked again, a few times; then the answer
    /// is nil. The caller holds no publish lock.
    ///
    /// `isBesideDamage`: where the folder of pins is missing no file is made, and none is needed,
    /// since nothing is collected then (rule 16).
    func take(
        isBesideDamage: Bool = false, _ snapshot: () throws(ForkError) -> SnapshotRecord?
    ) throws(ForkError) -> Pin? {
        let publish = try locks.takePublish()
        defer { publish.release() }
        // A pin that is abandoned below is removed by its deinit.
        let file = try lifting { () throws(StorageError) -> PinFile? in
            do throws(StorageError) {
                return try makeFile()
            } catch {
                guard isBesideDamage, error.isNotFound else { throw error }
                return nil
            }
        }
        for _ in 0..<16 {
            guard let record = try snapshot() else { continue }
            let bytes = try PinFormat.encode(record)
            try lifting { () throws(StorageError) in try file?.write(bytes) }
            return Pin(file: file, snapshot: record)
        }
        return nil
    }

    private func makeFile() throws(StorageError) -> PinFile {
        while true {
            let number = nextNumber.wrappingAdd(1, ordering: .relaxed).newValue
            let path = "\(StoreLayout.pins)/\(process).\(number)"
            do throws(StorageError) {
                let file = try fileSystem.create(path)
                let pin = PinFile(file: file, path: path, fileSystem: fileSystem)
                // Nobody else locks a pin but a collector that holds the publish lock exclusive.
                guard try file.lock(Self.lockedByte, .exclusive, waiting: .forever) else {
                    continue
                }
                return pin
            } catch {
                // A pin of a dead process with our number: the collector sweeps it.
                if !error.isAlreadyThere { throw error }
            }
        }
    }
}

/// A pin's file: locked while it lives, removed when its reader is done.
final class PinFile: Sendable {
    let file: any File
    private let path: String
    private let fileSystem: any FileSystem

    init(file: any File, path: String, fileSystem: any FileSystem) {
        self.file = file
        self.path = path
        self.fileSystem = fileSystem
    }

    /// Writes all of it, or leaves the pin empty, which counts for nothing: half a pin would be
    /// damage to a collector.
    func write(_ bytes: [UInt8]) throws(StorageError) {
        do throws(StorageError) {
            try bytes.span.withUnsafeBytes { (bytes) throws(StorageError) in
                try file.write(bytes, at: 0)
            }
        } catch {
            try file.resize(to: 0)
            throw error
        }
    }

    deinit {
        do throws(StorageError) {
            try fileSystem.remove(path)
        } catch {
            // The lock goes with the file: the collector sweeps what could not be removed here.
        }
    }
}

/// A snapshot that nothing collects while this lives.
final class Pin: Sendable {
    private let file: PinFile?
    let snapshot: SnapshotRecord

    init(file: PinFile?, snapshot: SnapshotRecord) {
        self.file = file
        self.snapshot = snapshot
    }
}
