// SPDX-License-Identifier: Apache-2.0
// Every file of a store is accounted for, whatever it is and whoever left it there.
import Foundation
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct FileAccountTests {
    /// The regular files below a folder, and their bytes, as `find -type f` has them.
    private static func found(in path: String) throws -> (count: UInt64, byteCount: UInt64) {
        var (count, byteCount): (UInt64, UInt64) = (0, 0)
        for name in try FileManager.default.subpathsOfDirectory(atPath: path) {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")
            guard attributes[.type] as? FileAttributeType == .typeRegular else { continue }
            count += 1
            byteCount += try #require(attributes[.size] as? UInt64)
        }
        return (count, byteCount)
    }

    private static func accounts(
        _ report: VerificationReport
    ) -> [FileClass: FileAccount] {
        Dictionary(uniqueKeysWithValues: report.files.map { ($0.fileClass, $0) })
    }

    @Test func everyFileIsInOneClass() throws {
        let temporary = try TemporaryStore()
        let (store, path) = (temporary.store, temporary.path + "/\(StoreLayout.folder)")
        let main = try store.openWriter(.main)
        for number in 0..<30 { _ = try main.append(.numbered(number, stream: "s\(number % 3)")) }
        try main.flush()
        _ = try store.create(
            NewFork(name: named("gone"), from: point("main"), expiry: .never))
        let gone = try store.openWriter(named("gone"))
        _ = try gone.append(.numbered(50, stream: "gone"))
        try gone.flush()
        _ = try gone.append(.numbered(51, stream: "gone"))
        try gone.close()
        try store.drop(named("gone"))
        _ = try main.append(.numbered(30, stream: "s0"))
        let pinned = try store.view(at: point("main"))
        // What killed processes and people leave.
        let files = FileManager.default
        for folder in ["temporary", "people/inside"] {
            try files.createDirectory(
                atPath: "\(path)/\(folder)", withIntermediateDirectories: true)
        }
        let object = try #require(
            try files.subpathsOfDirectory(atPath: path + "/objects")
                .first { $0.hasSuffix(".segment") })
        let left = [
            "temporary/1-2", "pins/77.1", "people/note", "people/inside/list", "objects/stray",
            "journals/stray", "objects/\(object).replacement", "odd\n name",
        ]
        for (number, name) in left.enumerated() {
            try Data(repeating: 1, count: 100 + number)
                .write(to: URL(fileURLWithPath: "\(path)/\(name)"))
        }

        let report = try store.verify()
        #expect(report.isSound, "\(report.damages)")
        let accounts = Self.accounts(report)
        #expect(report.files.map(\.fileClass) == FileClass.allCases)
        let found = try Self.found(in: path)
        #expect(report.files.reduce(0) { $0 + $1.count } == found.count)
        #expect(report.files.reduce(0) { $0 + $1.byteCount } == found.byteCount)
        func count(_ fileClass: FileClass) -> UInt64 { accounts[fileClass]?.count ?? 0 }
        #expect(count(.reachableObject) == UInt64(report.reachableObjectCount))
        #expect(count(.reachableObject) >= 3 && count(.garbageObject) >= 3)
        #expect(count(.pendingJournal) == 1 && count(.garbageJournal) >= 2)
        #expect(count(.lock) == 3 && count(.reserve) == 1 && count(.format) == 1)
        #expect(count(.livePin) == 1 && count(.deadPin) == 1)
        #expect(count(.temporary) == 0 && count(.leftover) == 2)
        #expect(count(.hiddenObject) == 0 && count(.catalog) >= 1)
        #expect(count(.unknown) == 5)
        #expect(accounts[.deadPin]?.byteCount == 101)
        #expect(report.unknownPaths == ["journals/stray", "objects/stray", "odd\n name", "people"])
        withExtendedLifetime(pinned) {}

        // A collection takes all that is garbage, and nothing else.
        _ = try store.collect()
        let after = Self.accounts(try store.verify())
        for fileClass in FileClass.allCases {
            switch fileClass {
            case .garbageObject, .garbageJournal, .deadPin, .leftover:
                #expect(after[fileClass]?.count == 0, "\(fileClass)")
            case .catalog: break
            default: #expect(after[fileClass] == accounts[fileClass], "\(fileClass)")
            }
        }
        try main.close()
    }

    @Test func whatOnlyAReaderHoldsIsNoGarbage() throws {
        let store = try TemporaryStore()
        _ = try store.store.create(
            NewFork(name: named("read"), from: point("main"), expiry: .never))
        let writer = try store.store.openWriter(named("read"))
        _ = try writer.append(.numbered(1, stream: "s"))
        try writer.flush()
        try writer.close()
        let view = try store.store.view(at: point("read"))
        try store.store.drop(named("read"))
        let during = try store.store.verify()
        #expect(during.garbageCount == 0 || Self.accounts(during)[.garbageObject]?.count == 0)
        #expect(during.reachableObjectCount == 3)
        #expect(try view.transcript().count == 1)
    }
}
