// SPDX-License-Identifier: Apache-2.0
// forknight: the file that lets a night be stopped and gone on with: a line that names the commit, then
// the report of each round, appended as it comes. A kill loses the rounds under way, and no more.
import Glibc

struct NightState {
    private let descriptor: Int32
    /// The rounds that were done before, at this commit.
    let reports: [ReportLine]

    /// Goes on with the file at `path` where it is of this commit; begins it anew where not.
    init(path: String, commit: String) throws {
        let title = "forknight 1 \(commit)"
        let text = String(decoding: Descriptors.contents(of: path) ?? [], as: UTF8.self)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        // What follows the last end of a line was cut short.
        let isCutShort = lines.popLast()?.isEmpty == false
        let goesOn = lines.first.map { $0 == title } ?? false && !commit.hasSuffix("dirty")
        reports = goesOn ? lines.dropFirst().compactMap { ReportLine(String($0)) } : []
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            mkdir(String(path[..<slash]), 0o755)
        }
        let anew = goesOn ? O_APPEND : O_TRUNC
        descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | anew, 0o644)
        guard descriptor >= 0 else {
            throw NightFailure("\(path) cannot be written: errno \(errno)")
        }
        if !goesOn {
            Descriptors.write(title + "\n", to: descriptor)
        } else if isCutShort {
            Descriptors.write("\n", to: descriptor)
        }
    }

    func add(_ report: ReportLine) throws {
        guard Descriptors.write(report.text + "\n", to: descriptor) else {
            throw NightFailure("the state file cannot be written: errno \(errno)")
        }
    }

    /// What is checked out here, "-dirty" where files differ from it.
    static func commit() -> String {
        let command = "git describe --always --dirty --abbrev=40 --exclude='*' 2>/dev/null"
        guard let pipe = popen(command, "r") else { return "unknown-dirty" }
        defer { pclose(pipe) }
        var line = [CChar](repeating: 0, count: 256)
        guard fgets(&line, 256, pipe) != nil else { return "unknown-dirty" }
        let text = String(
            decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return String(text.prefix { $0 != "\n" })
    }
}
