// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, store. Rule 16: on a full disk reading, dropping and collecting still work.
import SegmentStore

extension Store {
    /// Runs work without which a full disk would stay full, or could not be read: dropping,
    /// collecting, and what a reader writes, which is the recovery of what a killed writer left
    /// and its pin. Where the disk is full, once more with the reserve freed, of which as much as
    /// the work left over is taken back at once: nobody else is to use it up.
    ///
    /// Those who use it follow one another. The caller holds no publish lock and no catalog's.
    func withReserve<Result>(
        _ body: () throws(ForkError) -> Result
    ) throws(ForkError) -> Result {
        do throws(ForkError) {
            return try body()
        } catch {
            guard error.code == .noSpace else { throw error }
            let turn = try locks.takeForever(StoreLocks.reserve, .exclusive)
            defer { turn.release() }
            guard try freeReserve() else { throw error }
            defer { takeBackReserve() }
            return try body()
        }
    }

    private func takeBackReserve() {
        do throws(ForkError) {
            try refillReserve()
        } catch {
            // What was to be done is done, or failed by itself: the next collection fills the
            // reserve, or says why it cannot.
        }
    }

    /// Gives the reserve's bytes back to the disk; false where it had none.
    private func freeReserve() throws(ForkError) -> Bool {
        try lifting { () throws(StorageError) in
            let file = try fileSystem.open(StoreLayout.reserve, for: .readWrite)
            guard try file.byteCount() > 0 else { return false }
            try file.resize(to: 0)
            try file.sync()
            return true
        }
    }

    /// Fills the reserve again where it was freed, as far as the disk has room: the next collection
    /// goes on with it.
    func refillReserve() throws(ForkError) {
        try lifting { () throws(StorageError) in
            let file = try fileSystem.open(StoreLayout.reserve, for: .readWrite)
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
