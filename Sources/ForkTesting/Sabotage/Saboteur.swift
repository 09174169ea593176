// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, sabotage. Who commits one planted fault, and counts how often: a check that
// fails although nothing was sabotaged shows nothing.
package import ForkEngine
import Glibc
package import SegmentStore

package final class Saboteur: Sendable {
    package let sabotage: Sabotage?
    /// Strikes at one opportunity alone, counted from 0; nil: at each.
    private let only: Int?
    private let state = Locked(State())

    private struct State {
        var opportunityCount = 0
        var strikeCount = 0
        var lateSyncs: [any File] = []
        var remembered: [String: [UInt8]] = [:]
        var lastObject: String?
        /// By the thread that asked: each actor has its own.
        var lateLocks: [UInt: [any File]] = [:]
        var epochs: [ForkID: UInt64] = [:]
        /// By the thread that is in a write transaction.
        var lateWords: [UInt: [@Sendable () -> Void]] = [:]
        var hasKeptRevived = false
    }

    package init(_ sabotage: Sabotage?, only: Int? = nil) {
        self.sabotage = sabotage
        self.only = only
    }

    /// How often the fault was committed.
    package var strikeCount: Int { state.withLock { $0.strikeCount } }

    /// How often it could have been.
    package var opportunityCount: Int { state.withLock { $0.opportunityCount } }

    package func fileSystem(_ base: any FileSystem) -> any FileSystem {
        sabotage == nil ? base : SabotagedFileSystem(base, self)
    }

    package func catalog(_ base: any Catalog, time: any TimeSource) -> any Catalog {
        sabotage == nil ? base : SabotagedCatalog(base, self, time: time)
    }

    package func time(_ base: any TimeSource) -> any TimeSource {
        sabotage == nil ? base : SabotagedTime(base, self)
    }

    package func volume(_ base: Volume) -> Volume {
        let tmpfs: UInt64 = 0x0102_1994
        guard strikes(.volumesAreBelieved, where: !base.isSupported) else { return base }
        return Volume(magic: tmpfs, isReadOnly: base.isReadOnly)
    }

    /// Whether the planted fault is this one and strikes now.
    func strikes(_ sabotage: Sabotage, where isFitting: Bool = true) -> Bool {
        guard self.sabotage == sabotage, isFitting else { return false }
        return state.withLock { state in
            defer { state.opportunityCount += 1 }
            guard only == nil || only == state.opportunityCount else { return false }
            state.strikeCount += 1
            return true
        }
    }

    // MARK: What single faults keep

    func syncLater(_ file: any File) { state.withLock { $0.lateSyncs.append(file) } }

    /// Does the syncs that were put off. One that fails now is nobody's to report.
    func syncLate() {
        let files = state.withLock { state in
            defer { state.lateSyncs.removeAll() }
            return state.lateSyncs
        }
        for file in files {
            do throws(StorageError) { try file.sync() } catch { continue }
        }
    }

    func lockLater(_ file: any File) {
        state.withLock { $0.lateLocks[UInt(pthread_self()), default: []].append(file) }
    }

    func forgetLater(_ file: any File) {
        state.withLock { $0.lateLocks[UInt(pthread_self())]?.removeAll { $0 === file } }
    }

    /// Takes the publish locks that this thread did not take when it asked for them.
    func lockLate() throws(ForkError) {
        let files = state.withLock { $0.lateLocks.removeValue(forKey: UInt(pthread_self())) }
        for file in files ?? [] {
            try lifting { () throws(StorageError) in
                _ = try file.lock(StoreLocks.publish, .shared, waiting: .forever)
            }
        }
    }

    func beginWrite() {
        if sabotage == .wordsAreArmedLate {
            state.withLock { $0.lateWords[UInt(pthread_self())] = [] }
        }
    }

    func endWrite() { state.withLock { $0.lateWords[UInt(pthread_self())] = nil } }

    /// Whether the store is put off until this thread's write is committed: it is in one.
    func armLater(_ store: @escaping @Sendable () -> Void) -> Bool {
        let thread = UInt(pthread_self())
        guard state.withLock({ $0.lateWords[thread] != nil }), strikes(.wordsAreArmedLate) else {
            return false
        }
        state.withLock { $0.lateWords[thread, default: []].append(store) }
        return true
    }

    func armLate() {
        let words = state.withLock { $0.lateWords.removeValue(forKey: UInt(pthread_self())) }
        for store in words ?? [] { store() }
    }

    func noteEpoch(of row: ForkRow) {
        let epoch = row.epoch
        let id = row.id
        state.withLock { $0.epochs[id] = epoch }
    }

    func epoch(of fork: ForkID) -> UInt64? { state.withLock { $0.epochs[fork] } }

    /// Whether what was revived is kept this time: the first.
    func keepsRevivedOnce() -> Bool {
        state.withLock { state in
            defer { state.hasKeptRevived = true }
            return !state.hasKeptRevived
        }
    }

    func remember(_ bytes: [UInt8]?, of path: String) {
        state.withLock { $0.remembered[path] = bytes }
    }

    func remembered(_ path: String) -> [UInt8]? { state.withLock { $0.remembered[path] } }

    /// The object that was linked before this one.
    func linked(_ path: String) -> String? {
        state.withLock { state in
            defer { state.lastObject = path }
            return state.lastObject
        }
    }
}
