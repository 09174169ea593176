// SPDX-License-Identifier: Apache-2.0
// What the conformance suite runs over: each disk must answer the same.
import ForkTesting
import SegmentStore

enum Disk: CaseIterable, Sendable, CustomStringConvertible {
    case real
    case simulated
    case counted

    var description: String {
        switch self {
        case .real: "real"
        case .simulated: "simulated"
        case .counted: "counted"
        }
    }

    /// Runs `body` on a new empty file system.
    func run(_ body: (any FileSystem) throws -> Void) throws {
        switch self {
        case .real:
            let folder = try TemporaryFolder()
            try body(folder.fileSystem)
        case .simulated:
            try body(SimulatedDisk().makeProcess())
        case .counted:
            try body(CountingFileSystem(SimulatedDisk().makeProcess()))
        }
    }
}

/// The errno that `body` fails with; nil where it succeeds or fails otherwise.
func errno(of body: () throws -> Void) -> Int32? {
    do {
        try body()
        return nil
    } catch {
        return (error as? StorageError)?.errno
    }
}

extension File {
    func write(_ bytes: [UInt8], at offset: UInt64) throws {
        try bytes.withUnsafeBytes { try write($0, at: offset) }
    }

    /// At most `count` bytes from `offset`.
    func bytes(at offset: UInt64 = 0, count: Int = 1 << 16) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = try read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
        }
    }
}
