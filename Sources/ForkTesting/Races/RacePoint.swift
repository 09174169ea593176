// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, races. Where an actor can lose its turn: before what another may see, or miss.
import ForkEngine
import SegmentStore

/// What an actor is about to do. A step is a stretch from one such place to the next.
package enum RacePoint: Hashable, Sendable {
    case call(FileSystemCall)
    case catalog(SimulatedCatalog.Step)
    /// The word of a slot, or its owner, is read or moved.
    case word(RaceWordAccess)

    package var name: String {
        switch self {
        case .call(let call): call.description
        case .catalog(let step): "\(step)"
        case .word(let access): "\(access)"
        }
    }
}

package enum RaceWordAccess: Hashable, Sendable {
    case readsWord
    case movesWord
    case claimsSlot
    case freesSlot
}

/// Which places count as such in an exploration.
package enum RaceGrain: Sendable {
    /// All that the rules speak of: locks taken and released, transactions begun and committed,
    /// words read and moved, journals, objects, pins made, synced, looked for and removed.
    case fine
    /// Where the rules have their order from: locks taken, transactions begun and committed, words
    /// moved, journals synced, objects linked, pins made, and removals. What is only read between
    /// two of them is one step with it.
    case coarse

    func holds(_ point: RacePoint) -> Bool {
        switch point {
        case .call(let call): holds(call)
        case .catalog(let step):
            step == .beforeWrite || step == .beforeCommit || (self == .fine && step == .beforeRead)
        case .word(let access): access == .movesWord || (self == .fine && access != .claimsSlot)
        }
    }

    private func holds(_ call: FileSystemCall) -> Bool {
        switch call {
        case .lock(StoreLayout.locks, let range, _):
            self == .fine ? range != StoreLocks.boot : range == StoreLocks.publish
        case .lock(let path, _, _): self == .fine && path.isPin
        case .unlock(StoreLayout.locks, let range):
            self == .fine && range == StoreLocks.publish
        case .sync(let path): path.isJournal || (self == .fine && path.isEmpty)
        case .create(let path): path.isPin || (self == .fine && path.isJournal)
        case .link(let path): path.isObject
        case .remove(let path): self == .fine || path.isObject || path.isJournal
        case .status(let path): self == .fine && (path.isJournal || path.isObject)
        case .list(let path): self == .fine && (path == StoreLayout.pins || path == "objects/00")
        case .syncFolder: self == .fine
        case .write(let path, _, _): path.isPin
        default: false
        }
    }
}
