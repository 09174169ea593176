// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@Suite("Stores that are damaged, newer, full or read-only")
struct DamagedStoreTests {
    /// A store with 2,000 flushed events.
    private func flushedStore() throws -> CommandStore {
        let store = try CommandStore()
        try store.succeed("import", "-", input: sampleLines(2_000))
        #expect(try !objects(of: store).isEmpty)
        return store
    }

    /// The largest object of a kind first.
    private func objects(of store: CommandStore, kind: String = "segment") throws -> [String] {
        let folder = store.storePath + "/objects"
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder)
        return files.filter { $0.hasSuffix(".\(kind)") }.sorted().map { "\(folder)/\($0)" }
    }

    @Test("a store of a newer format is left alone, exit 11")
    func newer() throws {
        let store = try flushedStore()
        try store.write("forkctl store, format version 99\n", to: ".forkctl/format")
        for arguments in [["list"], ["append", "s", "-t", "t"], ["verify"]] {
            try BuiltForkctl(folder: store.path).run(arguments)
                .expectFailure(11, "format version 99")
        }
        try store.write("something else\n", to: ".forkctl/format")
        try store.run("list").expectFailure(10, "does not say what a store's does")
    }

    @Test("a missing object is named, exit 10; gc deletes nothing then")
    func missing() throws {
        let store = try flushedStore()
        try store.succeed("create", "doomed")
        try store.succeed("drop", "doomed")
        let object = try #require(try objects(of: store).first)
        try FileManager.default.moveItem(atPath: object, toPath: store.path + "/aside")
        let name = try #require(object.split(separator: "/").last)
        let before = try FileManager.default.subpathsOfDirectory(atPath: store.storePath).sorted()
        for arguments in [["export"], ["gc"]] {
            try BuiltForkctl(folder: store.path).run(arguments).expectFailure(10, String(name))
        }
        let verified = try store.run("verify", "-o", "json")
        #expect(verified.status == 10)
        #expect(verified.output.contains(String(name)))
        #expect(
            try FileManager.default.subpathsOfDirectory(atPath: store.storePath).sorted() == before)
        try FileManager.default.moveItem(atPath: store.path + "/aside", toPath: object)
        #expect(try store.json("verify")["isSound"] as? Bool == true)
    }

    @Test("a flipped bit is found, with object and fork, exit 10; other forks go on")
    func flipped() throws {
        let store = try CommandStore()
        try store.succeed("create", "sound")
        try store.succeed("import", "-", "--fork", "sound", input: sampleLines(10))
        try store.succeed("import", "-", input: sampleLines(2_000))
        let object = try #require(try objects(of: store).first)
        let url = URL(fileURLWithPath: object)
        let whole = try Data(contentsOf: url)
        var bytes = whole
        bytes[100] ^= 1
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: object)
        try bytes.write(to: url)
        let name = try #require(object.split(separator: "/").last)
        try store.run("export").expectFailure(10, String(name))
        let verified = try store.run("verify")
        #expect(verified.status == 10)
        #expect(verified.output.contains(String(name)))
        #expect(verified.output.contains("  forks: main at [0, 2000)\n"))
        // Those that have rows in the block.
        let lost = try (0..<3).map { "order-\($0)" }
            .filter { try store.run("read", $0).status == 10 }
        #expect(verified.output.contains("  streams: \(lost.joined(separator: ", "))\n"))
        let report = try store.json("verify", "main")
        #expect(report["fork"] as? String == "main" && report["files"] == nil)
        let damages = try #require(report["damages"] as? [[String: Any]])
        #expect(damages.count == 1 && report["damageCount"] as? Int == 1)
        #expect(damages[0]["forks"] as? [String] == ["main"])
        #expect(damages[0]["streams"] as? [String] == lost && !lost.isEmpty)
        #expect(damages[0]["streamCount"] as? Int == lost.count)
        let positions = try #require(damages[0]["positions"] as? [[String: Any]])
        #expect(positions[0]["fork"] as? String == "main")
        #expect(positions[0]["from"] as? Int == 0 && positions[0]["to"] as? Int == 2_000)
        #expect(try store.run("verify", "sound").status == 0)
        #expect(try store.succeed("query", "--at", "sound", "--count") == "10\n")
        try whole.write(to: url)
        #expect(try store.json("verify")["isSound"] as? Bool == true)
    }

    @Test(
        "a store that lost a file is damage, exit 10",
        arguments: ["catalog", "locks", "live", "clock"])
    func lostFile(_ name: String) throws {
        let store = try flushedStore()
        try FileManager.default.removeItem(atPath: "\(store.path)/.forkctl/\(name)")
        for command in ["list", "verify", "gc"] {
            try store.run(command).expectFailure(10, "has lost its file '\(name)'")
        }
    }

    /// Whether a mount of our own can be made, in a name space that ends with its command.
    private static let canMount: Bool = {
        do {
            return try shell("unshare -m mount -t tmpfs tmpfs /mnt", in: "/").status == 0
        } catch {
            return false
        }
    }()

    @Test("a read-only store is refused, exit 5", .enabled(if: canMount, "needs a mount"))
    func readOnly() throws {
        let store = try flushedStore()
        let script = """
            mount --bind .forkctl .forkctl && mount -o remount,ro,bind .forkctl || exit 99
            for command in list 'append s -t t' gc; do
                "$forkctl" $command
                echo "exit $?"
            done
            """
        let (status, output) = try shell("unshare -m sh -c '\(quoted(script))'", in: store.path)
        #expect(status == 0, "\(output)")
        let lines = output.split(separator: "\n")
        #expect(lines.count == 6)
        for line in lines {
            #expect(line == "exit 5" || line.contains("is read-only: copy it"), "\(line)")
        }
    }

    @Test(
        "a full disk ends an import, exit 8, with what is in; reading, drop and gc still work",
        .enabled(if: canMount, "needs a mount"))
    func full() throws {
        let scratch = try ScratchFolder()
        try Data(sampleLines(100_000).utf8)
            .write(to: URL(fileURLWithPath: scratch.path + "/lines"))
        let script = """
            mkdir disk && mount -t tmpfs -o size=8m tmpfs disk && cd disk || exit 99
            "$forkctl" init
            "$forkctl" append s -t t
            "$forkctl" create doomed
            "$forkctl" import ../lines
            echo "import: exit $?"
            "$forkctl" drop doomed -o name
            "$forkctl" gc
            echo "gc: exit $?"
            "$forkctl" query --count
            "$forkctl" verify
            echo "verify: exit $?"
            """
        let (status, output) = try shell("unshare -m sh -c '\(quoted(script))'", in: scratch.path)
        #expect(status == 0, "\(output)")
        let lines = output.split(separator: "\n").map(String.init)
        let error = try #require(lines.first { $0.hasPrefix("error: ") }, "\(output)")
        #expect(lines.contains("import: exit 8"), "\(output)")
        #expect(error.contains("go on with --skip-lines"), "\(error)")
        // The batch that failed is in as a whole, or not at all.
        let count = try #require(lines.compactMap { Int($0) }.first, "\(output)")
        #expect(count % 1_000 == 1, "\(output)")
        let grouped = "\(count / 1_000),000 events are in"
        let before = "\(count / 1_000 - 1),000 events are in"
        #expect(error.contains(grouped) || error.contains(before), "\(output)")
        #expect(lines.contains("doomed"), "\(output)")
        #expect(lines.contains("gc: exit 0"), "\(output)")
        #expect(lines.contains("verify: exit 0"), "\(output)")
    }

    @Test(
        "init on a full disk is exit 8, and leaves nothing", .enabled(if: canMount, "needs a mount")
    )
    func initializeFull() throws {
        let scratch = try ScratchFolder()
        let script = """
            mkdir disk && mount -t tmpfs -o size=512k tmpfs disk && cd disk || exit 99
            "$forkctl" init
            echo "init: exit $?"
            ls -A
            """
        let (status, output) = try shell("unshare -m sh -c '\(quoted(script))'", in: scratch.path)
        let lines = output.split(separator: "\n").map(String.init)
        #expect(status == 0 && lines.count == 2, "\(output)")
        #expect(lines.first?.hasPrefix("error: ") == true, "\(output)")
        #expect(lines.last == "init: exit 8", "\(output)")
    }

    @Test(
        "rule 16: what a killed writer left is read on a full disk, and appends still fail with 8",
        .enabled(if: canMount, "needs a mount"))
    func readingWhenFull() throws {
        let scratch = try ScratchFolder()
        try Data(sampleLines(2_000).utf8)
            .write(to: URL(fileURLWithPath: scratch.path + "/lines"))
        // The import waits for more on its pipe when it is killed, with two batches acknowledged.
        let script = """
            mkdir disk && mount -t tmpfs -o size=8m tmpfs disk && cd disk || exit 99
            "$forkctl" init
            mkfifo ../pipe
            "$forkctl" import - < ../pipe > ../imported 2>&1 &
            writer=$!
            exec 7> ../pipe
            cat ../lines >&7
            for round in $(seq 400); do
                "$forkctl" show main -o json | grep -q '"head": 2000' && break
                sleep 0.05
            done
            kill -9 $writer
            wait $writer
            dd if=/dev/zero of=filler bs=4096 2> ../filled
            "$forkctl" query --count
            echo "first: exit $?"
            "$forkctl" query --count --type order.placed
            echo "second: exit $?"
            "$forkctl" append s -t t
            echo "append: exit $?"
            "$forkctl" create more
            echo "create: exit $?"
            "$forkctl" gc
            echo "gc: exit $?"
            """
        let (status, output) = try shell("unshare -m sh -c '\(quoted(script))'", in: scratch.path)
        #expect(status == 0, "\(output)")
        let lines = output.split(separator: "\n").map(String.init)
        #expect(lines.filter { $0 == "2000" }.count == 2, "\(output)")
        for end in ["first: exit 0", "second: exit 0", "append: exit 8", "create: exit 8"] {
            #expect(lines.contains(end), "\(end): \(output)")
        }
        #expect(lines.contains("gc: exit 0"), "\(output)")
    }

    private func quoted(_ script: String) -> String {
        script.replacingOccurrences(of: "'", with: #"'\''"#)
    }
}
