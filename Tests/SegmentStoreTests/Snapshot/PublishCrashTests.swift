// SPDX-License-Identifier: Apache-2.0
import ForkTesting
import Glibc
import Testing

@testable import SegmentStore

/// Strikes at one call after it was added.
private final class CountedFault: Sendable {
    private let remaining: Locked<Int>

    init(call: Int) { remaining = Locked(call + 1) }

    var hasStruck: Bool { remaining.withLock { $0 <= 0 } }

    func strikes() -> Bool {
        remaining.withLock {
            $0 -= 1
            return $0 == 0
        }
    }
}

/// A root is told to nobody before all that it reaches is durable; whatever goes wrong before that
/// leaves the roots that were told as they are (invariants 1, 5 and 8).
@Suite("Publishing, cut short")
struct PublishCrashTests {
    /// What has been told so far.
    private final class Told {
        var roots: [ManifestRoot] = []
    }

    private static func makeStore(_ fileSystem: any FileSystem) -> SegmentStore {
        SegmentStore(
            objects: ObjectStore(
                backend: FileObjectBackend(fileSystem: fileSystem),
                cache: PageCache(byteCountMax: 1 << 20, shardCount: 1)))
    }

    /// Three flushes of a parent, then one of a child at a past point: merged, coalesced, trimmed.
    private static func script(_ fileSystem: any FileSystem, _ told: Told) throws {
        var random = SeededGenerator(seed: 31)
        let store = makeStore(fileSystem)
        var line = PlainLine(overlay: OverlayID(1))
        for count in [6, 2, 3] {
            line.append(count, streams: 5, &random)
            told.roots += try line.flush(in: store).map(\.root)
        }
        var child = line.fork(at: 7, overlay: OverlayID(2))
        child.append(2, streams: 5, &random)
        told.roots += try child.flush(in: store).map(\.root)
    }

    private static func expectWhole(_ roots: [ManifestRoot], on fileSystem: any FileSystem) throws {
        let store = makeStore(fileSystem)
        var verification = Verification()
        for root in roots {
            let isWhole = try store.verify(root, &verification)
            if !isWhole, let damage = verification.damages.values.first { throw damage }
            #expect(isWhole)
        }
        _ = try store.mark(Set(roots))
    }

    @Test("invariant 1: a crash or kill at any call leaves every root that was told whole")
    func crashes() throws {
        var explorer = CrashExplorer()
        explorer.statesPerPoint = 4
        let told = Told()
        let report = try explorer.explore(
            script: { fileSystem in
                try Self.makeFolders(fileSystem)
                try Self.script(fileSystem, told)
            },
            check: { fileSystem in try Self.expectWhole(told.roots, on: fileSystem) })
        #expect(told.roots.count == 4)
        #expect(report.states > 300)
    }

    @Test(
        "invariant 8: any call that fails leaves the old root whole, and publishing again works",
        arguments: [EIO, ENOSPC])
    func faults(code: Int32) throws {
        var call = 0
        var isStruck = true
        while isStruck {
            let disk = SimulatedDisk()
            let fileSystem = disk.makeProcess()
            try Self.makeFolders(fileSystem)
            var random = SeededGenerator(seed: 32)
            var line = PlainLine(overlay: OverlayID(1))
            line.append(6, streams: 5, &random)
            _ = try line.flush(in: Self.makeStore(fileSystem))
            line.append(3, streams: 5, &random)
            let old = try #require(line.root)
            // Merges with the older run, so that it reads as well as writes.
            let expected = try line.publish(6..<9, in: Self.makeStore(fileSystem)).root

            let again = SimulatedDisk()
            let files = again.makeProcess()
            try Self.makeFolders(files)
            var first = line
            first.root = nil
            first.flushedCount = 0
            first.root = try first.publish(0..<6, in: Self.makeStore(files)).root
            #expect(first.root == old, "a root depends on what it was made from alone")
            let fault = CountedFault(call: call)
            again.add(Fault(.fail(code: code)) { _, _ in fault.strikes() })
            do {
                let root = try first.publish(6..<9, in: Self.makeStore(files)).root
                #expect(root == expected)
                isStruck = fault.hasStruck
            } catch {
                #expect((error as? StorageError)?.errno == code)
            }
            again.removeFaults()
            try Self.expectWhole([old], on: files)
            #expect(try first.publish(6..<9, in: Self.makeStore(files)).root == expected)
            try Self.expectWhole([old, expected], on: files)
            call += 1
        }
        #expect(call > 20)
    }

    private static func makeFolders(_ fileSystem: any FileSystem) throws {
        try FileObjectBackend.makeFolders(in: fileSystem)
        try fileSystem.syncFolder(".")
    }
}
