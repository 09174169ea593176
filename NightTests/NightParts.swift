// SPDX-License-Identifier: Apache-2.0
// forknight: the list of the parts. Each row of docs/reliability.md is here, and nowhere else.

enum NightParts {
    /// In the order of the table.
    static let all: [any NightPart] = [
        CrashPart(),
        RecoveryPart(),
        SeamCallPart(),
        ModelPart(),
        FlipPart(),
        FuzzPart(),
        RacePart(),
        PairPart(),
        MutantPart(),
        KillPart(),
        StopPart(),
        FailingCallPart(),
        PowerCutPart(kind: .ext4),
        PowerCutPart(kind: .xfs),
        PowerCutPart(kind: .btrfs),
        LostSyncPart(),
        LyingProgramPart(),
        FailingSyncPart(),
        MemoryPart(),
    ]

    /// Runs only when it is named: it fails always, and so shows that failures are told.
    static let canary: any NightPart = CanaryPart()

    static func part(named name: String) -> (any NightPart)? {
        (all + [canary]).first { $0.name == name }
    }
}
