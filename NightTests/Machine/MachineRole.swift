// SPDX-License-Identifier: Apache-2.0
// NightTests, the real machine. This program in the role of one of its own child processes.

import Glibc

enum MachineRole {
    /// Tells on standard error why a role ends.
    static func complain(_ text: String) {
        // Where it cannot be told the exit status still says that it failed.
        _ = "\(text)\n".withCString { write(2, $0, strlen($0)) }
    }

    /// Prints the numbers that a role comes to; returns its exit status.
    static func tell(_ body: () throws(MachineFailure) -> [Int]) -> Int32 {
        do throws(MachineFailure) {
            print(try body().map { "\($0)" }.joined(separator: " "))
            return 0
        } catch {
            complain("\(error)")
            return 1
        }
    }

    /// Runs a role in a process with mounts of its own, which go with it however it ends; returns
    /// the numbers that it printed.
    static func runMounting(
        _ arguments: [String], in folder: MachineFolder, name: String, numberCount: Int
    ) throws(MachineFailure) -> [Int] {
        guard let unshare = Program.find("unshare") else {
            throw MachineFailure("unshare is missing: apt-get install util-linux")
        }
        let outcome = try Program(
            arguments: [unshare, "-m", "--propagation", "private", Program.own] + arguments,
            folder: folder.path
        ).run()
        let numbers = outcome.output.split { $0 == " " || $0 == "\n" }.compactMap { Int($0) }
        guard outcome.ending == .exited(0), numbers.count == numberCount else {
            throw MachineFailure("\(name): \(outcome.error)")
        }
        return numbers
    }

    /// Plays the role that the arguments name and returns its exit status; nil where they name none.
    static func play(_ arguments: [String]) -> Int32? {
        switch arguments.first {
        case "machine-cuts": PowerCuts.main(Array(arguments.dropFirst()))
        case "machine-writer": CutWriter.main(Array(arguments.dropFirst()))
        case "machine-memory": MemoryTask.main(Array(arguments.dropFirst()))
        case "machine-full": FailingSyncs.main(Array(arguments.dropFirst()))
        default: nil
        }
    }
}
