// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, store. Rule 16: on a full disk reading, dropping and collecting still work.
import SegmentStore

extension Store {
    /// Runs work without which a full disk would stay full, or could not be read: dropping,
    /// collecting, and what a reader writes, which is the recovery of what a killed writer left
    /// and its pin. Where the disk is full, once more with the reserve freed, of which as much as
    /// the work left over is taken back at once: nobody else is to use it up.
    ///
    /// Those who use it share it: each needs a few pages, and a reader does not wait for a
    /// collection to end. The last of them takes back what is left. The caller holds no publish
    /// lock and no catalog's.
    ///
    /// Errors: those of `body`; `noSpace` too where who takes the reserve back is stuck.
    func withReserve<Result>(
        _ body: () throws(ForkError) -> Result
    ) throws(ForkError) -> Result {
        do throws(ForkError) {
            return try body()
        } catch {
            guard error.code == .noSpace else { throw error }
            let wait = LockWait.atMost(milliseconds: Self.reserveWaitMilliseconds)
            guard let share = try locks.take(StoreLocks.reserve, .shared, waiting: wait) else {
                throw error
            }
            defer {
                share.release()
                takeBackReserve()
            }
            // Freed already where another uses it.
            try freeReserve()
            return try body()
        }
    }

    /// How long anybody waits for who takes the reserve back: one write and sync of 1 MiB.
    static let reserveWaitMilliseconds = 10_000

    private func takeBackReserve() {
        do throws(ForkError) {
            try refillReserve()
        } catch {
            // What was to be done is done, or failed by itself: the next collection fills the
            // reserve, or says why it cannot.
        }
    }

    /// Gives the reserve's bytes back to the disk.
    private func freeReserve() throws(ForkError) {
        try lifting { () throws(StorageError) in
            do throws(StorageError) {
                let file = try fileSystem.open(StoreLayout.reserve, for: .readWrite)
                guard try file.byteCount() > 0 else { return }
                try file.resize(to: 0)
                try file.sync()
            } catch {
                // Lost: there is nothing to free, and the next collection makes it again.
                guard error.isNotFound else { throw error }
            }
        }
    }

    /// The reserve, made again where it was lost. The caller holds its lock alone.
    private func openReserve() throws(StorageError) -> any File {
        do throws(StorageError) {
            return try fileSystem.open(StoreLayout.reserve, for: .readWrite)
        } catch {
            guard error.isNotFound else { throw error }
            let file = try fileSystem.create(StoreLayout.reserve)
            try fileSystem.syncFolder(".")
            return file
        }
    }

    /// Fills the reserve again where it was freed, as far as the disk has room: the next collection
    /// goes on with it. Not where others use it: the last of them does, when it has let go of its
    /// share.
    func refillReserve() throws(ForkError) {
        guard let lock = try locks.take(StoreLocks.reserve, .exclusive, waiting: .never) else {
            return
        }
        defer { lock.release() }
        try lifting { () throws(StorageError) in
            let file = try openReserve()
            guard try file.byteCount() < StoreLayout.reserveByteCount else { return }
            do throws(StorageError) {
                let zeros = [UInt8](repeating: 0, count: Int(StoreLayout.reserveByteCount))
                try zeros.span.withUnsafeBytes { (zeros) throws(StorageError) in
                    try file.write(zeros, at: 0)
                }
                try file.sync()
            } catch {
                guard error.isNoSpace else { throw error }
                try file.sync()
            }
        }
    }
}
