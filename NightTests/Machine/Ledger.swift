// SPDX-License-Identifier: Apache-2.0
// NightTests, the real machine. What a writer was told, kept outside the disk that loses its power.
//
//     ? main 12     about to be: the fork `main` has 12 events
//     ! main 12     acknowledged
//     ! child -     acknowledged: there is no fork `child`
import Glibc

/// A log of acknowledgements, read by whoever goes on after a power cut.
struct Ledger {
    let path: String
    private let descriptor: Int32
    /// What was acknowledged last of each fork; a missing name was never spoken of.
    private(set) var acknowledged: [String: UInt64?] = [:]
    /// What was begun of each fork since, and failed or was cut short: it may be there, as a whole.
    private var begun: [String: [UInt64?]] = [:]

    init(_ path: String) throws(MachineFailure) {
        self.path = path
        for line in TextFile.read(path).split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 3 else { throw MachineFailure("\(path) has a line '\(line)'") }
            let (name, head) = (String(words[1]), UInt64(words[2]))
            if words[0] == "?" {
                begun[name, default: []].append(head)
            } else {
                acknowledged[name] = .some(head)
                begun[name] = nil
            }
        }
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw MachineFailure("\(path) cannot be opened: \(errno)") }
    }

    /// Whether anything was acknowledged: then the store is there.
    var hasStore: Bool { !acknowledged.isEmpty }

    func head(_ name: String) -> UInt64? { acknowledged[name] ?? nil }

    mutating func begin(_ name: String, _ head: UInt64?) throws(MachineFailure) {
        begun[name, default: []].append(head)
        try TextFile.append("? \(name) \(Self.text(head))\n", to: descriptor)
    }

    mutating func acknowledge(_ name: String, _ head: UInt64?) throws(MachineFailure) {
        begun[name] = nil
        acknowledged[name] = .some(head)
        try TextFile.append("! \(name) \(Self.text(head))\n", to: descriptor)
    }

    /// Compares with what is there. What is there and was begun counts from now on. What was begun
    /// and is not there is over once the store was opened anew (`isFinal`); before, it may still
    /// come back (rule 12).
    mutating func settle(_ found: Histories, isFinal: Bool) throws(MachineFailure) {
        for name in Set(found.keys).union(acknowledged.keys).union(begun.keys).sorted() {
            let before = head(name)
            guard found[name] == before || begun[name, default: []].contains(found[name]) else {
                throw MachineFailure(
                    "lost or changed: \(name) is \(Self.text(found[name])), acknowledged was"
                        + " \(Self.text(before)), begun \(begun[name, default: []].map(Self.text))")
            }
            if found[name] != before || (isFinal && begun[name] != nil) {
                try acknowledge(name, found[name])
            }
        }
    }

    private static func text(_ head: UInt64?) -> String { head.map { "\($0)" } ?? "-" }
}
