// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line.
import ArgumentParser
import ForkEngine
import SegmentStore

struct VerifyCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Re-read and check the store.",
        discussion: """
            Every object's address, every page, index runs against segments, every pending \
            journal, and every file accounted for. --quick reads the manifests alone, and looks \
            whether all that they name is there. Others may write meanwhile.

            Example:
              forkctl verify
              forkctl verify --quick
            """)

    @Flag(help: "Do not read the events.")
    var quick = false

    @OptionGroup
    var storeOptions: StoreOptions

    @OptionGroup
    var output: OutputOptions

    func run(on console: Console) throws -> ExitStatus {
        let format = try output.format(of: .table, .json)
        let report = try storeOptions.open().verify(isQuick: quick)
        if format == .json {
            try printJSON(report, on: console)
        } else {
            print(report, on: console)
        }
        return report.isSound ? .ok : .damaged
    }

    private func print(_ report: VerificationReport, on console: Console) {
        for damage in report.damages {
            let forks =
                damage.forks.isEmpty ? "" : " (forks: \(damage.forks.joined(separator: ", ")))"
            console.output.print("damaged: \(damage.description)\(forks)")
        }
        for path in report.unknownPaths { console.output.print("not of a store: \(path)") }
        if report.garbageCount > 0 {
            let files = Quantity.count(UInt64(report.garbageCount), "file")
            console.note("nothing reaches \(files): 'forkctl gc' frees what it can")
        }
        let verdict =
            report.isSound
            ? "all is well" : "\(Quantity.count(UInt64(report.damages.count), "damage")) found"
        console.output.print(
            "\(Quantity.count(UInt64(report.forkCount), "fork")),"
                + " \(Quantity.count(UInt64(report.reachableObjectCount), "object")),"
                + " \(Quantity.count(UInt64(report.pendingJournalCount), "journal")): \(verdict)")
    }

    private func printJSON(
        _ report: VerificationReport, on console: Console
    ) throws(CommandFailure) {
        var json = JSONWriter(on: console, layout: .indented)
        try json.object { (json) throws(CommandFailure) in
            Envelope.begin("Verification", in: &json)
            json.member("isSound", report.isSound)
            json.member("isQuick", quick)
            json.member("forkCount", UInt64(report.forkCount))
            json.member("objectCount", UInt64(report.reachableObjectCount))
            json.member("journalCount", UInt64(report.pendingJournalCount))
            json.member("garbageCount", UInt64(report.garbageCount))
            try json.array("damages") { (json) throws(CommandFailure) in
                for damage in report.damages {
                    try json.object { (json) throws(CommandFailure) in
                        json.member("path", damage.path)
                        json.member("description", damage.description)
                        try json.array("forks") { (json) throws(CommandFailure) in
                            for fork in damage.forks { json.string(fork) }
                        }
                    }
                }
            }
            try json.array("unknownPaths") { (json) throws(CommandFailure) in
                for path in report.unknownPaths { json.string(path) }
            }
        }
        json.endText()
    }
}
