// SPDX-License-Identifier: Apache-2.0
// Backups, restores and repairs cut short at every call (invariants 8 and 10); and each of their
// syncs is needed: a disk that loses those of one kind is found out.
import ForkTesting
import Testing

@Suite struct MaintenanceCrashTests {
    private static func explorer(statesPerPoint: Int) -> CrashExplorer {
        var explorer = CrashExplorer()
        explorer.statesPerPoint = statesPerPoint
        return explorer
    }

    @Test(arguments: MaintenanceScript.all)
    func invariant8WhereverItIsCutShortItIsAsBeforeOrAsAfter(_ script: MaintenanceScript) throws {
        let report = try script.explore(Self.explorer(statesPerPoint: 4))
        // A restore is durable when it is done, and promises nothing before.
        let isRestore = script.description == "restore"
        #expect(report.points >= (isRestore ? 1 : 10), "\(report)")
        #expect(report.checkedStates >= (isRestore ? 1 : 10), "\(report)")
    }

    /// Syncs of one kind that a disk says it did.
    struct LostSync: Sendable, CustomTestStringConvertible {
        let script: String
        let lost: String
        let fits: @Sendable (FileSystemCall) -> Bool

        var testDescription: String { "\(script): \(lost)" }

        /// Of files and folders with this path, or below it where it ends with a slash.
        static func of(_ path: String, in script: String) -> LostSync {
            LostSync(script: script, lost: path.isEmpty ? "temporary files" : path) { call in
                path.hasSuffix("/") ? call.path.hasPrefix(path) : call.path == path
            }
        }
    }

    private static let newObjects = "back up new objects over an earlier backup"
    private static let longerJournals = "back up longer journals over an earlier backup"
    private static let afterKill = "back up after a backup that was killed with an object"
    private static let hole = "repair a segment that nothing can bring back"
    private static let rebuilt = "repair a segment that its journal still holds"

    static let lostSyncs = [
        LostSync.of("index.next", in: "back up"),
        .of("", in: "back up"),
        .of(".", in: "back up"),
        .of("objects", in: "back up"),
        .of("journals", in: "back up"),
        .of("index.next", in: newObjects),
        .of("", in: newObjects),
        .of(".", in: newObjects),
        .of("objects/", in: newObjects),
        .of("", in: longerJournals),
        .of("journals", in: longerJournals),
        .of("objects/", in: afterKill),
        .of("", in: "restore"),
        .of("objects/", in: "restore"),
        .of("objects", in: "restore"),
        .of("journals/", in: "restore"),
        .of("journals", in: "restore"),
        .of("format", in: "restore"),
        .of(".", in: "restore"),
        .of("quarantine", in: hole),
        .of("", in: hole),
        .of("quarantine", in: rebuilt),
        .of("", in: rebuilt),
        .of("objects/", in: rebuilt),
        .of("quarantine", in: "repair a run"),
        .of("", in: "repair lost nodes"),
        .of("objects/", in: "repair lost nodes"),
    ]

    @Test(arguments: lostSyncs) func eachSyncIsNeeded(_ lost: LostSync) throws {
        let script = try MaintenanceScript.named(lost.script)
        let fits = lost.fits
        let fault = Fault(.lose, isPermanent: true) { call, _ in call.isSync && fits(call) }
        #expect(throws: CrashFailure.self) {
            try script.explore(Self.explorer(statesPerPoint: 10), planting: fault)
        }
    }
}
