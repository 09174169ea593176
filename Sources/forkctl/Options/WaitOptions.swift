// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. `--wait`: how long to wait for another writer.
import ArgumentParser
import ForkEngine
import Glibc

struct WaitOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Wait so long while another process has the fork open for writing.",
            discussion: "Default: do not wait.", valueName: "duration"),
        transform: { try DurationText.parse($0) })
    var wait: Duration?

    private static let pauseMicroseconds: UInt32 = 20_000

    /// Opens `fork` for writing. Without `--wait` a fork that is held is told at once.
    func openWriter(of fork: ForkName, in store: Store) throws(CommandFailure) -> Writer {
        let start = ContinuousClock.now
        while true {
            do throws(ForkError) {
                return try store.openWriter(fork)
            } catch {
                // Nothing was done where who commits stands still, either.
                guard error.code == .busy || error.code == .timedOut, let wait else {
                    throw CommandFailure(error)
                }
                guard ContinuousClock.now - start < wait else {
                    throw CommandFailure(
                        .timedOut, "waited \(DurationText.text(of: wait)): \(error.message)")
                }
                usleep(Self.pauseMicroseconds)
            }
        }
    }
}
