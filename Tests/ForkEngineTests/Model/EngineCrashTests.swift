// SPDX-License-Identifier: Apache-2.0
// The engine cut short at every call that changes the disk, and before every commit: invariant 1
// (acknowledged is there), 3 and 4 (forks as they were told), 8 (before or after, never between).
//
// FORKCTL_CRASH_STATES raises the number of images at each moment.
import ForkTesting
import Glibc
import Testing

@Suite struct EngineCrashTests {
    private var explorer: CrashExplorer {
        var explorer = CrashExplorer()
        explorer.statesPerPoint =
            getenv("FORKCTL_CRASH_STATES").flatMap { Int(String(cString: $0)) } ?? 4
        return explorer
    }

    @Test(arguments: CrashScript.all)
    func whatWasAcknowledgedIsThereAfterAnyCrash(_ script: CrashScript) throws {
        let report = try script.explore(explorer)
        #expect(report.distinctStates >= 10)
        #expect(report.states >= 30)
    }

    /// Where a file's sync keeps its new name, the first append does without the folder's.
    @Test func aFirstAppendSurvivesWithoutASyncOfItsFolder() throws {
        for script in CrashScript.all where script.description.hasPrefix("create") {
            try script.explore(explorer, keepsNewNames: true)
        }
    }

    @Test func aStoreIsMadeOnceInitSaysSo() throws {
        var explorer = explorer
        explorer.statesPerPoint = 2
        let report = try CrashStage.exploreLayout(explorer)
        #expect(report.points > 250)
    }

    /// The suite can fail: a disk that only says that it synced a journal loses what was promised.
    @Test func aLostSyncIsFound() throws {
        let script = try #require(CrashScript.all.first { $0.description == "append" })
        let fault = Fault(.lose, isPermanent: true) { call, _ in
            call.isSync && call.path.hasPrefix("journals")
        }
        #expect(throws: CrashFailure.self) { try script.explore(explorer, planting: fault) }
    }
}
