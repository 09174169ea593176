// SPDX-License-Identifier: Apache-2.0
// The drawing in a Format file and the one in its page of docs/format/ are the same, line by line.
import Glibc
import Testing

enum FormatDrawing {
    /// Compares `Sources/SegmentStore/<source>` with `docs/format/<page>`.
    static func expectEqual(source: String, page: String) throws {
        let drawn = try lines(of: "Sources/SegmentStore/" + source)
        let begin = try #require(drawn.firstIndex { $0.hasPrefix("// DRAWING") })
        let end = try #require(drawn.firstIndex { $0.hasPrefix("// END DRAWING") })
        let drawing = drawn[(begin + 1)..<end].map { line in
            String(line.dropFirst(2).first == " " ? line.dropFirst(3) : line.dropFirst(2))
        }
        let documented = try lines(of: "docs/format/" + page)
        let blocks = documented.split(separator: "```", omittingEmptySubsequences: false)
        #expect(drawing.count > 5)
        #expect(
            blocks.contains { Array($0) == drawing },
            "docs/format/\(page) carries another drawing than \(source)")
    }

    private static func lines(of path: String) throws -> [String] {
        // This file is Tests/SegmentStoreTests/FormatDrawing.swift.
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let file = try #require(fopen("/\(root)/\(path)", "r"), "cannot open \(path)")
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { break }
            bytes.append(contentsOf: buffer[..<count])
        }
        return String(decoding: bytes, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
}
