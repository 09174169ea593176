// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. `--data` and `--metadata`: a text, a file (@FILE) or -.
import ForkEngine
import SegmentStore

enum Payload {
    /// The bytes that `argument` stands for, at most as many as an event may have.
    static func bytes(
        of argument: String, option: String
    ) throws(CommandFailure) -> [UInt8] {
        let path: String
        if argument == "-" {
            path = argument
        } else if argument.utf8.first == UInt8(ascii: "@") {
            path = String(argument.dropFirst())
        } else {
            return Array(argument.utf8)
        }
        return try contents(of: InputSource(path), option: option)
    }

    /// As `bytes`, checked to be one JSON value; space around it is dropped, as in event lines.
    static func json(
        of argument: String, option: String, otherwise hint: String = ""
    ) throws(CommandFailure) -> [UInt8] {
        let all = try bytes(of: argument, option: option)
        let start = all.firstIndex { !isSpace($0) } ?? all.endIndex
        let end = all.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? start
        let value = Array(all[start..<end])
        do throws(TextError) {
            try value.span.withUnsafeBytes { (bytes) throws(TextError) in
                try JSONCursor.checkValue(bytes)
            }
        } catch {
            throw .usage("\(option) is no JSON: \(error.shifted(by: start))\(hint)")
        }
        return value
    }

    private static func contents(
        of source: InputSource, option: String
    ) throws(CommandFailure) -> [UInt8] {
        var result: [UInt8] = []
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
        defer { buffer.deallocate() }
        while case let count = try source.read(into: buffer), count > 0 {
            result.append(contentsOf: buffer.prefix(count))
            guard result.count <= EventLimits.eventByteCount + buffer.count else {
                throw CommandFailure(
                    .badInput,
                    "\(option) has more than \(EventLimits.eventByteCount) bytes, which is what an"
                        + " event may have")
            }
        }
        return result
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09
    }
}
