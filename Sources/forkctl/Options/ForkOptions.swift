// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. `--fork` and `--at`: which history a command speaks of.
import ArgumentParser
import ForkEngine
import SegmentStore

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
        return try Self.environment()
    }

    /// The fork of a command that names none.
    static func environment() throws(CommandFailure) -> ForkName {
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

    /// A view there. Where `--at` names a place, the position it came to is told.
    func view(in store: Store, on console: Console) throws -> View {
        let named = try point()
        let resolved = try PointResolver(store: store, fork: try fork.name()).resolve(named)
        let view = try store.view(at: resolved)
        if at != nil { console.note("reading \(view.name)@\(view.head)") }
        return view
    }
}

/// Gives `^parent` its meaning: the parent of the fork that the command speaks of.
struct PointResolver {
    let store: Store
    let fork: ForkName

    func resolve(_ point: Point) throws(CommandFailure) -> Point {
        guard case .parent = point.reference else { return point }
        do throws(ForkError) {
            return Point(.named(try parent()), at: point.place)
        } catch {
            throw CommandFailure(error)
        }
    }

    private func parent() throws(ForkError) -> ForkName {
        let description = try store.describe(fork)
        guard description.parent != nil else {
            throw ForkError(.notFound, "fork '\(fork)' was made from no other: name a fork")
        }
        guard let name = description.parentName else {
            throw ForkError(.notFound, "the parent of fork '\(fork)' is gone: name a fork")
        }
        return try ForkName(fromCatalog: name)
    }
}
