// SPDX-License-Identifier: Apache-2.0
// NightTests, the real machine. One call of one command that fails, and which of them there are.

/// What is done to a call.
enum InjectedFault: String, CaseIterable, Sendable {
    case inputOutput = "error=EIO"
    case noSpace = "error=ENOSPC"
    case interrupted = "error=EINTR"
    case noMemory = "error=ENOMEM"
    case noLocks = "error=ENOLCK"
    case kill = "signal=KILL"
    /// Stops the process for as long as others work: no fault, and so at none of the calls below.
    case stop = "signal=STOP"

    /// The faults with which the kernel may answer a call.
    static func possible(for call: String) -> [InjectedFault] {
        switch call {
        case "openat": [.inputOutput, .noSpace, .interrupted, .noMemory, .kill]
        case "pwrite64", "pwritev", "write": [.inputOutput, .noSpace, .interrupted, .kill]
        case "fdatasync", "fsync", "syncfs": [.inputOutput, .noSpace, .interrupted, .kill]
        case "linkat", "renameat2", "mkdirat", "mkdir", "ftruncate", "unlinkat", "unlink":
            [.inputOutput, .noSpace, .kill]
        case "fallocate": [.inputOutput, .noSpace, .interrupted, .kill]
        case "pread64", "read": [.inputOutput, .interrupted]
        case "mmap": [.noMemory]
        case "fcntl": [.noLocks, .interrupted, .kill]
        default: [.inputOutput]
        }
    }
}

/// The `occurrence`-th `call` of a command, counted in its thread, and what is done to it.
struct InjectionCase: CustomStringConvertible, Sendable {
    let command: InjectionCommand
    let call: String
    let occurrence: Int
    let fault: InjectedFault

    var inject: String { "inject=\(call):\(fault.rawValue):when=\(occurrence)" }
    var description: String { "\(command.name): strace -e \(inject)" }

    static let calls = [
        "openat", "pwrite64", "pwritev", "write", "fdatasync", "fsync", "syncfs", "linkat",
        "renameat2", "mkdirat", "mkdir", "ftruncate", "unlinkat", "unlink", "fallocate", "pread64",
        "read", "mmap", "fcntl", "newfstatat", "fstat", "getdents64", "fstatfs", "lseek",
    ]

    /// The cases of a command, from a trace of it by `strace -f -y`: each call that names a file
    /// of the store, whose folder is `store`.
    static func cases(
        of command: InjectionCommand, trace: String, store: String
    ) -> [InjectionCase] {
        var counts: [String: Int] = [:]
        var seen: Set<String> = []
        var cases: [InjectionCase] = []
        for line in trace.split(separator: "\n") {
            // "1234  pwrite64(5</dev/shm/…/catalog-wal>, …" ; other lines tell of signals and ends.
            guard let space = line.firstIndex(of: " ") else { continue }
            let process = line[..<space]
            let text = line[space...].drop { $0 == " " }
            guard let end = text.firstIndex(of: "("),
                let call = calls.first(where: { $0 == text[..<end] })
            else { continue }
            let occurrence = counts["\(process) \(call)", default: 0] + 1
            counts["\(process) \(call)"] = occurrence
            guard line.contains(store), seen.insert("\(call) \(occurrence)").inserted else {
                continue
            }
            for fault in InjectedFault.possible(for: call) {
                cases.append(
                    InjectionCase(
                        command: command, call: call, occurrence: occurrence, fault: fault))
            }
        }
        return cases
    }
}
