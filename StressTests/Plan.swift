// SPDX-License-Identifier: Apache-2.0
// forkstress: how much is done, from options or by default.

/// The size of a run. The defaults are what a release must stand.
struct Plan {
    var processCount = 8
    var appendCount = 10_000
    var forkCount = 1_000
    var collectionCount = 100
    var killCount = 20
    var seed: UInt64 = 1
    /// The folder to work in; it must not exist.
    var folder = "/tmp/forkstress.\(ProcessID.current)"

    init(_ arguments: [String]) throws {
        var rest = arguments[...]
        while let option = rest.popFirst() {
            guard let value = rest.popFirst() else { throw Self.usage(option) }
            if option == "--dir" {
                folder = value
                continue
            }
            guard let number = Int(value), number >= 0 else { throw Self.usage(option) }
            switch option {
            case "--processes": processCount = number
            case "--appends": appendCount = number
            case "--forks": forkCount = number
            case "--collections": collectionCount = number
            case "--kills": killCount = number
            case "--seed": seed = UInt64(number)
            default: throw Self.usage(option)
            }
        }
    }

    private static func usage(_ option: String) -> StressFailure {
        StressFailure(
            "\(option) is not known or lacks its value: forkstress [--processes N] [--appends N]"
                + " [--forks N] [--collections N] [--kills N] [--seed N] [--dir FOLDER]")
    }
}
