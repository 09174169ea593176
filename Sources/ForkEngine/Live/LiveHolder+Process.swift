// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, live writers. Who this process is, for others' messages.
import Glibc

extension LiveHolder {
    /// This process: its id, its start in clock ticks since boot, and its command's name.
    static func thisProcess() -> LiveHolder {
        LiveHolder(
            process: getpid(), processStart: startTicks(),
            command: CommandLine.arguments.first.map(lastPart) ?? "")
    }

    private static func lastPart(_ path: String) -> String {
        String(path.split(separator: "/").last ?? "")
    }

    /// Field 22 of /proc/self/stat; 0 where it cannot be read: the number only informs.
    private static func startTicks() -> UInt64 {
        let descriptor = Glibc.open("/proc/self/stat", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return 0 }
        defer { Glibc.close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return 0 }
        // The command, field 2, is in parentheses and may hold anything.
        let text = String(decoding: bytes.prefix(count), as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return 0 }
        let fields = text[end...].split(separator: " ")
        return fields.count > 20 ? UInt64(fields[20]) ?? 0 : 0
    }
}
