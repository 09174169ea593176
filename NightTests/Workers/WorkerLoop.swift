// SPDX-License-Identifier: Apache-2.0
// forknight: the worker's side: a line "PART ROUND" comes in, the round is done, its report goes out.
import Glibc
import SegmentStore

enum WorkerLoop {
    /// Runs until nobody asks any more.
    static func run() throws {
        // Whatever a round prints goes where traps go, and not between the reports.
        let output = dup(1)
        guard output >= 0, dup2(2, 1) >= 0, fcntl(output, F_SETFD, FD_CLOEXEC) == 0 else {
            throw NightFailure("a worker's descriptors cannot be set: errno \(errno)")
        }
        var lines = LineBuffer()
        while lines.read(0) {
            while let line = lines.next() {
                guard let order = RoundName(line) else {
                    throw NightFailure("a worker does not understand \(line)")
                }
                guard Descriptors.write(report(order).text + "\n", to: output) else { return }
            }
        }
    }

    private static func report(_ order: RoundName) -> ReportLine {
        let start = SystemTime().sinceBoot()
        let tally = order.run { part, round throws in try part.run(round) }
        let milliseconds = Int((SystemTime().sinceBoot() - start) / 1_000_000)
        return ReportLine(
            part: order.part, round: order.round, milliseconds: milliseconds, tally: tally)
    }
}

/// One round of one part, as it is named on pipes and on the command line.
struct RoundName: Hashable {
    let part: String
    let round: UInt64

    init(part: String, round: UInt64) {
        self.part = part
        self.round = round
    }

    /// "crashes:17", or "crashes 17".
    init?(_ text: String) {
        let fields = text.split { $0 == ":" || $0 == " " }
        guard fields.count == 2, let round = UInt64(fields[1]) else { return nil }
        self.init(part: String(fields[0]), round: round)
    }

    var text: String { "\(part):\(round)" }

    /// Runs the round; what is thrown is a failure of its tally.
    func run(_ body: (any NightPart, UInt64) throws -> NightTally) -> NightTally {
        do {
            guard let part = NightParts.part(named: part) else {
                throw NightFailure("there is no part \(self.part)")
            }
            return try body(part, round)
        } catch {
            var tally = NightTally()
            tally.failures.append("\(error)")
            return tally
        }
    }
}
