// SPDX-License-Identifier: Apache-2.0
// NightTests, the real machine. Small text files, whole.
import Glibc

enum TextFile {
    /// What a file holds; empty where it cannot be read.
    static func read(_ path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk.prefix(count)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func write(_ text: String, to path: String) throws(MachineFailure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw MachineFailure("\(path) cannot be made: \(errno)") }
        defer { close(descriptor) }
        try append(text, to: descriptor)
    }

    static func append(_ text: String, to descriptor: Int32) throws(MachineFailure) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw MachineFailure("a file cannot be written: \(errno)") }
            bytes = bytes.dropFirst(count)
        }
    }
}
