// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, model. Single bits of a store turned over (invariants 6 and 10): each is told as
// damage or lies in space that nothing uses; no byte that was not written is ever given out; forks that
// the damage does not touch are read as ever.
import ForkEngine
import SegmentStore

package final class FlipSweep {
    private let stage: CrashStage
    private let world: EngineWorld
    /// Every file whose bytes count, and where they end: what lies beyond is unused.
    private let files: [(path: String, byteCount: Int, usedByteCount: Int)]
    package let bitCount: Int
    /// Looked at by nobody: to show that the sweep can fail.
    package var isVerifyBlind = false

    package struct Report: Sendable {
        package var flipCount = 0
        /// Told as damage by verify, or by the opening.
        package var toldCount = 0
        package var unusedCount = 0
        /// Forks that were read wholly, though the store is damaged.
        package var readableForkCount = 0
    }

    /// A store of some 200 kB: a chain of three forks, flushed in part, with journals that wait.
    package init() throws {
        stage = try CrashStage(seed: 1)
        for (name, parent) in [("main", nil), ("child", "main"), ("other", "main")] {
            if let parent {
                try stage.create(name, from: parent, at: stage.head(of: parent) * 2 / 3)
            }
            for _ in 0..<3 {
                try stage.append(name, count: 50)
                try stage.flush(name)
            }
            try stage.append(name, count: 20)
            try stage.append(name, count: 5)
            try stage.close(name)
        }
        try stage.collect()
        stage.process.kill()
        world = stage.world.afterCrash(stage.world.disk.killImage(), isPowerCut: false)
        let ends = Self.journalEnds(world)
        files = world.disk.listing().split(separator: "\n").compactMap { line in
            let parts = line.split(separator: " ")
            guard parts.count == 2, let byteCount = Int(parts[1]), byteCount > 0 else { return nil }
            let path = String(parts[0])
            if path.hasPrefix(StoreLayout.journals + "/") {
                return (path, byteCount, min(byteCount, Int(ends[path] ?? 0)))
            }
            guard path.hasPrefix(StoreLayout.objects + "/") else { return nil }
            return (path, byteCount, byteCount)
        }
        bitCount = files.reduce(0) { $0 + $1.byteCount * 8 }
        // What is told of a flip must be because of it.
        let untouched = world.afterCrash(world.disk.killImage(), isPowerCut: false)
        try stage.onMachine(untouched) {
            try stage.boot()
            try stage.requireSound()
        }
    }

    /// Where the catalog says that each journal ends for ever.
    private static func journalEnds(_ world: EngineWorld) -> [String: UInt64] {
        var ends: [String: UInt64] = [:]
        for row in world.catalogDisk.committed.forks.values {
            for piece in row.snapshot.pieces {
                ends[piece.journal.path] = max(ends[piece.journal.path] ?? 0, piece.byteEnd)
            }
        }
        return ends
    }

    /// Turns over the bits with these numbers, one at a time. Neighbouring numbers lie far apart,
    /// and numbers below `bitCount` are all the bits there are.
    package func run(_ numbers: Range<Int>) throws -> Report {
        var report = Report()
        for number in numbers.clamped(to: 0..<bitCount) {
            let bit = Self.scattered(number, among: bitCount)
            let (file, offset) = place(of: bit / 8)
            do {
                try flip(
                    UInt8(bit % 8), of: file.path, at: offset, offset < file.usedByteCount, &report)
            } catch {
                throw ModelMismatch("bit \(bit % 8) of \(file.path) at \(offset): \(error)")
            }
        }
        return report
    }

    /// A permutation of the numbers below `count`.
    package static func scattered(_ number: Int, among count: Int) -> Int {
        var stride = count * 618 / 1_000 | 1
        while greatestCommonDivisor(stride, count) != 1 { stride += 2 }
        return number * stride % count
    }

    private static func greatestCommonDivisor(_ left: Int, _ right: Int) -> Int {
        right == 0 ? left : greatestCommonDivisor(right, left % right)
    }

    private func place(
        of byte: Int
    ) -> (file: (path: String, byteCount: Int, usedByteCount: Int), offset: Int) {
        var offset = byte
        for file in files {
            if offset < file.byteCount { return (file, offset) }
            offset -= file.byteCount
        }
        preconditionFailure("a bit beyond the last file")
    }

    private func flip(
        _ bit: UInt8, of path: String, at offset: Int, _ isUsed: Bool, _ report: inout Report
    ) throws {
        let machine = world.afterCrash(world.disk.killImage(), isPowerCut: false)
        try machine.disk.flipBit(bit, of: path, at: offset)
        try stage.onMachine(machine) {
            try stage.boot()
            let found = try stage.store.verify()
            let isTold = !found.isSound && !isVerifyBlind
            guard isTold || !isUsed else {
                throw ModelMismatch("it is in use, and verify says that all is well")
            }
            report.flipCount += 1
            report.toldCount += isTold ? 1 : 0
            report.unusedCount += isUsed ? 0 : 1
            let touched = Set(found.damages.flatMap(\.forks))
            for fork in stage.acknowledged.forks {
                if try isWhole(fork) {
                    report.readableForkCount += isTold ? 1 : 0
                } else if !touched.contains(fork.name) {
                    throw ModelMismatch(
                        "\(fork.name) cannot be read; touched are \(touched.sorted())")
                }
            }
        }
    }

    /// False where damage is told; throws where a reader is given what nobody wrote.
    private func isWhole(_ fork: ReferenceModel.Fork) throws -> Bool {
        do {
            let count = try stage.matchingCount(of: fork)
            if count == fork.head { return true }
            throw ModelMismatch("\(fork.name) has \(count) events, and damage is not told")
        } catch let error as ForkError where error.code == .damaged {
            return false
        }
    }
}
