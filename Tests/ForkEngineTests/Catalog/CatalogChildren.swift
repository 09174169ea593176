// SPDX-License-Identifier: Apache-2.0
// What child processes do to a real catalog while their parents watch, trace or kill them. They
// run only where a parent gave them a folder.
import ForkEngine
import ForkTesting
import Glibc
import SegmentStore
import Testing

@Suite("Children of catalog tests", .enabled(if: TestChild.folder != nil))
struct CatalogChildren {
    private let folder = TestChild.folder ?? ""

    private func open() throws -> SQLiteCatalog {
        let files = try RealFileSystem(path: folder)
        return try SQLiteCatalog(
            openAt: folder + "/catalog", writeLock: try CatalogFiles.lock(in: files))
    }

    /// Commits 300 times, and says before each which it is by a call that a tracer sees.
    @Test func childThatCommits() throws {
        let catalog = try open()
        for number in 1...300 {
            access("commit-\(number)", F_OK)
            try catalog.insert(.sample(UInt64(number), "f\(number)"))
        }
        access("end", F_OK)
    }

    /// Changes two rows together, again and again, and notes what was acknowledged.
    @Test func childThatIsKilled() throws {
        let catalog = try open()
        let notes = try RealFileSystem(path: folder).open("acknowledged", for: .readWrite)
        while true {
            let epoch = try catalog.write { catalog throws(ForkError) -> UInt64 in
                let epoch = try catalog.nextEpoch()
                for id: UInt64 in [1, 2] {
                    var row = try require(fork: try catalog.fork(ForkID(id)))
                    row.epoch = epoch
                    try catalog.update(row)
                }
                return epoch
            }
            try withUnsafeBytes(of: epoch.littleEndian) { try notes.write($0, at: 0) }
        }
    }

    /// Commits under a tracer that makes calls fail. Whatever fails: what was acknowledged is
    /// there, what was refused is wholly there or not at all (rule 12), and the next goes well.
    @Test func childWhoseCallsFail() throws {
        var catalog: SQLiteCatalog?
        var acknowledged: [UInt64] = []
        var failures = 0
        access("begin", F_OK)
        for id: UInt64 in 1...6 {
            do {
                let opened = try catalog ?? open()
                catalog = opened
                try opened.insert(.sample(id, "f\(id)"))
                acknowledged.append(id)
            } catch let error as ForkError {
                failures += 1
                #expect([.system, .noSpace].contains(error.code), "\(error)")
            }
        }
        #expect(failures <= 1)
        // A witness in another connection, then a change of the same by this process.
        let witness = try open()
        let seen = try witness.forks()
        #expect(acknowledged.allSatisfy { id in seen.contains { $0.id.rawValue == id } })
        #expect(seen.allSatisfy { $0 == .sample($0.id.rawValue, $0.name) })
        let count = try witness.read { catalog throws(ForkError) in try catalog.forkCount() }
        #expect(count == seen.count)
        print("failures: \(failures), acknowledged: \(acknowledged.count), seen: \(seen.count)")
    }
}
