// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. A verification as people and programs read it.
import ForkEngine
import SegmentStore

struct VerificationForm {
    let report: VerificationReport
    /// The fork that was verified alone.
    let fork: ForkName?
    let isQuick: Bool

    // MARK: Text

    func print(on console: Console) throws(CommandFailure) {
        for damage in report.damages {
            console.output.print("damaged: \(damage.description)")
            console.output.print("  forks: \(forks(of: damage))")
            console.output.print("  streams: \(streams(of: damage))")
            try console.output.flushIfLarge()
        }
        for loss in report.knownLosses {
            console.output.print("known to be lost: \(loss.description)")
            console.output.print("  forks: \(forks(of: loss))")
            console.output.print("  streams: \(streams(of: loss))")
            try console.output.flushIfLarge()
        }
        for path in report.unknownPaths {
            console.output.print("not of a store: \(TableWriter.printable(path))")
            try console.output.flushIfLarge()
        }
        if !report.files.isEmpty { try printFiles(on: console) }
        if report.garbageCount > 0 {
            let files = Quantity.count(UInt64(report.garbageCount), "file")
            console.note("nothing reaches \(files): 'forkctl gc' frees what it can")
        }
        let verdict =
            if !report.isSound {
                "\(Quantity.count(UInt64(report.damageCount), "damage")) found"
            } else if report.knownLosses.isEmpty {
                "all is well"
            } else {
                "nothing is damaged but what is known to be lost"
            }
        console.output.print(
            "\(Quantity.count(UInt64(report.forkCount), "fork")),"
                + " \(Quantity.count(UInt64(report.reachableObjectCount), "object")),"
                + " \(Quantity.count(UInt64(report.pendingJournalCount), "journal")): \(verdict)")
    }

    private func forks(of damage: VerificationReport.Damage) -> String {
        var names = damage.touched.map { fork in
            guard let from = fork.from else { return fork.name }
            guard let to = fork.to else { return "\(fork.name) from position \(from)" }
            return "\(fork.name) at [\(from), \(to))"
        }
        let others = damage.forkCount - names.count
        if others > 0 { names.append("and \(Quantity.grouped(UInt64(others))) more") }
        return names.isEmpty ? "none shows it" : names.joined(separator: ", ")
    }

    private func streams(of damage: VerificationReport.Damage) -> String {
        if damage.isEveryStream { return "every stream" }
        if damage.streamCount == 0 { return "none: what it holds can be read all the same" }
        var names = damage.streams.map(TableWriter.printable)
        let others = damage.streamCount - UInt64(names.count)
        if others > 0 { names.append("and \(Quantity.grouped(others)) more") }
        return names.joined(separator: ", ")
    }

    private func printFiles(on console: Console) throws(CommandFailure) {
        var table = TableWriter(
            [.init("FILES"), .init("COUNT", .right), .init("SIZE", .right)], on: console)
        for account in report.files where account.count > 0 {
            try table.row([
                Self.title(of: account.fileClass), Quantity.grouped(account.count),
                Quantity.bytes(account.byteCount),
            ])
        }
        try table.finish()
    }

    private static func title(of fileClass: FileClass) -> String {
        switch fileClass {
        case .reachableObject: "objects in use"
        case .garbageObject: "objects that nothing reaches"
        case .hiddenObject: "objects that damage may hide"
        case .pendingJournal: "journals in use"
        case .garbageJournal: "journals that nothing needs"
        case .lock: "locks and mapped words"
        case .livePin: "pins of readers"
        case .deadPin: "pins of readers who are gone"
        case .temporary: "temporary files in use"
        case .leftover: "temporary files left over"
        case .quarantined: "set aside by repairs"
        case .reserve: "reserve"
        case .scrub: "scrub state"
        case .catalog: "catalog"
        case .format: "format"
        case .unknown: "not of a store"
        }
    }

    // MARK: JSON

    func printJSON(on console: Console) throws(CommandFailure) {
        var json = JSONWriter(on: console, layout: .indented)
        try json.object { (json) throws(CommandFailure) in
            Envelope.begin("Verification", in: &json)
            json.member("isSound", report.isSound)
            json.member("isQuick", isQuick)
            json.member("fork", fork?.text)
            json.member("forkCount", UInt64(report.forkCount))
            json.member("objectCount", UInt64(report.reachableObjectCount))
            json.member("journalCount", UInt64(report.pendingJournalCount))
            json.member("damageCount", UInt64(report.damageCount))
            try json.array("damages") { (json) throws(CommandFailure) in
                for damage in report.damages {
                    try json.object { (json) throws(CommandFailure) in
                        try members(of: damage, in: &json)
                    }
                    try console.output.flushIfLarge()
                }
            }
            try json.array("knownLosses") { (json) throws(CommandFailure) in
                for loss in report.knownLosses {
                    try json.object { (json) throws(CommandFailure) in
                        try members(of: loss, in: &json)
                    }
                    try console.output.flushIfLarge()
                }
            }
            guard fork == nil else { return }
            json.member("garbageCount", UInt64(report.garbageCount))
            try json.array("files") { (json) throws(CommandFailure) in
                for account in report.files {
                    try json.object { (json) throws(CommandFailure) in
                        json.member("class", account.fileClass.rawValue)
                        json.member("count", account.count)
                        json.member("byteCount", account.byteCount)
                    }
                }
            }
            try json.array("unknownPaths") { (json) throws(CommandFailure) in
                for path in report.unknownPaths { json.string(path) }
            }
        }
        json.endText()
    }

    private func members(
        of damage: VerificationReport.Damage, in json: inout JSONWriter
    ) throws(CommandFailure) {
        json.member("path", damage.path)
        json.member("description", damage.description)
        json.member("forkCount", UInt64(damage.forkCount))
        try json.array("forks") { (json) throws(CommandFailure) in
            for fork in damage.forks { json.string(fork) }
        }
        try json.array("positions") { (json) throws(CommandFailure) in
            for fork in damage.touched where fork.from != nil {
                try json.object { (json) throws(CommandFailure) in
                    json.member("fork", fork.name)
                    json.member("from", fork.from)
                    json.member("to", fork.to)
                }
            }
        }
        json.member("isEveryStream", damage.isEveryStream)
        if damage.isEveryStream { return }
        json.member("streamCount", damage.streamCount)
        try json.array("streams") { (json) throws(CommandFailure) in
            for stream in damage.streams { json.string(stream) }
        }
    }
}
