// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. Event lines into one batch, all or none.
import ForkEngine
import SegmentStore

/// Reads a whole input into one batch; any fault ends it.
struct BatchReader {
    let source: InputSource
    /// The time of events whose lines have none.
    let now: Timestamp

    func read(into batch: AppendBatch) throws(CommandFailure) {
        var lines = EventLines(source)
        while let line = try lines.next() {
            do throws(LineFault) {
                try lines.add(line, to: batch, now: now)
            } catch {
                throw CommandFailure(
                    .badInput, "\(error.sentence(in: source.name)); nothing was appended")
            }
        }
        if batch.count == 0 {
            throw .usage("\(source.name) has no event lines: nothing was appended")
        }
    }
}
