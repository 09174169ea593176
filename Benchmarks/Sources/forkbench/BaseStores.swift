// SPDX-License-Identifier: Apache-2.0
// forkbench: the small store and the large one that the groups work on.

/// Two closed stores, each with `main` in segments and no other fork.
struct BaseStores {
    struct Base {
        let name: String
        let path: String
        let eventCount: Int
    }

    let small: Base
    let large: Base
    var all: [Base] { [small, large] }

    init(_ options: Options, _ scratch: Scratch) throws {
        func make(_ name: String, _ eventCount: Int) throws -> Base {
            let path = scratch.path(name)
            var samples = Samples()
            try samples.time { try Workload.makeStore(at: path, eventCount: eventCount) }
            let rate = Double(eventCount) / samples.median * 1e6
            Console.line("  \(eventCount.grouped) events appended, \(Int(rate).grouped)/s")
            return Base(name: name, path: path, eventCount: eventCount)
        }
        small = try make("small", Options.smallEventCount)
        large = try make("large", options.largeEventCount)
    }
}
