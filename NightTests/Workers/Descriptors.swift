// SPDX-License-Identifier: Apache-2.0
// forknight: the few calls of the operating system that it makes itself.
import Glibc

enum SystemWait {
    static func sleep(milliseconds: Int) { usleep(UInt32(milliseconds) * 1_000) }
}

/// Whole reads and writes of descriptors.
enum Descriptors {
    /// Writes all of it; false where nobody reads any more.
    @discardableResult
    static func write(_ text: String, to descriptor: Int32) -> Bool {
        let bytes = Array(text.utf8)
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            done += count
        }
        return true
    }

    /// Appends what there is, at most 64 KiB; false at the end.
    static func read(_ descriptor: Int32, into bytes: inout [UInt8]) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 8) { buffer in
            while true {
                let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                bytes.append(contentsOf: buffer[..<count])
                return true
            }
        }
    }

    /// All of a file; nil where there is none.
    static func contents(of path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        while read(descriptor, into: &bytes) {}
        return bytes
    }
}

/// Lines that come in pieces.
struct LineBuffer {
    private var bytes: [UInt8] = []

    mutating func read(_ descriptor: Int32) -> Bool {
        Descriptors.read(descriptor, into: &bytes)
    }

    /// The next whole line, without its end.
    mutating func next() -> String? {
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        defer { bytes.removeFirst(end + 1) }
        return String(decoding: bytes[..<end], as: UTF8.self)
    }
}
