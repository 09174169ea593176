// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. The exclusive size of forks, where it can be told.
import ForkEngine
import SegmentStore

enum ExclusiveSize {
    /// What dropping each of `forks`, and all of them, would free; nil, and a warning, where the
    /// store is damaged: everything else that is told of a fork holds all the same.
    static func of(
        _ forks: [ForkDescription], in store: Store, on console: Console
    ) throws(CommandFailure) -> ExclusiveSizes? {
        do throws(ForkError) {
            return try store.exclusiveSizes(of: Set(forks.map(\.id)))
        } catch {
            guard error.code == .damaged else { throw CommandFailure(error) }
            console.warn("what only these forks reach is not known: \(error.message)")
            return nil
        }
    }
}
