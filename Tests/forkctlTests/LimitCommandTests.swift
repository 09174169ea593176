// SPDX-License-Identifier: Apache-2.0
// Limits as they are met at a prompt: taken at the limit; one beyond is one sentence, exit status 3,
// and nothing is changed.
import Foundation
import Testing

@Suite("limits") struct LimitCommandTests {
    @Test("names of forks: 128 bytes")
    func forkNames() throws {
        let store = try CommandStore()
        let name = String(repeating: "n", count: 128)
        try store.succeed("create", name)
        try store.fail(3, "129 bytes", "create", name + "n")
        #expect(try store.succeed("list", "-o", "name").contains(name + "\n"))
    }

    @Test("streams and types: 255 bytes, whatever the letters")
    func eventNames() throws {
        let store = try CommandStore()
        let name = String(repeating: "日", count: 85)
        try store.succeed("append", name, "-t", name)
        try store.fail(3, "at most 255 bytes", "append", name + "x", "-t", "t")
        try store.fail(3, "at most 255 bytes", "append", "s", "-t", name + "é")
        #expect(try store.succeed("export").contains("\"\(name)\""))
        let lines = "{\"stream\":\"\(name)日\",\"type\":\"t\",\"data\":1}\n"
        try store.fail(3, "has 258", "append", "--batch", input: lines)
    }

    @Test("labels: 64 a fork, keys of 63 bytes, values of 255")
    func labels() throws {
        let store = try CommandStore()
        let key = String(repeating: "k", count: 61)
        let value = String(repeating: "é", count: 127) + "v"
        let labels = (10..<74).map { "--label=\(key)\($0)=\(value)" }
        let create = BuiltForkctl(folder: store.path)
        #expect(try create.run(["create", "most"] + labels).status == 0)
        let beyond = try create.run(["create", "more"] + labels + ["--label=one-more=x"])
        beyond.expectFailure(3, "at most 64 labels")
        try store.fail(3, "at most 63 bytes", "create", "more", "--label", "\(key)100=x")
        try store.fail(3, "at most 255 bytes", "create", "more", "--label", "k=\(value)w")
        #expect(try store.succeed("list", "-o", "name") == "main\nmost\n")
    }
}
