// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting. One run of a `CrashExplorer`.
import SegmentStore

/// `@unchecked Sendable`: the check is no Sendable closure, and it is only ever called by the one
/// thread that holds `progress`.
final class CrashExploration: @unchecked Sendable {
    private let explorer: CrashExplorer
    private let scriptDisk: SimulatedDisk
    private let check: (SimulatedDisk) throws -> Void
    private let progress = Locked(Progress())

    private struct Progress {
        var report = CrashReport()
        var seen: Set<UInt64> = []
        var lastCalls: [FileSystemCall] = []
        var failure: CrashFailure?
    }

    private static let lastCallCount = 24

    init(
        _ explorer: CrashExplorer, _ scriptDisk: SimulatedDisk,
        _ check: @escaping (SimulatedDisk) throws -> Void
    ) {
        self.explorer = explorer
        self.scriptDisk = scriptDisk
        self.check = check
    }

    var report: CrashReport { progress.withLock { $0.report } }
    var failure: CrashFailure? { progress.withLock { $0.failure } }

    /// Checks the images of this moment; does nothing more once a check has failed.
    func visit(before call: FileSystemCall?) {
        progress.withLock { progress in
            guard progress.failure == nil else { return }
            let point = progress.report.points
            progress.report.points += 1
            if explorer.only == nil || explorer.only?.point == point {
                visit(point, before: call, &progress)
            }
            if let call {
                progress.lastCalls.append(call)
                if progress.lastCalls.count > Self.lastCallCount {
                    progress.lastCalls.removeFirst()
                }
            }
        }
    }

    private func visit(_ point: Int, before call: FileSystemCall?, _ progress: inout Progress) {
        let state = scriptDisk.state
        var seenHere: Set<UInt64> = []
        eachImage(of: state, point) { number, image in
            let hash = image.imageHash
            guard seenHere.insert(hash).inserted else { return true }
            if progress.seen.insert(hash).inserted { progress.report.distinctStates += 1 }
            let place = CrashFailure.Place(point: point, image: number)
            return run(image, place, before: call, &progress)
        }
        if explorer.killsProcesses, progress.failure == nil {
            let place = CrashFailure.Place(point: point, image: nil)
            _ = run(state.killImage(), place, before: call, &progress)
        }
    }

    /// Calls `body` with each image until it says stop.
    private func eachImage(
        of state: DiskState, _ point: Int, _ body: (Int, DiskState) -> Bool
    ) {
        if state.crashImageCount(limit: explorer.statesPerPoint + 1) <= explorer.statesPerPoint {
            var choices = ExhaustiveChoices()
            var number = 0
            repeat {
                guard body(number, state.crashImage(&choices)) else { return }
                number += 1
            } while choices.advance()
            return
        }
        for number in 0..<explorer.statesPerPoint {
            let image: DiskState
            if number < 2 {
                var choices = UniformChoices(keepsAll: number == 1)
                image = state.crashImage(&choices)
            } else {
                // Each image has a seed of its own, so that it can be made again alone.
                let place = mixed(UInt64(point), UInt64(number))
                var choices = SampledChoices(seed: mixed(explorer.seed, place))
                image = state.crashImage(&choices)
            }
            guard body(number, image) else { return }
        }
    }

    /// Returns whether to go on.
    private func run(
        _ image: DiskState, _ place: CrashFailure.Place, before call: FileSystemCall?,
        _ progress: inout Progress
    ) -> Bool {
        if let only = explorer.only, only != place { return true }
        progress.report.states += 1
        let disk = SimulatedDisk(image)
        do {
            if explorer.statesPerRecoveryPoint > 0,
                progress.report.states % explorer.recoveriesOneIn == 0
            {
                progress.report.recoveryStates += try exploreRecovery(on: disk)
            } else {
                try check(disk)
            }
            return true
        } catch {
            progress.failure = CrashFailure(
                place: place, seed: explorer.seed, call: call,
                transcript: progress.lastCalls.map { "  \($0)\n" }.joined(),
                listing: SimulatedDisk(image).listing(), underlying: error)
            return false
        }
    }

    /// Runs the check as a script that is cut short in its turn.
    private func exploreRecovery(on disk: SimulatedDisk) throws -> Int {
        var inner = explorer
        inner.statesPerPoint = explorer.statesPerRecoveryPoint
        inner.statesPerRecoveryPoint = 0
        inner.only = nil
        return try inner.explore(disk, script: check, check: check).states
    }
}
