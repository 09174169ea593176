// SPDX-License-Identifier: Apache-2.0
// forknight: one row of the table in docs/reliability.md, cut into numbered rounds.
//
// To add a part: a type of this protocol in `Parts/`, and a line in `NightParts.all`.

/// What is run again and again, each time a little otherwise.
package protocol NightPart: Sendable {
    /// As on the command line and in the table: small letters, words joined by "-".
    var name: String { get }
    /// What is counted: "states", "seeds".
    var unit: String { get }
    /// How much on every change, and in a long night.
    var onChange: NightGoal { get }
    var atNight: NightGoal { get }
    /// How many rounds may run at once; the number of cores unless the part says otherwise.
    var roundsAtOnceMax: Int { get }
    /// A round that takes longer has failed.
    var roundSecondsMax: Int { get }

    /// Why the part cannot run here and what to install, in one line; nil: it can.
    func obstacle() -> String?

    /// Does round `number`: a few seconds at most, and the same for ever, so that a failing round
    /// can be replayed. Rounds run in processes of their own, which do many one after the other; a
    /// trap is a failing round. What is thrown is the round's failure, too.
    func run(_ number: UInt64) throws -> NightTally

    /// Does a round that failed once more, and tells more of it where it can.
    func replay(_ number: UInt64) throws -> NightTally
}

extension NightPart {
    package var roundsAtOnceMax: Int { .max }
    package var roundSecondsMax: Int { 600 }
    package func obstacle() -> String? { nil }
    package func replay(_ number: UInt64) throws -> NightTally { try run(number) }
}

/// When a part is done.
package enum NightGoal: Hashable, Sendable {
    /// So many units, distinct ones where the part tells them apart.
    case units(Int)
    /// Rounds 0 to one less than this: all there is.
    case rounds(Int)
    /// Not run.
    case nothing
}
