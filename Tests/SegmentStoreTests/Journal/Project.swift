// SPDX-License-Identifier: Apache-2.0
// The project's own files, for tests that hold documents and fixtures to the code.
import SegmentStore

enum Project {
    /// All bytes of a file, by its path from the project's folder.
    static func read(_ path: String) throws -> [UInt8] {
        var folder = Substring(#filePath)
        while let slash = folder.lastIndex(of: "/"), !folder.hasSuffix("/Tests") {
            folder = folder[..<slash]
        }
        let system = try RealFileSystem(path: String(folder) + "/..")
        let file = try system.open(path, for: .read)
        let bytes = FrameBuffer(byteCount: Int(try file.byteCount()))
        defer { extendLifetime(bytes) }
        let count = try file.read(
            into: UnsafeMutableRawBufferPointer(start: bytes.base, count: bytes.byteCount), at: 0)
        return Array(bytes.bytes.prefix(count))
    }
}
