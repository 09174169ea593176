// SPDX-License-Identifier: Apache-2.0
// NightTests, the real machine. What a writer was told, kept outside the disk that loses its power.
//
//     ? main 12        about to be: the fork `main` has 12 events
//     ! main 12 5000   acknowledged, 5,000 ns after the machine's start
//     ! child - 5100   acknowledged: there is no fork `child`
//     x 5200           the power went, not before this moment
import Glibc

/// A log of acknowledgements, read by whoever goes on after a power cut.
///
/// With the power the machine is gone: nobody hears what is answered later. Here the process lives
/// on while the call that cuts its disk is at work, and a sync that was under way may answer before
/// the file system refuses it. So an acknowledgement counts only where it came before the moment
/// at which the cut began; a later one is no promise, and what it speaks of may be there or not.
struct Ledger {
    let path: String
    private let descriptor: Int32
    /// What was acknowledged last of each fork; a missing name was never spoken of.
    private(set) var acknowledged: [String: UInt64?] = [:]
    /// What was begun of each fork since, and failed or was cut short: it may be there, as a whole.
    private var begun: [String: [UInt64?]] = [:]
    /// Acknowledgements that count, and those that came after their cut had begun.
    private(set) var promiseCount = 0
    private(set) var lateCount = 0

    init(_ path: String) throws(MachineFailure) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw MachineFailure("\(path) cannot be opened: \(errno)") }
        var lines: [[Substring]] = []
        for line in TextFile.read(path).split(separator: "\n") {
            let words = line.split(separator: " ")
            switch (words[0], words.count) {
            case ("?", 3), ("!", 4): lines.append(words)
            case ("x", 2):
                guard let cut = UInt64(words[1]) else {
                    throw MachineFailure("\(path) has a cut at '\(words[1])'")
                }
                take(lines, until: cut)
                lines = []
            default: throw MachineFailure("\(path) has a line '\(line)'")
            }
        }
        take(lines, until: .max)
    }

    /// The lines of one writer, whose disk was cut at `cut`.
    private mutating func take(_ lines: [[Substring]], until cut: UInt64) {
        for words in lines {
            let (name, head) = (String(words[1]), UInt64(words[2]))
            if words[0] == "?" {
                begun[name, default: []].append(head)
            } else if let instant = UInt64(words[3]), instant < cut {
                acknowledged[name] = .some(head)
                begun[name] = nil
                promiseCount += 1
            } else {
                lateCount += 1
            }
        }
    }

    /// Writes down when a cut began, once its writer is gone.
    static func tellCut(at instant: UInt64, in path: String) throws(MachineFailure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw MachineFailure("\(path) cannot be opened: \(errno)") }
        defer { close(descriptor) }
        try TextFile.append("x \(instant)\n", to: descriptor)
    }

    /// Whether anything was acknowledged: then the store is there.
    var hasStore: Bool { !acknowledged.isEmpty }

    func head(_ name: String) -> UInt64? { acknowledged[name] ?? nil }

    mutating func begin(_ name: String, _ head: UInt64?) throws(MachineFailure) {
        begun[name, default: []].append(head)
        try TextFile.append("? \(name) \(Self.text(head))\n", to: descriptor)
    }

    /// What was answered before now.
    mutating func acknowledge(
        _ name: String, _ head: UInt64?, at instant: UInt64 = MachineClock.now()
    ) throws(MachineFailure) {
        begun[name] = nil
        acknowledged[name] = .some(head)
        try TextFile.append("! \(name) \(Self.text(head)) \(instant)\n", to: descriptor)
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
