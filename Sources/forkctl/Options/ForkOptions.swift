// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. `--fork` and `--at`: which history a command speaks of.
import ArgumentParser
import ForkEngine

/// For commands that write to a fork.
struct ForkOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The fork.", discussion: "Default: FORKCTL_FORK, else main.", valueName: "name"),
        transform: { try ForkName($0) })
    var fork: ForkName?

    /// The fork asked for.
    func name() throws(CommandFailure) -> ForkName {
        if let fork { return fork }
        guard let text = Console.environment("FORKCTL_FORK") else { return .main }
        do throws(TextError) {
            return try ForkName(text)
        } catch {
            throw .usage("FORKCTL_FORK: \(error.sentence)")
        }
    }
}

/// For commands that read: a fork's head, or any point.
struct PointOptions: ParsableArguments {
    @OptionGroup
    var fork: ForkOptions

    @Option(
        help: ArgumentHelp(
            "Read there instead of at the fork's head.",
            discussion: """
                NAME, NAME@POSITION, NAME@TIME, NAME@DATE (UTC), NAME@-DURATION, NAME@tag:TAG.
                """,
            valueName: "point"),
        transform: { try Point($0) })
    var at: Point?

    func validate() throws {
        if at != nil && fork.fork != nil {
            throw ValidationError("--at names the fork itself: give it or --fork, not both")
        }
    }

    /// The point asked for.
    func point() throws(CommandFailure) -> Point {
        if let at { return at }
        return Point(.named(try fork.name()))
    }
}
