// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, model. A script run once for each call that it makes, each time with that call put
// wrong (invariant 8): the error surfaces or nothing is amiss, and what was acknowledged stays.
import ForkEngine
import SegmentStore

package struct FailingCalls: Sendable {
    /// How a call goes wrong.
    package enum Kind: Int, CaseIterable, Sendable {
        case failsOnce, failsForGood, diskFullOnce, diskFullForGood, interrupted
        /// A write that puts half of its bytes.
        case halfway
        /// A failed sync after which the dirty pages count as clean, and the next sync succeeds.
        case syncLosesAll, syncLosesSome
        case kill
        /// The disk says that all is well, and lies.
        case lost, misdirected

        var isForGood: Bool { self == .failsForGood || self == .diskFullForGood }

        var isSilent: Bool { self == .lost || self == .misdirected }

        func effect(seed: UInt64) -> Fault.Effect {
            switch self {
            case .failsOnce, .failsForGood: .fail(code: 5)
            case .diskFullOnce, .diskFullForGood: .fail(code: 28)
            case .interrupted: .fail(code: 4)
            case .halfway: .failHalfway(code: 28)
            case .syncLosesAll: .failLosingDirtyPages(code: 5)
            case .syncLosesSome: .failLosingDirtyPages(code: 5, seed: seed | 1)
            case .kill: .kill
            case .lost: .lose
            case .misdirected: .misdirect(by: seed % 2 == 0 ? 4096 : 512)
            }
        }

        /// Whether the kind means something to the call, and no other kind does the same there.
        func canStrike(_ call: FileSystemCall) -> Bool {
            switch self {
            case .diskFullOnce, .diskFullForGood: call.takesRoom
            case .halfway: call.isWrite
            case .syncLosesAll, .syncLosesSome:
                if case .sync = call { true } else { false }
            default: effect(seed: 0).canStrike(call) && !call.isWordCall
            }
        }
    }

    package struct Report: Sendable {
        /// Calls that were put wrong.
        package var callCount = 0
        /// Of these, those that the script was told of.
        package var refusedCount = 0
    }

    package let script: CrashScript
    package let seed: UInt64
    package let kind: Kind
    /// Runs one call alone, by its place among all.
    package var only: Int?
    /// Put wrong besides, to show that the checks can fail.
    package var planted: Fault?

    package init(_ script: CrashScript, seed: UInt64, kind: Kind) {
        self.script = script
        self.seed = seed
        self.kind = kind
    }

    package func run() throws -> Report {
        var report = Report()
        for (number, call) in try calls() where kind.canStrike(call) && Self.standsForItself(call) {
            if let only, only != number { continue }
            do {
                if try isRefused(at: number) { report.refusedCount += 1 }
                report.callCount += 1
            } catch {
                throw ModelMismatch("\(script), \(kind) at call \(number), \(call): \(error)")
            }
        }
        return report
    }

    /// A listing looks into 256 folders: the first stands for all.
    private static func standsForItself(_ call: FileSystemCall) -> Bool {
        guard case .list(let folder) = call, folder.hasPrefix(ObjectFolder.root + "/") else {
            return true
        }
        return folder.hasSuffix("/00")
    }

    /// The calls of the script that nothing disturbs, with their numbers on the disk.
    private func calls() throws -> [(Int, FileSystemCall)] {
        let stage = try script.prepare(seed: seed)
        let disk = stage.world.disk
        let calls = Locked<[(Int, FileSystemCall)]>([])
        disk.hooks.beforeCall = { _, call in
            let number = disk.counts.calls
            calls.withLock { $0.append((number, call)) }
        }
        try script.script(stage)
        disk.hooks.beforeCall = nil
        return calls.withLock { $0 }
    }

    /// Whether the script was told of the failure.
    private func isRefused(at number: Int) throws -> Bool {
        let stage = try script.prepare(seed: seed)
        let kind = kind
        stage.world.disk.add(
            Fault(kind.effect(seed: mixed(seed, UInt64(number))), isPermanent: kind.isForGood) {
                call, called in
                (kind.isForGood ? called >= number : called == number) && kind.canStrike(call)
            })
        var isRefused = false
        do {
            try script.script(stage)
        } catch is ForkError {
            isRefused = true
        }
        if let planted { stage.world.disk.add(planted) }
        if kind != .kill { try stage.goOnAfterFault() }
        stage.world.disk.removeFaults()
        let disk = stage.world.disk
        let images = [
            (disk.killImage(), false), (disk.crashImage(keepingUnsynced: false), true),
            (disk.crashImage(seed: mixed(seed, UInt64(number))), true),
        ]
        for (image, isPowerCut) in images {
            try stage.onMachine(stage.world.afterCrash(image, isPowerCut: isPowerCut)) {
                if kind.isSilent {
                    try stage.requireNothingWrong()
                } else {
                    try stage.recover(UInt64(number))
                }
            }
        }
        return isRefused
    }
}

extension FileSystemCall {
    /// Whether a full disk can refuse it.
    var takesRoom: Bool {
        switch self {
        case .create, .createTemporary, .link, .rename, .createFolder, .map, .write, .resize: true
        default: false
        }
    }
}

extension CrashStage {
    /// After a disk that lied: whatever is given out is as it was written. Damage may be told, and
    /// the last events may be gone, where the disk never had them.
    func requireNothingWrong() throws {
        do {
            try boot()
            for name in try store.list().forks.map(\.name) { try requireNothingWrong(in: name) }
            _ = try store.verify()
        } catch let error as ForkError where error.code == .damaged {
            // Told, and nothing given out.
        }
    }

    private func requireNothingWrong(in name: String) throws {
        var mismatches: [String] = []
        for model in [acknowledged] + alternatives {
            guard let fork = model.fork(named: name) else { continue }
            if fork.isExpired(at: now) { return }
            do {
                _ = try matchingCount(of: fork)
                return
            } catch let mismatch as ModelMismatch {
                mismatches.append("\(mismatch)")
            } catch let error as ForkError where error.code == .damaged {
                return
            }
        }
        throw ModelMismatch("\(name): \(mismatches.joined(separator: ", "))")
    }
}
