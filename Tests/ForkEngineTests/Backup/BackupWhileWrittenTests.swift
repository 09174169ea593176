// SPDX-License-Identifier: Apache-2.0
// Backups of a real folder while threads append, make and drop forks: each is one moment of all forks.
import Foundation
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct BackupWhileWrittenTests {
    private final class Stop: Sendable {
        private let isAsked = Locked(false)
        private let running = DispatchGroup()

        var isRequested: Bool { isAsked.withLock { $0 } }

        func run(_ body: @escaping @Sendable () throws -> Void) {
            running.enter()
            Thread {
                do { try body() } catch { Issue.record(error) }
                self.running.leave()
            }.start()
        }

        func finish() {
            isAsked.withLock { $0 = true }
            running.wait()
        }
    }

    private func histories(_ store: Store) throws -> [String: (base: Int, lines: [String])] {
        var all: [String: (base: Int, lines: [String])] = [:]
        for fork in try store.list().forks {
            let view = try store.view(at: Point(.named(ForkName(fork.name))))
            all[fork.name] = (Int(fork.base.rawValue), try view.transcript())
        }
        return all
    }

    @Test func invariant4EachBackupIsOneMomentOfAllForks() throws {
        let world = try TemporaryStore()
        let scratch = NSTemporaryDirectory() + "forkctl-backups-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: scratch, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(atPath: scratch) } catch { print(error) }
        }
        let child = try ForkName("child")
        let mainWriter = try world.store.openWriter(.main)
        for number in 0..<20 { _ = try mainWriter.append(.numbered(number, stream: "m")) }
        _ = try world.store.create(NewFork(name: child))
        let childWriter = try world.reopen().openWriter(child)
        _ = try childWriter.append(.numbered(0, stream: "c"))
        let stop = Stop()
        for (writer, stream) in [(mainWriter, "m"), (childWriter, "c")] {
            stop.run {
                var number = 100
                while !stop.isRequested {
                    number += 1
                    _ = try writer.append(.numbered(number, stream: stream))
                    if number % 150 == 0 { try writer.flush() }
                }
            }
        }
        let makerStore = try world.reopen()
        let madeCount = Locked(0)
        stop.run {
            var number = 0
            while !stop.isRequested {
                let name = try ForkName("trial-\(number)")
                let origin = number % 2 == 0 ? ForkName.main : child
                _ = try makerStore.create(NewFork(name: name, from: Point(.named(origin))))
                let writer = try makerStore.openWriter(name)
                _ = try writer.append(.numbered(number, stream: "t"))
                try writer.close()
                if number >= 3 { try makerStore.drop(try ForkName("trial-\(number - 3)")) }
                number += 1
                madeCount.withLock { $0 = number }
            }
        }
        let folder = scratch + "/backup"
        let backer = try world.reopen()
        for round in 0..<3 {
            // Others did something in between.
            let start = madeCount.withLock { $0 }
            while madeCount.withLock({ $0 }) < start + 5 { Thread.sleep(forTimeInterval: 0.002) }
            let report = try backer.backUp(to: folder)
            let place = scratch + "/restored-\(round)"
            _ = try Store.restore(from: folder, at: place)
            let restored = try Store.open(at: place)
            let check = try restored.verify()
            #expect(check.damages == [] && check.unknownPaths == [])
            let held = try histories(restored)
            #expect(held.count == report.forkCount && held["child"] != nil)
            let main = try #require(held["main"]?.lines)
            let final = [
                "main": try world.reopen().view(at: Point(.named(.main))).transcript(),
                "child": try world.reopen().view(at: Point(.named(child))).transcript(),
            ]
            for (name, fork) in held {
                if let whole = final[name] {
                    #expect(whole.starts(with: fork.lines), "\(name) is no prefix of its source")
                }
                // What it inherited its parent shows, too: the parent's word was read no earlier.
                let parents = [main, held["child"]?.lines ?? []]
                let inherited = fork.lines.prefix(fork.base)
                #expect(parents.contains { $0.starts(with: inherited) }, "\(name)")
                if name.hasPrefix("trial-") { #expect(fork.lines.count <= fork.base + 1) }
            }
        }
        stop.finish()
        try mainWriter.close()
        try childWriter.close()
    }
}
