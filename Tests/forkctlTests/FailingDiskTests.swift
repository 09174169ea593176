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

    /// Each sync of it in turn; the last round meets none.
    @Test(
        "an init with a sync that fails leaves no store, or a whole one",
        arguments: [
            "fdatasync", "fsync",
        ])
    func brokenInit(_ call: String) throws {
        let scratch = try ScratchFolder()
        let script = """
            count=0
            injected=1
            while [ $injected -gt 0 ]; do
                count=$((count + 1))
                /usr/bin/strace -f -o trace -e trace=\(call) \
                    -e inject=\(call):error=EIO:when=$count "$forkctl" init $count >/dev/null 2>&1
                made=$?
                injected=$(grep -c INJECTED trace)
                "$forkctl" list --store $count >/dev/null 2>&1
                listed=$?
                "$forkctl" init $count >/dev/null 2>&1
                "$forkctl" list --store $count >/dev/null 2>&1
                echo "$made $listed $?"
            done
            """
        let (_, output) = try shell(script, in: scratch.path)
        // Its status, that of a list behind it, and of a list behind the next init.
        let outcomes = output.split(separator: "\n").map(String.init)
        #expect(outcomes.count > 3 && outcomes.last == "0 0 0", "\(outcomes)")
        #expect(outcomes.contains("11 6 0"), "\(outcomes)")
        for (number, outcome) in outcomes.enumerated() {
            let isGood = ["0 0 0", "11 0 0", "11 6 0"].contains(outcome)
            #expect(isGood, "\(call) \(number + 1): \(outcome)")
        }
    }
}
