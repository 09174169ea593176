// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting. The catalog that several simulated processes share: what is committed, who
// writes, and the ghost of a commit that was cut short (rule 12).
//
//     commit cut short:   committed = before, ghost = after, the writer is dead
//     another commit:     the ghost is gone for ever
//     nobody left, then opened again (recovery): the ghost comes back, or not: the test says
package import ForkEngine
internal import SegmentStore
internal import Glibc

/// A simulated catalog's disk. Every committed transaction is durable; between processes there is
/// one writer at a time.
package final class SimulatedCatalogDisk: Sendable {
    private struct Content {
        var committed: SimulatedCatalogState
        /// What was committed before.
        var previous: SimulatedCatalogState?
        var ghost: SimulatedCatalogState?
        var commitCount = 0
        var writer: ObjectIdentifier?
        var rowsWalkedByWriters = 0
        var overlaysReadByWriters = 0
        /// Of what is committed, once it was asked for.
        var hash: (commitCount: Int, hash: UInt64)?
    }

    private let content: Locked<Content>

    package init(store: StoreRecord) {
        content = Locked(Content(committed: SimulatedCatalogState(store: store)))
    }

    private init(_ content: Content) { self.content = Locked(content) }

    /// What a crash at this moment leaves: the last committed state, or the ghost's where there is
    /// one and it returns. Nobody is connected to it.
    package func crashImage(ghostReturns: Bool) -> SimulatedCatalogDisk {
        let image = SimulatedCatalogDisk(content.withLock { $0 })
        image.recover(ghostReturns: ghostReturns)
        return image
    }

    /// What a crash at this moment leaves where the last commit was not synced.
    func imageBeforeLastCommit() -> SimulatedCatalogDisk {
        let image = SimulatedCatalogDisk(content.withLock { $0 })
        image.content.withLock { content in
            content.committed = content.previous ?? content.committed
            content.ghost = nil
            content.writer = nil
        }
        return image
    }

    /// What every reader sees.
    package var committed: SimulatedCatalogState { content.withLock { $0.committed } }

    /// Equal for equal content.
    var committedHash: UInt64 {
        content.withLock { content in
            if let known = content.hash, known.commitCount == content.commitCount {
                return known.hash
            }
            let hash = content.committed.hash
            content.hash = (content.commitCount, hash)
            return hash
        }
    }

    /// Transactions that were committed and changed something.
    package var commitCount: Int { content.withLock { $0.commitCount } }

    /// Rows that were walked by those who had the catalog to themselves, while all others waited.
    package var rowsWalkedByWriters: Int { content.withLock { $0.rowsWalkedByWriters } }

    /// Overlays that they looked up, one by one.
    package var overlaysReadByWriters: Int { content.withLock { $0.overlaysReadByWriters } }

    /// Whether a commit that was cut short can still come back.
    package var hasGhost: Bool { content.withLock { $0.ghost != nil } }

    /// What an opener does who finds nobody else there, after kills or a power cut: the writer's
    /// lock is free, and a ghost becomes the truth or vanishes.
    package func recover(ghostReturns: Bool) {
        content.withLock { content in
            if ghostReturns, let ghost = content.ghost {
                content.committed = ghost
                content.commitCount += 1
            }
            content.ghost = nil
            content.writer = nil
        }
    }

    // MARK: For SimulatedCatalog

    /// Whether `process` is now the writer.
    func tryToLock(for process: ObjectIdentifier) -> Bool {
        content.withLock { content in
            guard content.writer == nil else { return false }
            content.writer = process
            return true
        }
    }

    /// Whether nobody writes now.
    var isFree: Bool { content.withLock { $0.writer == nil } }

    func unlock(for process: ObjectIdentifier) {
        content.withLock { content in
            if content.writer == process { content.writer = nil }
        }
    }

    func note(walkedRowCount: Int, overlayReadCount: Int) {
        content.withLock { content in
            content.rowsWalkedByWriters += walkedRowCount
            content.overlaysReadByWriters += overlayReadCount
        }
    }

    /// A commit that changes nothing is no commit: it does not drive a ghost away.
    func commit(_ state: SimulatedCatalogState) {
        content.withLock { content in
            guard state != content.committed else { return }
            content.previous = content.committed
            content.committed = state
            content.ghost = nil
            content.commitCount += 1
        }
    }

    func leaveGhost(_ state: SimulatedCatalogState) {
        content.withLock { content in
            if state != content.committed { content.ghost = state }
        }
    }
}
