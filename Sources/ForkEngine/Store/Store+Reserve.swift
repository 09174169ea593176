// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, store. Rule 16: on a full disk dropping and collecting still work.
import SegmentStore

extension Store {
    /// Runs work that frees space; where the disk is full, once more with the reserve freed.
    func withReserve<Result>(
        _ body: () throws(ForkError) -> Result
    ) throws(ForkError) -> Result {
        do throws(ForkError) {
            return try body()
        } catch {
            guard error.code == .noSpace, try freeReserve() else { throw error }
            return try body()
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

    /// Fills the reserve again where it was freed. A disk that is still full leaves it as it is:
    /// the next collection tries again.
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
                try file.resize(to: 0)
            }
        }
    }
}
