// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting. A file system in front of another that counts and writes down every call,
// before it is made and whether or not it then fails.
package import SegmentStore

package final class CountingFileSystem: FileSystem {
    private let base: any FileSystem
    private let recorder = CallRecorder()

    package init(_ base: any FileSystem) { self.base = base }

    package var counts: CallCounts { recorder.record.withLock { $0.counts } }

    /// Runs `body` and returns the calls it made, one a line: golden files hold them.
    package func transcript(of body: () throws -> Void) rethrows -> String {
        recorder.record.withLock { $0.keepsCalls = true }
        defer { recorder.record.withLock { $0.keepsCalls = false } }
        try body()
        return recorder.record.withLock { $0.takeTranscript() }
    }

    package func open(_ path: String, for access: FileAccess) throws(StorageError) -> any File {
        recorder.add(.open(path: path, access: access))
        return CountingFile(try base.open(path, for: access), recorder)
    }

    package func create(_ path: String) throws(StorageError) -> any File {
        recorder.add(.create(path: path))
        return CountingFile(try base.create(path), recorder)
    }

    package func createTemporary(in folder: String) throws(StorageError) -> any File {
        recorder.add(.createTemporary(folder: folder))
        return CountingFile(try base.createTemporary(in: folder), recorder)
    }

    package func link(_ file: any File, at path: String) throws(StorageError) {
        guard let file = file as? CountingFile else {
            preconditionFailure("a file of another file system")
        }
        recorder.add(.link(path: path))
        try base.link(file.base, at: path)
    }

    package func rename(
        _ path: String, to newPath: String, replacing: Bool
    ) throws(StorageError) {
        recorder.add(.rename(path: path, newPath: newPath, replacing: replacing))
        try base.rename(path, to: newPath, replacing: replacing)
    }

    package func remove(_ path: String) throws(StorageError) {
        recorder.add(.remove(path: path))
        try base.remove(path)
    }

    package func createFolder(_ path: String) throws(StorageError) {
        recorder.add(.createFolder(path: path))
        try base.createFolder(path)
    }

    package func removeFolder(_ path: String) throws(StorageError) {
        recorder.add(.removeFolder(path: path))
        try base.removeFolder(path)
    }

    package func list(_ folder: String) throws(StorageError) -> [String] {
        recorder.add(.list(folder: folder))
        return try base.list(folder)
    }

    package func status(_ path: String) throws(StorageError) -> FileStatus? {
        recorder.add(.status(path: path))
        return try base.status(path)
    }

    package func syncFolder(_ path: String) throws(StorageError) {
        recorder.add(.syncFolder(path: path))
        try base.syncFolder(path)
    }

    /// Words are handed through uncounted: they cost no call to the system.
    package func map(_ path: String, wordCount: Int) throws(StorageError) -> any SharedWords {
        recorder.add(.map(path: path, wordCount: wordCount))
        return try base.map(path, wordCount: wordCount)
    }
}

final class CallRecorder: Sendable {
    let record = Locked(CallRecord())

    func add(_ call: FileSystemCall) { record.withLock { $0.add(call) } }
}
