// SPDX-License-Identifier: Apache-2.0
// forknight: real power cuts, and the proof that they would find a sync that does nothing.

struct PowerCutPart: NightPart {
    let kind: CutKind
    static let cutsInRound = 25

    var name: String { "power-cuts-\(kind)" }
    let unit = "cuts"
    /// btrfs cannot be cut: its image is copied, which takes ten times as long.
    var onChange: NightGoal { kind == .btrfs ? .nothing : .units(50) }
    var atNight: NightGoal { .units(kind == .btrfs ? 500 : 5_000) }

    func obstacle() -> String? { kind.missing }

    func run(_ number: UInt64) throws -> NightTally {
        let cuts = PowerCuts(
            kind: kind, cutCount: Self.cutsInRound, seed: number, areSyncsDropped: false)
        let answers = try cuts.run()
        var tally = NightTally(units: Self.cutsInRound)
        tally.count("acknowledged", answers.promised)
        tally.count("answered-after-the-cut", answers.afterCut)
        return tally
    }
}

/// The canary of the power cuts: a disk that lies about its syncs loses something, each time.
struct LostSyncPart: NightPart {
    let name = "lost-syncs"
    let unit = "losses"
    let onChange = NightGoal.rounds(2)
    let atNight = NightGoal.rounds(50)

    func obstacle() -> String? {
        CutKind.ext4.missing
            ?? (Program.find("strace") == nil ? "strace is missing: apt-get install strace" : nil)
    }

    func run(_ number: UInt64) throws -> NightTally {
        let cuts = PowerCuts(
            kind: .ext4, cutCount: PowerCutPart.cutsInRound, seed: number, areSyncsDropped: true)
        let acknowledgedCount: Int
        do throws(MachineFailure) {
            acknowledgedCount = try cuts.run().promised
        } catch {
            guard error.description.contains(PowerCuts.lossMark) else { throw error }
            return NightTally(units: 1)
        }
        throw NightFailure(
            "no sync did anything, and of \(acknowledgedCount) acknowledgements none was missed")
    }
}
