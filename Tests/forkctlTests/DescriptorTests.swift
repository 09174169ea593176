// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@Suite("What standard descriptors and arguments may do to a store")
struct DescriptorTests {
    private func sizes(of store: CommandStore) throws -> [String: Int] {
        var sizes: [String: Int] = [:]
        for name in ["catalog", "locks", "live", "clock", "format", "reserve"] {
            let values = try FileManager.default.attributesOfItem(
                atPath: "\(store.storePath)/\(name)")
            sizes[name] = values[.size] as? Int
        }
        return sizes
    }

    @Test("output goes nowhere where standard descriptors are closed, least of all into the store")
    func closedDescriptors() throws {
        let store = try CommandStore()
        try store.succeed("import", "-", input: sampleLines(2_000))
        let before = try sizes(of: store)
        for closed in ["<&- >&- 2>&-", ">&-", "<&- >&-", ">&- 2>&-"] {
            let outcome = try shell("$forkctl export \(closed)", in: store.path)
            #expect(outcome.status == 11, "\(closed)")
        }
        #expect(try sizes(of: store) == before)
        #expect(try store.json("verify")["isSound"] as? Bool == true)
        #expect(try shell("$forkctl import - <&-", in: store.path).status == 11)
        #expect(try store.succeed("query", "--count") == "2000\n")
    }

    @Test("an argument that is not UTF-8 is refused, and nothing of it is stored")
    func invalidArguments() throws {
        let store = try CommandStore()
        for (arguments, place) in [
            (#"append "$bad" -t t"#, "argument 2 is not UTF-8 from its byte 2 on"),
            (#"append s -t "$bad""#, "argument 4 behind -t is not UTF-8"),
            (#"append s "--type=$bad""#, "argument 3, the value of --type, is not UTF-8"),
            (#"append s -t t --data "\"$bad\"""#, "argument 6 behind --data is not UTF-8"),
            (#"append s -t t --metadata "\"$bad\"""#, "argument 6 behind --metadata"),
            (#"create x -l "a=$bad""#, "argument 4 behind -l"),
            (#"create "$bad""#, "argument 2 is not"),
        ] {
            let outcome = try shell("bad=$(printf 'a\\377'); $forkctl \(arguments)", in: store.path)
            #expect(outcome.status == 3, "\(arguments): \(outcome.output)")
            #expect(outcome.output.contains(place), "\(outcome.output)")
            #expect(outcome.output.contains("give bytes through --data @FILE or - with --binary"))
        }
        #expect(try store.succeed("query", "--count") == "0\n")
        #expect(try store.succeed("list", "-o", "name") == "main\n")
        let bytes = try shell(
            "printf 'a\\377' | $forkctl append s -t t --data - --binary", in: store.path)
        #expect(bytes.status == 0)
        #expect(try store.succeed("export").contains(#""dataBase64":"Yf8=""#))
    }

    @Test("a change that is done is told as done where only its output cannot be written")
    func unwrittenOutput() throws {
        let store = try CommandStore()
        try store.write(sampleLines(3), to: "events")
        for (command, done) in [
            ("append s -t t", "the event is in and durable"),
            ("append --batch < events", "the events are in and durable"),
            ("import events", "3 events are in and durable"),
            ("create trial", "fork 'trial' is created"),
            ("drop trial", "1 fork dropped"),
            ("gc", "the store is collected"),
            ("init other", "the store is made"),
        ] {
            let outcome = try shell("$forkctl \(command) >/dev/full", in: store.path)
            #expect(outcome.status == 12, "\(command)")
            #expect(
                outcome.output.contains(
                    "error: \(done); only the output could not be written: No space left"),
                "\(outcome.output)")
        }
        #expect(try store.succeed("query", "--count") == "7\n")
        let closed = try shell("$forkctl append s -t t >&-", in: store.path)
        #expect(closed.status == 12)
        #expect(closed.output.contains("the event is in and durable; only the output"))
        // What changes nothing failed as a whole.
        #expect(try shell("$forkctl list >/dev/full", in: store.path).status == 8)
    }
}
