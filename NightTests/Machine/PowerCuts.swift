// SPDX-License-Identifier: Apache-2.0
// NightTests, the real machine. A disk that loses its power again and again under a writer, each time
// at a random moment of its work.
import ForkTesting
import Glibc

/// Cuts of one disk, in a mount name space of their own.
struct PowerCuts {
    let kind: CutKind
    let cutCount: Int
    let seed: UInt64
    /// Syncs answer and do nothing, as on a disk that lies: then something must be lost.
    let areSyncsDropped: Bool

    /// How a run fails where something that was acknowledged is not there.
    static let lossMark = "exited(\(CutWriter.lostStatus))"

    /// Acknowledged changes: those that count, and those that nobody would have heard.
    typealias Answers = (promised: Int, afterCut: Int)

    /// Runs them in a process of its own.
    func run() throws(MachineFailure) -> Answers {
        let numbers = try MachineRole.runMounting(
            [
                "machine-cuts", kind.rawValue, "\(cutCount)", "\(seed)",
                areSyncsDropped ? "dropped" : "kept",
            ], in: MachineFolder(), name: "\(kind), seed \(seed)", numberCount: 2)
        return (numbers[0], numbers[1])
    }

    /// As a process: `machine-cuts KIND COUNT SEED kept|dropped`.
    static func main(_ arguments: [String]) -> Int32 {
        guard arguments.count == 4, let kind = CutKind(rawValue: arguments[0]),
            let count = Int(arguments[1]), let seed = UInt64(arguments[2])
        else { return 64 }
        let cuts = PowerCuts(
            kind: kind, cutCount: count, seed: seed, areSyncsDropped: arguments[3] == "dropped")
        return MachineRole.tell { () throws(MachineFailure) in try cuts.play() }
    }

    private func play() throws(MachineFailure) -> [Int] {
        var random = SeededGenerator(seed: seed)
        let folder = try MachineFolder()
        defer { withExtendedLifetime(folder) {} }
        let disk = try CutDisk(kind, in: folder)
        let ledger = "\(folder.path)/ledger"
        // One more writer than cuts: the last one only judges.
        for cut in 0...cutCount {
            let writer = try start(disk, ledger, folder, cut: cut)
            let before = Self.acknowledgements(ledger)
            let pause = UInt32.random(in: 0..<40_000, using: &random)
            do throws(MachineFailure) {
                // Once it has judged and works again; the very first may be cut in its init, but not
                // under strace, which leaves a stopped process if it is killed before its program runs.
                if cut > 0 || areSyncsDropped || pause % 2 == 0 {
                    try Self.wait(writer, ledger, moreThan: before)
                }
                MachineClock.sleep(microseconds: pause)
                if let outcome = writer.poll() { throw Self.ended(outcome) }
            } catch {
                writer.kill()
                throw MachineFailure("cut \(cut): \(error)")
            }
            try Ledger.tellCut(at: try cutPower(of: disk, writer), in: ledger)
        }
        let answers = try Ledger(ledger)
        return [answers.promiseCount, answers.lateCount]
    }

    /// How many there are in a ledger.
    static func acknowledgements(_ ledger: String) -> Int {
        TextFile.read(ledger).utf8.count { $0 == UInt8(ascii: "!") }
    }

    /// Returns the moment just before the cut: what was answered by then is kept.
    private func cutPower(
        of disk: CutDisk, _ writer: RunningProgram
    ) throws(MachineFailure) -> UInt64 {
        let instant = MachineClock.now()
        if disk.kind == .btrfs {
            writer.kill(SIGSTOP)
            try disk.copy()
        } else {
            try disk.cut()
        }
        writer.kill()
        _ = try writer.wait()
        try disk.unmount()
        if disk.kind == .btrfs { try disk.replaceByCopy() }
        try disk.mount()
        return instant
    }

    private static func ended(_ outcome: ProgramOutcome) -> MachineFailure {
        MachineFailure("the writer ended, \(outcome.ending): \(outcome.error)")
    }

    static func wait(
        _ writer: RunningProgram, _ ledger: String, moreThan count: Int
    ) throws(MachineFailure) {
        while Self.acknowledgements(ledger) <= count {
            if let outcome = writer.poll() { throw ended(outcome) }
            guard writer.seconds < RunningProgram.secondsMax else {
                throw MachineFailure("the writer does nothing")
            }
            MachineClock.sleep(microseconds: 500)
        }
    }

    private func start(
        _ disk: CutDisk, _ ledger: String, _ folder: MachineFolder, cut: Int
    ) throws(MachineFailure) -> RunningProgram {
        let writer = [
            Program.own, "machine-writer", "\(disk.mountPoint)/store", ledger,
            "\(seed &* 1_000 &+ UInt64(cut))", "1",
        ]
        let strace = [
            "/usr/bin/strace", "-f", "-o", "/dev/null", "-e", "trace=fdatasync,fsync,syncfs", "-e",
            "inject=fdatasync,fsync,syncfs:retval=0",
        ]
        return try Program(
            arguments: areSyncsDropped ? strace + writer : writer, folder: folder.path
        ).start()
    }
}
