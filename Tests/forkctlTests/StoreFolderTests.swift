// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import forkctl

@Suite("Where the store is found")
struct StoreFolderTests {
    private func makeStore(in folder: String) throws {
        try FileManager.default.createDirectory(
            atPath: folder + "/.forkctl", withIntermediateDirectories: true)
        try Data("x".utf8).write(to: URL(fileURLWithPath: folder + "/.forkctl/format"))
    }

    @Test("--store takes the store's folder, or the one that holds it")
    func named() throws {
        let scratch = try ScratchFolder()
        try makeStore(in: scratch.path)
        let store = scratch.path + "/.forkctl"
        #expect(try StoreFolder.found(at: scratch.path, namedBy: "--store") == store)
        #expect(try StoreFolder.found(at: scratch.path + "/", namedBy: "--store") == store)
        #expect(try StoreFolder.found(at: store, namedBy: "--store") == store)
        let failure = #expect(throws: CommandFailure.self) {
            try StoreFolder.found(at: scratch.path + "/none", namedBy: "--store")
        }
        #expect(failure?.status == .notFound)
    }

    @Test("else the nearest folder upward that holds one; a folder of that name is not enough")
    func upward() throws {
        let scratch = try ScratchFolder()
        try makeStore(in: scratch.path)
        let deep = scratch.path + "/a/b"
        try FileManager.default.createDirectory(
            atPath: deep + "/.forkctl", withIntermediateDirectories: true)
        #expect(try StoreFolder.foundUpward(from: scratch.path) == scratch.path + "/.forkctl")
        #expect(try StoreFolder.foundUpward(from: deep) == deep + "/../../.forkctl")
        try makeStore(in: deep)
        #expect(try StoreFolder.foundUpward(from: deep) == deep + "/.forkctl")
    }

    @Test("without any, the search ends at the root and says what to do")
    func nowhere() throws {
        let failure = #expect(throws: CommandFailure.self) {
            try StoreFolder.foundUpward(from: "/proc")
        }
        #expect(failure?.status == .notFound)
        #expect(failure?.sentence.contains("forkctl init") == true)
    }
}
