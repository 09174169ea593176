// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting. A folder of the real disk that goes when its test is done with it.
import Glibc
package import SegmentStore

/// A new folder below `TMPDIR` or /tmp; removed with all it holds with the last reference.
package final class TemporaryFolder: Sendable {
    /// Absolute.
    package let path: String
    package let fileSystem: RealFileSystem

    package init() throws(StorageError) {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        let name = "forkctl-test-" + String(try SystemEntropy().number(), radix: 16)
        try RealFileSystem(path: parent).createFolder(name)
        path = "\(parent)/\(name)"
        fileSystem = try RealFileSystem(path: path)
    }

    deinit {
        Self.removeAll(in: ".", fileSystem)
        rmdir(path)
    }

    /// Best effort: what cannot be removed is left for the operator of the machine.
    private static func removeAll(in folder: String, _ fileSystem: RealFileSystem) {
        do throws(StorageError) {
            for name in try fileSystem.list(folder) {
                let path = "\(folder)/\(name)"
                if try fileSystem.status(path)?.isFolder == true {
                    removeAll(in: path, fileSystem)
                    try fileSystem.removeFolder(path)
                } else {
                    try fileSystem.remove(path)
                }
            }
        } catch {
            print("left behind: \(error)")
        }
    }
}
