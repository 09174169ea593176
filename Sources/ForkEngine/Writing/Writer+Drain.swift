// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, writing. What was appended and not waited for is made durable beside.
import SegmentStore

extension Writer {
    /// Bytes of frames that may wait for a sync before who appends must wait, too.
    static let bufferedByteCountMax: UInt64 = 8 << 20

    /// Sees to it that a thread leads until everything below `head` is durable. False where too
    /// much is queued already: the caller waits, and leads.
    func drainBeside(to head: Position) -> Bool {
        let (isRoom, isNew) = state.withLock { state -> (Bool, Bool) in
            let waitingByteCount = state.end.byteEnd - state.durable.byteEnd
            guard state.failure == nil, waitingByteCount <= Self.bufferedByteCountMax else {
                return (false, false)
            }
            state.bufferedHead = max(state.bufferedHead, head)
            defer { state.isDraining = true }
            return (true, !state.isDraining)
        }
        if isNew { store.environment.background.run { [self] in drain() } }
        return isRoom
    }

    /// Leads group after group. A failure is kept in the state, for the next caller to be told.
    private func drain() {
        while true {
            let group = state.waitUntil { state -> WriterGroup?? in
                if state.failure != nil || state.queue.isEmpty {
                    state.isDraining = false
                    return .some(nil)
                }
                return state.isLed ? nil : .some(state.takeGroup())
            }
            guard let group else { return }
            lead(group)
        }
    }
}
