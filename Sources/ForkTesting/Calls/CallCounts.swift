// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting. What went through a file system: the figures that tests hold fixed.

/// Counts of calls. Subtract an earlier value to see what an operation cost.
package struct CallCounts: Hashable, Sendable {
    /// All calls but those on shared words.
    package var calls = 0
    /// Syncs of files.
    package var syncs = 0
    package var folderSyncs = 0
    package var reads = 0
    package var writes = 0
    package var bytesRead = 0
    package var bytesWritten = 0
    /// Files made, temporary ones with them.
    package var filesCreated = 0
    package var wordCalls = 0

    package init() {}

    package mutating func add(_ call: FileSystemCall) {
        switch call {
        case .loadWord, .storeWord, .compareExchangeWord:
            wordCalls += 1
            return
        case .sync: syncs += 1
        case .syncFolder: folderSyncs += 1
        case .read(_, _, let byteCount):
            reads += 1
            bytesRead += byteCount
        case .write(_, _, let byteCount):
            writes += 1
            bytesWritten += byteCount
        case .create, .createTemporary: filesCreated += 1
        default: break
        }
        calls += 1
    }

    package static func - (later: CallCounts, earlier: CallCounts) -> CallCounts {
        var difference = later
        difference.calls -= earlier.calls
        difference.syncs -= earlier.syncs
        difference.folderSyncs -= earlier.folderSyncs
        difference.reads -= earlier.reads
        difference.writes -= earlier.writes
        difference.bytesRead -= earlier.bytesRead
        difference.bytesWritten -= earlier.bytesWritten
        difference.filesCreated -= earlier.filesCreated
        difference.wordCalls -= earlier.wordCalls
        return difference
    }
}

/// Counts of calls and, where it is asked to keep them, the calls themselves.
package struct CallRecord: Sendable {
    package private(set) var counts = CallCounts()
    package private(set) var calls: [FileSystemCall] = []
    package var keepsCalls = false

    package init() {}

    package mutating func add(_ call: FileSystemCall) {
        counts.add(call)
        if keepsCalls { calls.append(call) }
    }

    /// The kept calls, one a line; then forgets them.
    package mutating func takeTranscript() -> String {
        defer { calls.removeAll(keepingCapacity: true) }
        return calls.map { "\($0)\n" }.joined()
    }
}
