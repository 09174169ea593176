// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. What a command reads: a file, or standard input for `-`.
import Glibc

/// Bytes from a file or from standard input, with one refusal: what is compressed.
final class InputSource {
    /// As messages call it.
    let name: String
    /// Nil where it is not known beforehand.
    let byteCount: UInt64?
    private let descriptor: Int32
    private var isAtStart = true

    /// `path`, or standard input where it is `-`.
    init(_ path: String) throws(CommandFailure) {
        let isStandardInput = path == "-"
        name = isStandardInput ? "standard input" : path
        descriptor = isStandardInput ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure(opening: path, errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.failure(opening: path, errno) }
        if status.st_mode & S_IFMT == S_IFDIR {
            throw .usage("\(path) is a folder: name a file, or - for standard input")
        }
        byteCount =
            status.st_mode & S_IFMT == S_IFREG ? UInt64(exactly: status.st_size) : nil
    }

    deinit {
        if descriptor != STDIN_FILENO { close(descriptor) }
    }

    /// Fills `buffer` from its start; 0 at the end of the input, or where an interruption was
    /// asked for.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(CommandFailure) -> Int {
        while true {
            if Interruption.isRequested { return 0 }
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count < 0 {
                let code = errno
                if code == EINTR { continue }
                throw CommandFailure(
                    .other, "\(name) cannot be read: \(String(cString: strerror(code)))")
            }
            if isAtStart {
                isAtStart = false
                try refuseCompressed(UnsafeRawBufferPointer(rebasing: buffer.prefix(count)))
            }
            return count
        }
    }

    private func refuseCompressed(
        _ start: UnsafeRawBufferPointer
    ) throws(CommandFailure) {
        guard start.starts(with: [0x1f, 0x8b]) else { return }
        let file = name == "standard input" ? "FILE" : name
        throw .usage(
            "\(name) is compressed with gzip: unpack it on the way, as in"
                + " 'zcat \(file) | forkctl import -'")
    }

    private static func failure(opening path: String, _ code: Int32) -> CommandFailure {
        let status: ExitStatus = code == ENOENT ? .notFound : code == EACCES ? .denied : .other
        return CommandFailure(
            status, "\(path) cannot be opened: \(String(cString: strerror(code)))")
    }
}
