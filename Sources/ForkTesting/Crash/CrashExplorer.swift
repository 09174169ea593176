// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting. Runs a script on a simulated disk and asks at every moment: if the power went
// now, would all be well?
//
// A moment is the instant before a call that changes the disk, and the end. At each the explorer
// makes crash images of the disk (all, where they are few; else the two ends and a seeded sample),
// and runs the check on each. The check runs while the script stands still inside its call, so it
// may read what the script has been told so far: what was acknowledged must be there.

package struct CrashExplorer: Sendable {
    /// Images at each moment, at most.
    package var statesPerPoint = 32
    package var seed: UInt64 = 1
    /// Whether every moment is also checked as kill -9 leaves it.
    package var killsProcesses = true
    /// Images at each moment of a check that is itself cut short: 0 for none.
    package var statesPerRecoveryPoint = 0
    /// One in this many checks is cut short so.
    package var recoveriesOneIn = 8
    package var disk = SimulatedDiskOptions()
    /// Runs one state alone: to replay a failure.
    package var only: CrashFailure.Place?

    package init() {}

    /// Explores a script of one process. Throws the first failure of the check, as a
    /// `CrashFailure`, or what the script threw.
    @discardableResult
    package func explore(
        script: (SimulatedFileSystem) throws -> Void,
        check: @escaping (SimulatedFileSystem) throws -> Void
    ) throws -> CrashReport {
        try exploreDisk(
            script: { try script($0.makeProcess()) }, check: { try check($0.makeProcess()) })
    }

    /// Explores a script that makes its own processes on the disk.
    @discardableResult
    package func exploreDisk(
        script: (SimulatedDisk) throws -> Void,
        check: @escaping (SimulatedDisk) throws -> Void
    ) throws -> CrashReport {
        try explore(SimulatedDisk(disk), script: script, check: check)
    }

    func explore(
        _ scriptDisk: SimulatedDisk, script: (SimulatedDisk) throws -> Void,
        check: @escaping (SimulatedDisk) throws -> Void
    ) throws -> CrashReport {
        let exploration = CrashExploration(self, scriptDisk, check)
        var hooks = scriptDisk.hooks
        let outer = hooks.beforeCall
        hooks.beforeCall = { process, call in
            outer?(process, call)
            if call.changesDisk { exploration.visit(before: call) }
        }
        scriptDisk.hooks = hooks
        defer {
            hooks.beforeCall = outer
            scriptDisk.hooks = hooks
        }
        do {
            try script(scriptDisk)
        } catch {
            // A script may fail only because its check found something.
            if let failure = exploration.failure { throw failure }
            throw error
        }
        exploration.visit(before: nil)
        if let failure = exploration.failure { throw failure }
        return exploration.report
    }
}

/// What an exploration went through.
package struct CrashReport: Hashable, Sendable {
    /// Moments at which the script was cut.
    package var points = 0
    /// Images that were checked; equal ones of one moment are checked once.
    package var states = 0
    /// Images that differ from all others of the script.
    package var distinctStates = 0
    /// Images of checks that were cut short.
    package var recoveryStates = 0

    // Where whole machines were compared, not disks alone.

    /// Machines that were checked, each once with each outcome that was allowed.
    package var checkedStates = 0
    /// A hash of each that differs from all others: disk, catalog and mapped words.
    package var fingerprints: Set<UInt64> = []
    /// The same of recoveries that were cut short.
    package var checkedRecoveryStates = 0
    package var recoveryFingerprints: Set<UInt64> = []
}

/// A state in which the check failed, and how to come there again.
package struct CrashFailure: Error, CustomStringConvertible {
    /// Which state of an exploration: set `CrashExplorer.only` to it, with the same seed.
    package struct Place: Hashable, Sendable {
        package var point: Int
        /// The number of the image at that point, or nil for kill -9.
        package var image: Int?

        package init(point: Int, image: Int?) {
            self.point = point
            self.image = image
        }
    }

    package let place: Place
    package let seed: UInt64
    /// The call that was about to be made; nil at the end of the script.
    package let call: FileSystemCall?
    /// The calls before it, the last ones, one a line.
    package let transcript: String
    /// What stood on the disk.
    package let listing: String
    package let underlying: any Error

    package var description: String {
        let moment = call.map { "before \"\($0)\"" } ?? "at the end"
        let image = place.image.map(String.init) ?? "nil"
        return """
            the check fails after a \(place.image == nil ? "kill" : "crash") \(moment): \
            \(underlying)
            replay: seed \(seed), only point \(place.point), image \(image)
            last calls:
            \(transcript)on disk:
            \(listing)
            """
    }
}
