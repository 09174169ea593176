// SPDX-License-Identifier: Apache-2.0
// NightTests, the real machine. A command that is stopped in its work, what others do meanwhile, and
// the histories that may be there when all have ended.
import ForkEngine

struct StopScenario: Sendable {
    let name: String
    let store: InjectionStore
    /// Stopped at one of its calls, and later gone on with.
    let stopped: [String]
    /// The lines it imports, in the place of `LINES`.
    var lines: Range<UInt64>?
    /// What others do while it is stopped, each once the one before has ended or waits.
    let others: [[String]]
    /// Where the stopped command holds this fork, an append to it is refused with who holds it.
    var held: String?
    /// What each fork may come to, nil among it where it may be gone; other forks are as before.
    let ends: [String: Set<UInt64?>]
    /// The fork that the stopped command exports: all of it, or nothing where it came too late.
    var exported: String?

    func allows(_ histories: Histories) -> Bool {
        Set(histories.keys).union(ends.keys).union(store.histories.keys).allSatisfy { fork in
            (ends[fork] ?? [store.histories[fork]]).contains(histories[fork])
        }
    }

    /// An append that conflicts where the event is there already.
    private static func appendOnce(_ position: UInt64, to fork: String) -> [String] {
        InjectionStore.append(position, to: fork) + ["--expected", "none"]
    }

    static let all: [StopScenario] = [
        // Rule 8: what is linked and not yet named is no garbage.
        StopScenario(
            name: "flush", store: .used, stopped: ["import", "LINES", "--fork", "side"],
            lines: 4..<1_104,
            others: [["gc"], InjectionStore.append(3, to: "main"), ["create", "new"]],
            held: "side",
            ends: ["side": [1_104], "main": [3, 4], "new": [nil, 3, 4]]),
        // Rule 10: a live pin is a root of the collection.
        StopScenario(
            name: "reader", store: .large, stopped: ["export", "--at", "doomed"],
            others: [["drop", "doomed"], ["gc"]], ends: ["doomed": [nil]], exported: "doomed"),
        // Rule 1: a writer that is dropped beneath its feet does no harm.
        StopScenario(
            name: "dropped", store: .used, stopped: ["import", "LINES", "--fork", "side"],
            lines: 4..<1_104, others: [["drop", "side"], ["gc"]], ends: ["side": [nil]]),
        // Rules 2 and 3: one recovers, and everybody else waits for it or is told.
        StopScenario(
            name: "recovery", store: .killed, stopped: appendOnce(4, to: "main"),
            others: [appendOnce(4, to: "main"), ["create", "new", "--from", "main"], ["gc"]],
            ends: ["main": [5], "new": [nil, 4, 5]]),
        StopScenario(
            name: "create", store: .large, stopped: ["create", "new", "--from", "doomed@700"],
            others: [["drop", "doomed"], ["gc"]],
            ends: ["new": [nil, 700], "doomed": [nil, 1_103]]),
        StopScenario(
            name: "drop", store: .large, stopped: ["drop", "doomed"],
            others: [["create", "new", "--from", "doomed"], ["gc"]],
            ends: ["new": [nil, 1_103], "doomed": [nil]]),
        StopScenario(
            name: "gc", store: .large, stopped: ["gc"],
            others: [
                ["gc"], InjectionStore.append(1_203, to: "main"),
                ["create", "new", "--from", "doomed"], ["drop", "doomed"],
            ],
            ends: ["main": [1_203, 1_204], "new": [nil, 1_103], "doomed": [nil, 1_103]]),
    ]
}
