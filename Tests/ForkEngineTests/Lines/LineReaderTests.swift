// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import ForkEngine

@Suite("Lines of an input")
struct LineReaderTests {
    private enum Read: Equatable {
        case line(UInt64, offset: UInt64, String)
        case tooLong(UInt64, UInt64)
    }

    /// Reads `input`, which arrives in pieces of at most `piece` bytes.
    private func read(_ input: [UInt8], piece: Int, limit: Int = 1 << 20) -> [Read] {
        var offset = 0
        var reader = LineReader<Never>(byteCountMax: limit) { buffer in
            let count = min(piece, buffer.count, input.count - offset)
            buffer.copyBytes(from: input[offset..<offset + count])
            offset += count
            return count
        }
        var result: [Read] = []
        while let line = reader.next() {
            switch line {
            case .bytes(let bytes):
                result.append(
                    .line(
                        reader.lineNumber, offset: reader.lineOffset,
                        String(decoding: bytes, as: UTF8.self)))
            case .tooLong(let byteCount): result.append(.tooLong(reader.lineNumber, byteCount))
            }
        }
        #expect(reader.byteCount == UInt64(input.count))
        return result
    }

    @Test("blank lines, carriage returns, a byte-order mark and a missing last line feed")
    func lines() {
        let input = Array("\u{feff}one\r\n\n  \t\r\ntwo\n\u{feff}x\nlast".utf8)
        for piece in [1, 2, 3, 1_000] {
            #expect(
                read(input, piece: piece) == [
                    .line(1, offset: 0, "one"), .line(4, offset: 14, "two"),
                    .line(5, offset: 18, "\u{feff}x"), .line(6, offset: 23, "last"),
                ])
        }
        #expect(read([], piece: 1) == [])
        #expect(read(Array("\n\n".utf8), piece: 1) == [])
        #expect(read(Array("\u{feff}".utf8), piece: 1) == [])
    }

    @Test("a line at the limit is read, one beyond is passed over, and reading goes on")
    func limit() {
        for limit in [1, 2, 7, 16, 40] {
            let fits = String(repeating: "a", count: limit)
            for piece in [1, 5, 1_000] {
                for lineBreak in ["\n", "\r\n"] {
                    let input = [fits, fits + "b", fits + fits + fits, "c", fits].joined(
                        separator: lineBreak)
                    let read = read(Array(input.utf8), piece: piece, limit: limit)
                    #expect(read.count == 5)
                    for (index, line) in read.enumerated() {
                        switch (index, line) {
                        case (0, .line(1, _, fits)), (4, .line(5, _, fits)), (3, .line(4, _, "c")),
                            (1, .tooLong(2, _)), (2, .tooLong(3, _)):
                            break
                        default: Issue.record("line \(index) is \(line)")
                        }
                    }
                }
            }
        }
    }

    @Test("a failure of the source ends the reading with that failure")
    func failure() {
        struct Broken: Error {}
        var calls = 0
        var reader = LineReader<Broken> { (buffer) throws(Broken) in
            calls += 1
            if calls == 2 { throw Broken() }
            buffer.copyBytes(from: Array("a\nb".utf8))
            return 3
        }
        #expect(throws: Never.self) { _ = try reader.next() }
        #expect(throws: Broken.self) { _ = try reader.next() }
    }
}
