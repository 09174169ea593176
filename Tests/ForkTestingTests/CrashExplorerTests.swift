// SPDX-License-Identifier: Apache-2.0
// The explorer must find each classic mistake of a file protocol, and pass the protocol done right.
import ForkTesting
import Glibc
import SegmentStore
import Testing

@Suite struct CrashExplorerTests {
    /// Stores numbers as files, each written aside, synced, linked, and its folder synced; leaves
    /// out one step to be the mistake of that step.
    private enum Step: CaseIterable {
        case syncFile
        case syncFolder
        case writeAside
    }

    private struct Wrong: Error {
        let reason: String
    }

    private static let content = [UInt8](repeating: 7, count: 1500)

    private func publish(
        _ name: String, in files: SimulatedFileSystem, without missing: Step?
    ) throws {
        let file =
            missing == .writeAside
            ? try files.create(name) : try files.createTemporary(in: ".")
        try file.write(Self.content, at: 0)
        if missing != .syncFile { try file.sync() }
        if missing != .writeAside { try files.link(file, at: name) }
        if missing != .syncFolder { try files.syncFolder(".") }
    }

    private func explore(
        _ explorer: CrashExplorer = CrashExplorer(), without missing: Step?
    ) throws -> CrashReport {
        var acknowledged: [String] = []
        return try explorer.explore { files in
            for name in ["a", "b", "c"] {
                try publish(name, in: files, without: missing)
                acknowledged.append(name)
            }
        } check: { files in
            for name in acknowledged where try files.status(name) == nil {
                throw Wrong(reason: "\(name) was acknowledged and is gone")
            }
            for name in try files.list(".") {
                guard try files.open(name, for: .read).bytes() == Self.content else {
                    throw Wrong(reason: "\(name) is there in part")
                }
            }
        }
    }

    @Test func `a protocol done right survives every cut`() throws {
        let report = try explore(without: nil)
        #expect(report.points == 3 * 5 + 1)
        #expect(report.states > 30)
        #expect(report.distinctStates == 4)
    }

    @Test(arguments: Step.allCases)
    private func `each missing step is found, and replayed`(missing: Step) throws {
        var explorer = CrashExplorer()
        let failure = #expect(throws: CrashFailure.self) {
            _ = try explore(explorer, without: missing)
        }
        explorer.only = failure?.place
        let again = #expect(throws: CrashFailure.self) {
            _ = try explore(explorer, without: missing)
        }
        #expect(again?.description == failure?.description)
        #expect(failure?.underlying is Wrong)
    }

    @Test func `a check is cut short too`() throws {
        // Recovery here counts the times it ran to its end, and must never lose count.
        func recover(_ files: SimulatedFileSystem, safely: Bool) throws {
            guard try files.status("count") != nil else { return }
            let count = try files.open("count", for: .read).bytes()
            guard count == [5] else { throw Wrong(reason: "the count is \(count)") }
            let file = safely ? try files.create("new") : try files.open("count", for: .readWrite)
            if !safely { try file.resize(to: 0) }
            try file.write([5], at: 0)
            try file.sync()
            if safely { try files.rename("new", to: "count", replacing: true) }
            try files.syncFolder(".")
        }
        func run(safely: Bool, _ explorer: CrashExplorer) throws -> CrashReport {
            try explorer.explore { files in
                let file = try files.createTemporary(in: ".")
                try file.write([5], at: 0)
                try file.sync()
                try files.link(file, at: "count")
                try files.syncFolder("")
            } check: { files in
                if safely, try files.status("new") != nil { try files.remove("new") }
                try recover(files, safely: safely)
            }
        }
        var explorer = CrashExplorer()
        _ = try run(safely: false, explorer)
        explorer.statesPerRecoveryPoint = 8
        explorer.recoveriesOneIn = 1
        #expect(throws: CrashFailure.self) { _ = try run(safely: false, explorer) }
        #expect(try run(safely: true, explorer).recoveryStates > 10)
    }

    @Test func `a kill keeps the cache and drops the locks`() throws {
        var explorer = CrashExplorer()
        explorer.statesPerPoint = 1
        try explorer.exploreDisk { disk in
            let files = disk.makeProcess()
            let file = try files.create("file")
            try files.syncFolder(".")
            #expect(try file.lock(0..<1, .exclusive, waiting: .never))
            try file.write([1], at: 0)
            try file.write([2], at: 0)
        } check: { disk in
            let files = disk.makeProcess()
            guard try files.status("file") != nil else { return }
            let file = try files.open("file", for: .readWrite)
            guard try file.lock(0..<1, .exclusive, waiting: .never) else {
                throw Wrong(reason: "locked")
            }
        }
    }

    @Test func `an error of the script comes out`() {
        #expect(throws: Wrong.self) {
            try CrashExplorer().explore { files in
                _ = try files.create("file")
                throw Wrong(reason: "the script")
            } check: { _ in
            }
        }
    }

    @Test func `the same seed explores the same states`() throws {
        func run(seed: UInt64) throws -> (CrashReport, [Int]) {
            var explorer = CrashExplorer()
            explorer.seed = seed
            var sizes: [Int] = []
            let report = try explorer.explore { files in
                let journal = try files.create("journal")
                for index in 0..<20 {
                    try journal.write([UInt8](repeating: 1, count: 700), at: UInt64(index * 700))
                    if index % 3 == 0 { try journal.sync() }
                    _ = try files.create("\(index)")
                }
            } check: { files in
                sizes.append(try files.list(".").count)
            }
            return (report, sizes)
        }
        let first = try run(seed: 1)
        let again = try run(seed: 1)
        let other = try run(seed: 2)
        #expect(first == again)
        #expect(first != other)
        #expect(first.0.states > 1000)
        #expect(first.0.distinctStates > 800)
    }
}
