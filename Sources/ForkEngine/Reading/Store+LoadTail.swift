// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, reading. The pending journals of a snapshot, read into memory.
import SegmentStore

extension Store {
    /// Reads and indexes what `record` has not flushed: O(bytes of its pending journals).
    /// Every frame is verified; anything missing below a sealed end is damage (rule 4).
    func loadTail(_ record: SnapshotRecord) throws(ForkError) -> Tail {
        try lifting { () throws(StorageError) in
            let layer = TailLayer(start: record.rootEnd)
            for piece in record.pieces {
                try Journal.read(
                    piece, seed: self.record.seed, fileSystem: fileSystem
                ) { (frame) throws(StorageError) in
                    try layer.append(frame, within: piece.positions)
                }
            }
            return Tail(layer).prefix(below: record.cut)
        }
    }
}
