// SPDX-License-Identifier: Apache-2.0
// forknight: the command line.
import Glibc

/// What is asked for.
struct NightOptions {
    enum Action: Equatable {
        case run
        case worker
        case replay(RoundName)
        case list
    }

    var action = Action.run
    /// The first column of the table, or the second.
    var isNight = false
    /// The parts to run; all where none is named.
    var parts: [String] = []
    /// Where what was done is kept; nil: nowhere.
    var statePath: String?
    var isMarkdown = false
    var workerCount = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))

    static let usage = """
        usage: forknight --change | --night [--part NAME]… [--workers N] [--state FILE] [--markdown]
               forknight --replay PART:ROUND
               forknight --list
        """

    init(_ arguments: [String]) throws {
        var rest = arguments[...]
        var hasAction = false
        func value(_ option: String) throws -> String {
            guard let value = rest.popFirst() else {
                throw NightFailure("\(option) lacks its value\n\(Self.usage)")
            }
            return value
        }
        while let option = rest.popFirst() {
            switch option {
            case "--change": hasAction = true
            case "--night": (hasAction, isNight) = (true, true)
            case "--worker": (hasAction, action) = (true, .worker)
            case "--list": (hasAction, action) = (true, .list)
            case "--replay":
                let text = try value(option)
                guard let round = RoundName(text) else {
                    throw NightFailure("\(text) is not PART:ROUND")
                }
                (hasAction, action) = (true, .replay(round))
            case "--part": parts.append(try value(option))
            case "--state": statePath = try value(option)
            case "--markdown": isMarkdown = true
            case "--workers":
                guard let count = Int(try value(option)), count > 0 else {
                    throw NightFailure("--workers takes a number\n\(Self.usage)")
                }
                workerCount = count
            default: throw NightFailure("\(option) is not known\n\(Self.usage)")
            }
        }
        guard hasAction else { throw NightFailure(Self.usage) }
        if isNight, statePath == nil { statePath = ".build-night/STATE" }
        for name in parts where NightParts.part(named: name) == nil {
            throw NightFailure("there is no part \(name); --list names them")
        }
    }
}
