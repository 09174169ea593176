// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, writing. Rule 2: a writer that meets a fence asks the catalog what became
// of its fork, in a transaction that itself commits a change (rule 12).
import SegmentStore

extension Writer {
    /// Called when the word could not be moved. Returns when the fork is as it was and the fence
    /// is cleared; throws for ever after when the fork is gone or goes on elsewhere. `timedOut`
    /// changes nothing: the fence is met again.
    func meetFence(_ state: inout WriterState) throws(ForkError) {
        let current = state.slot.word
        guard current.isFenced, current.unfenced == state.word else {
            throw ForkError(
                .system, "the live word of fork '\(name)' is not its writer's: open it again")
        }
        let slot = state.slot
        let word = state.word
        let row = state.row
        let outcome = try state.failing { () throws(ForkError) -> FenceOutcome in
            try store.catalog.write { transaction throws(ForkError) -> FenceOutcome in
                try transaction.touch()
                guard let now = try transaction.fork(fork) else { return .gone }
                guard now.epoch == row.epoch else { return .elsewhere }
                // Cleared inside the transaction: no forced operation can fence in between.
                slot.clearFence(of: word)
                return .asItWas
            }
        }
        switch outcome {
        case .asItWas:
            return
        case .gone:
            state.failure = ForkError(
                .notFound, "fork '\(name)' was dropped: what was not acknowledged is not in it")
        case .elsewhere:
            state.failure = ForkError(
                .changed, "fork '\(name)' was changed by force: open it again and retry")
        }
        try state.requireOpen()
    }

    private enum FenceOutcome {
        case asItWas
        case gone
        case elsewhere
    }
}
