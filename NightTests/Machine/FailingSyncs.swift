// SPDX-License-Identifier: Apache-2.0
// NightTests, the real machine. Syncs that really fail: a disk in an image that cannot grow. A sync
// answers ENOSPC, then EIO, then that all is well, and the data is gone.
import ForkTesting
import Glibc

/// One disk whose syncs begin to fail, in a mount name space of its own.
struct FailingSyncs {
    let seed: UInt64

    /// What is missing here, in a line.
    static let missing: String? =
        CutKind.ext4.missing
        ?? (Program.find("e2fsck") == nil ? "e2fsck is missing: apt-get install e2fsprogs" : nil)

    private static let smallMegabytes = 24
    private static let imageMegabytes = 200
    /// How often the writer fails before it gives up.
    private static let failureCount = 12

    /// Runs it in a process of its own; returns how often the writer saw a call fail.
    func run() throws(MachineFailure) -> Int {
        let folder = try MachineFolder()
        defer { withExtendedLifetime(folder) {} }
        return try MachineRole.runMounting(
            ["machine-full", "\(seed)"], in: folder, name: "failing syncs, seed \(seed)",
            numberCount: 1)[0]
    }

    /// As a process: `machine-full SEED`.
    static func main(_ arguments: [String]) -> Int32 {
        guard arguments.count == 1, let seed = UInt64(arguments[0]) else { return 64 }
        return MachineRole.tell { () throws(MachineFailure) in
            [try FailingSyncs(seed: seed).play()]
        }
    }

    private func play() throws(MachineFailure) -> Int {
        var random = SeededGenerator(seed: seed)
        let folder = try MachineFolder()
        defer { withExtendedLifetime(folder) {} }
        let small = try folder.folder("small")
        guard mount("tmpfs", small, "tmpfs", 0, "size=\(Self.smallMegabytes)m") == 0 else {
            throw MachineFailure("no tmpfs: \(LoopDevice.lastError)")
        }
        defer { umount2(small, Int32(MNT_DETACH)) }
        let disk = try CutDisk(
            .ext4, in: folder, megabytes: Self.imageMegabytes, place: small,
            options: ["-b", "\(CutDisk.blockByteCount)", "-J", "size=4"])
        let ledger = "\(folder.path)/ledger"
        let writer = try start(disk, ledger, folder, failures: Self.failureCount)
        try PowerCuts.wait(writer, ledger, moreThan: Int.random(in: 3..<40, using: &random))
        try CutDisk.tool("sync", ["-f", disk.mountPoint], folder)
        try fill("\(small)/filler")
        let outcome = try writer.wait()
        guard outcome.ending == .exited(CutWriter.stoppedStatus) else {
            throw MachineFailure("the writer ended, \(outcome.ending): \(outcome.error)")
        }
        let failureCount = outcome.error.split(separator: "\n").count
        unlink("\(small)/filler")
        try disk.unmount()
        try disk.mend()
        try disk.mount()
        // It judges before it goes on.
        let judge = try start(disk, ledger, folder, failures: 1)
        do throws(MachineFailure) {
            try PowerCuts.wait(
                judge, ledger, moreThan: PowerCuts.acknowledgements(ledger) + 5)
        } catch {
            throw MachineFailure("\(error); the first writer met \(outcome.error)")
        }
        judge.kill()
        _ = try judge.wait()
        try disk.unmount()
        return failureCount
    }

    private func start(
        _ disk: CutDisk, _ ledger: String, _ folder: MachineFolder, failures: Int
    ) throws(MachineFailure) -> RunningProgram {
        try Program(
            arguments: [
                Program.own, "machine-writer", "\(disk.mountPoint)/store", ledger, "\(seed)",
                "\(failures)",
            ], folder: folder.path
        ).start()
    }

    /// Takes all the room that is left.
    private func fill(_ path: String) throws(MachineFailure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw MachineFailure("\(path): \(LoopDevice.lastError)") }
        defer { close(descriptor) }
        let bytes = [UInt8](repeating: 1, count: 4_096)
        while write(descriptor, bytes, bytes.count) > 0 {}
    }
}
