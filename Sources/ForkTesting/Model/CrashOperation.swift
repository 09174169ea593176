// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, model. Operations that mean something in any store, so that every pair and triple
// of them is a script.

/// One step of a script that is put together.
package enum CrashOperation: Int, CaseIterable, Sendable {
    case append, batch, appendToNewest
    case createFromHead, createFromPast, createFromNewest, createExpiring
    case flush, flushNewest, close, dropNewest, expire, collect, restart

    /// Does it on the fork that was made last, where it is about one, or on main.
    func perform(on stage: CrashStage) throws {
        let newest = stage.newest ?? "main"
        switch self {
        case .append: try stage.append("main")
        case .batch: try stage.append("main", count: 12)
        case .appendToNewest: try stage.append(newest, count: 2)
        case .createFromHead: try stage.create(stage.newName(), from: "main")
        case .createFromPast:
            try stage.create(stage.newName(), from: newest, at: stage.head(of: newest) * 2 / 3)
        case .createFromNewest: try stage.create(stage.newName(), from: newest)
        case .createExpiring: try stage.createExpiring(stage.newName(), from: newest)
        case .flush: try stage.flush("main")
        case .flushNewest: try stage.flush(newest)
        case .close: try stage.close("main")
        case .dropNewest:
            if newest == "main" {
                try stage.create(stage.newName(), from: "main")
            } else {
                try stage.drop(newest)
            }
        case .expire: try stage.expire()
        case .collect: try stage.collect()
        case .restart:
            try stage.restart()
            try stage.append("main")
        }
    }

    /// The operations that make script `number`: all pairs in order, then all triples, then chance
    /// takes four.
    package static func sequence(_ number: UInt64) -> [CrashOperation] {
        let count = UInt64(allCases.count)
        let triples = count * count * count
        var digits = number
        var length = 2
        if number >= count * count {
            digits -= count * count
            length = 3
        }
        if length == 3, digits >= triples {
            var generator = SeededGenerator(seed: number)
            digits = generator.next()
            length = 4
        }
        return (0..<length).map { _ in
            defer { digits /= count }
            return allCases[Int(digits % count)]
        }
    }
}

extension CrashScript {
    /// A store with a flushed part, tails, a child and garbage, then the operations; crashes cut
    /// only the last one short: those before it are the last of other scripts.
    package static func generated(_ operations: [CrashOperation]) -> CrashScript {
        let names = operations.map { "\($0)" }.joined(separator: ", ")
        return CrashScript(description: names) { stage in
            try stage.stopBeforeCommits()
            try stage.append("main", count: 5)
            try stage.flush("main")
            try stage.append("main", count: 3)
            try stage.create("gone", from: "main", at: 4)
            try stage.append("gone", count: 3)
            try stage.flush("gone")
            try stage.close("gone")
            try stage.create("child", from: "main", at: 7)
            try stage.append("child", count: 2)
            try stage.drop("gone")
            for operation in operations.dropLast() { try operation.perform(on: stage) }
        } script: { stage in
            try operations.last?.perform(on: stage)
        }
    }
}
