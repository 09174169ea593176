// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. Standard output, buffered; the only place that writes to it.
import ForkEngine
import Glibc

/// Where a command's data goes. Writers append to `buffer` and call `flushIfLarge` between items,
/// so that memory stays bounded and `write` is called once in 64 KiB.
final class StandardOutput {
    private static let flushByteCount = 64 << 10

    var buffer = ByteBuffer(capacity: flushByteCount + (16 << 10))
    private let descriptor: Int32

    init(descriptor: Int32 = STDOUT_FILENO) { self.descriptor = descriptor }

    /// Appends a line, and a line feed after it.
    func print(_ line: String) {
        buffer.append(text: line)
        buffer.append(UInt8(ascii: "\n"))
    }

    func flushIfLarge() throws(CommandFailure) {
        if buffer.count >= Self.flushByteCount { try flush() }
    }

    /// Writes what is buffered. Throws `CommandFailure.closedPipe` where the reader went away.
    func flush() throws(CommandFailure) {
        var rest = buffer.bytes
        while rest.count > 0 {
            let written = write(descriptor, rest.baseAddress, rest.count)
            if written < 0 {
                let code = errno
                if code == EINTR { continue }
                if code == EAGAIN {
                    waitUntilWritable()
                    continue
                }
                buffer.removeAll()
                if code == EPIPE { throw .closedPipe }
                let fault = String(cString: strerror(code))
                throw CommandFailure(
                    code == ENOSPC || code == EDQUOT ? .noSpace : .other,
                    "standard output cannot be written: \(fault)", outputFault: fault)
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
        buffer.removeAll()
    }

    /// Forgets what is buffered.
    func discard() { buffer.removeAll() }

    /// A terminal or pipe that another process set to not block.
    private func waitUntilWritable() {
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&request, 1, 1_000)
    }
}
