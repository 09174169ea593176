// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@Suite(
    "A disk that does not answer",
    .enabled(
        if: FileManager.default.isExecutableFile(atPath: "/usr/bin/strace"),
        "strace is missing: apt-get install strace"))
struct FailingDiskTests {
    @Test(
        "a store whose disk does not answer is not called missing",
        arguments: ["newfstatat", "access", "faccessat2"])
    func notMissing(_ call: String) throws {
        let store = try CommandStore()
        let format = store.storePath + "/format"
        let script = """
            /usr/bin/strace -f -o trace -P '\(format)' -e 'inject=\(call):error=EIO' \
                "$forkctl" list --store '\(store.storePath)'
            echo "exit $?"
            grep -c INJECTED trace
            """
        let (_, output) = try shell(script, in: store.path)
        let lines = output.split(separator: "\n").map(String.init)
        // Only one of the last two names is the call of this machine.
        guard lines.last != "0" else { return }
        #expect(lines.contains("exit 11"), "\(output)")
        let error = lines.first { $0.hasPrefix("error: ") } ?? ""
        #expect(error.hasSuffix("Input/output error"), "\(output)")
        #expect(!error.contains("init"), "\(output)")
    }
}
