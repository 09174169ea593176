// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, words. Every failure below the engine is one of these.

/// What a floor of the segment store reports: a failed call, or damage.
public enum StorageError: Error, Hashable, Sendable {
    /// A call to the file system failed.
    case fileSystem(FileSystemFailure)
    /// Bytes on disk are not what was written, or are absent.
    case damaged(Damage)
    /// A file of a newer format version than this build reads.
    case newerFormat(path: String, version: UInt32, supported: UInt32)
    /// A caller gave more than a documented limit allows.
    case limit(what: String, limit: Int, actual: Int)
    /// A journal refuses work since an earlier sync failed (design rule 3).
    case poisoned(path: String)

    /// A failed system call: what was tried, on what, and the system's number for why.
    public struct FileSystemFailure: Hashable, Sendable {
        public let operation: String
        public let path: String
        public let code: Int32

        public init(operation: String, path: String, code: Int32) {
            self.operation = operation
            self.path = path
            self.code = code
        }
    }

    /// One damaged thing, named so that an operator can find it.
    public struct Damage: Hashable, Sendable {
        /// The file, relative to the store's folder.
        public let path: String
        /// Where in the file, in bytes; nil where the file as a whole is meant.
        public let offset: UInt64?
        /// What is wrong: "checksum of page 7 does not match".
        public let reason: String

        public init(path: String, offset: UInt64?, reason: String) {
            self.path = path
            self.offset = offset
            self.reason = reason
        }
    }
}

extension StorageError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .fileSystem(let failure):
            "\(failure.operation) of"
                + " \(failure.path.isEmpty ? "a temporary file" : failure.path) failed:"
                + " \(failure.reason)"
        case .damaged(let damage):
            "\(damage.path) is damaged"
                + (damage.offset.map { " at byte \($0)" } ?? "") + ": \(damage.reason)"
        case .newerFormat(let path, let version, let supported):
            "\(path) has format version \(version), and this build reads up to \(supported):"
                + " use a newer forkctl"
        case .limit(let what, let limit, let actual):
            "\(what) is \(actual), and the limit is \(limit)"
        case .poisoned(let path):
            "\(path) takes no more writes since a sync of it failed: open the fork again"
        }
    }
}
