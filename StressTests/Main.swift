// SPDX-License-Identifier: Apache-2.0
// forkstress: real processes on one real store, some killed, and every acknowledged event looked
// for afterwards. Run without arguments it does the whole of it and prints what it did.
import Glibc

@main
enum Main {
    static func main() {
        do {
            try run(Array(CommandLine.arguments.dropFirst()))
        } catch {
            print("forkstress: \(error)")
            exit(1)
        }
    }

    private static func run(_ arguments: [String]) throws {
        switch arguments.first {
        case "append": try Actor.append(ActorArguments(arguments))
        case "churn": try Actor.churn(ActorArguments(arguments))
        case "collect": try Actor.collect(ActorArguments(arguments))
        default:
            let plan = try Plan(arguments)
            try Conductor(plan: plan).run()
        }
    }
}

/// What a child process is given: its role, the store, its own number, and how much to do.
struct ActorArguments {
    let store: String
    let number: Int
    let count: Int
    /// Where acknowledgements are written, one byte each.
    let log: String

    init(_ arguments: [String]) throws {
        guard arguments.count == 5, let number = Int(arguments[2]), let count = Int(arguments[3])
        else { throw StressFailure("an actor takes: ROLE STORE NUMBER COUNT LOG") }
        store = arguments[1]
        self.number = number
        self.count = count
        log = arguments[4]
    }
}

/// Why a run is not a good one.
struct StressFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
