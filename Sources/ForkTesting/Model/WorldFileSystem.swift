// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, model. The simulated disk as one process sees it, with mapped words that are
// plain memory.
package import SegmentStore

/// Passes everything on to the simulated disk but `map`.
package final class WorldFileSystem: FileSystem {
    package let base: SimulatedFileSystem
    private let words: WorldWords

    package init(_ base: SimulatedFileSystem, words: WorldWords) {
        self.base = base
        self.words = words
    }

    package func map(_ path: String, wordCount: Int) throws(StorageError) -> any SharedWords {
        ProcessWords(
            words.map(path, wordCount: wordCount), disk: base.disk, process: base.process)
    }

    package func open(_ path: String, for access: FileAccess) throws(StorageError) -> any File {
        try base.open(path, for: access)
    }

    package func create(_ path: String) throws(StorageError) -> any File {
        try base.create(path)
    }

    package func createTemporary(in folder: String) throws(StorageError) -> any File {
        try base.createTemporary(in: folder)
    }

    package func link(_ file: any File, at path: String) throws(StorageError) {
        try base.link(file, at: path)
    }

    package func rename(
        _ path: String, to newPath: String, replacing: Bool
    ) throws(StorageError) {
        try base.rename(path, to: newPath, replacing: replacing)
    }

    package func remove(_ path: String) throws(StorageError) { try base.remove(path) }

    package func createFolder(_ path: String) throws(StorageError) {
        try base.createFolder(path)
    }

    package func removeFolder(_ path: String) throws(StorageError) {
        try base.removeFolder(path)
    }

    package func list(_ folder: String) throws(StorageError) -> [String] {
        try base.list(folder)
    }

    package func status(_ path: String) throws(StorageError) -> FileStatus? {
        try base.status(path)
    }

    package func syncFolder(_ path: String) throws(StorageError) { try base.syncFolder(path) }
}
