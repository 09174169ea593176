// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. Closing a fork when what was asked is done.
import ForkEngine

extension Writer {
    /// Closes after everything asked for is durable: a failure now is a warning, since an exit
    /// status that says "failed" would have it done twice. Who opens the fork next recovers it.
    func closeDone(on console: Console) {
        do throws(ForkError) {
            try close()
        } catch {
            console.warn(
                "all events are in and durable, but the fork could not be closed: \(error.message)")
        }
    }

    /// Closes after a failure, which is the one to tell; what is in is durable, closed or not.
    func closeFailed() {
        do throws(ForkError) { try close() } catch {}
    }
}
