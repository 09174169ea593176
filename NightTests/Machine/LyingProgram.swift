// SPDX-License-Identifier: Apache-2.0
// NightTests, the real machine. Programs that stand in for forkctl and do not do as they say: what
// judges processes must tell each of them.
import Glibc

/// A way to be wrong, and the judge that must see it.
enum LyingProgram: CaseIterable {
    /// Says that it appended, and did not.
    case killAppendsNothing
    /// Loses what was acknowledged and is still pending.
    case killLosesJournals
    /// Fails where it is not killed.
    case killTraps
    /// Says that it did what failed.
    case callDeniesFailure
    /// Fails without a word.
    case callSaysNothing
    /// Fails with more than one sentence.
    case callSaysTwice
    /// Loses what was there before, when it fails.
    case callLosesJournals

    /// What the failure that it comes to says, so that no other failure passes for it.
    var mark: String {
        switch self {
        case .killAppendsNothing: "are right"
        case .killLosesJournals, .callLosesJournals: "journals/"
        case .killTraps: "signalled(6)"
        case .callDeniesFailure: "exit 0 is true, and it has"
        case .callSaysNothing: "with \"\""
        case .callSaysTwice: "error: and this"
        }
    }

    private var isKilled: Bool {
        switch self {
        case .killAppendsNothing, .killLosesJournals, .killTraps: true
        default: false
        }
    }

    /// As a shell script: "$store" is the store's folder, "$real" the true program.
    private var script: String {
        let losing = "rm -f \"$store\"/.forkctl/journals/*"
        return switch self {
        case .killAppendsNothing:
            "[ \"$1\" = append ] && { echo appended; exit 0; }; exec \"$real\" \"$@\""
        case .killLosesJournals: "\(losing); exec \"$real\" \"$@\""
        case .killTraps: "[ \"$1\" = append ] && kill -ABRT $$; exec \"$real\" \"$@\""
        case .callDeniesFailure: "\"$real\" \"$@\"; exit 0"
        case .callSaysNothing: "exec \"$real\" \"$@\" 2>/dev/null"
        case .callSaysTwice:
            "\"$real\" \"$@\" && exit 0; status=$?; echo 'error: and this' >&2; exit $status"
        case .callLosesJournals: "\"$real\" \"$@\"; status=$?; \(losing); exit $status"
        }
    }

    /// Runs what judges it; returns the failure that it was told by, nil where it was believed.
    func judge(seed: UInt64) throws(MachineFailure) -> String? {
        let folder = try MachineFolder()
        defer { withExtendedLifetime(folder) {} }
        let path = "\(folder.path)/forkctl"
        let head = """
            #!/bin/sh
            real='\(Program.forkctl)'
            for argument in "$@"; do store=$argument; done

            """
        try TextFile.write(head + script + "\n", to: path)
        guard chmod(path, 0o755) == 0 else {
            throw MachineFailure("\(path): \(LoopDevice.lastError)")
        }
        // The true program does everything that is not judged.
        let sitting =
            isKilled
            ? nil
            : try InjectionSitting(
                InjectionCommand.all.filter { $0.name == "append next" }, forkctl: path)
        do throws(MachineFailure) {
            guard let sitting else {
                _ = try KillLoop.run(seed: seed, forkctl: path)
                return nil
            }
            // Calls of the program alone, and not of the shell that starts it.
            for injected in sitting.cases
            where injected.call == "fdatasync" && injected.fault == .inputOutput {
                try sitting.run(injected)
            }
            return nil
        } catch {
            return "\(error)"
        }
    }
}
