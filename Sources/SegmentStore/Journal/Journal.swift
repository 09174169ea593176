// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, journal. Reading a journal back: sealed, or left open by a writer that
// is gone (rules 3 and 4).

/// A journal that exists, or should, in a store's folder.
package struct Journal: Sendable {
    package let id: JournalID
    let seed: UInt64
    let fileSystem: any FileSystem

    /// `seed`: the store's own random number.
    package init(_ id: JournalID, seed: UInt64, fileSystem: any FileSystem) {
        self.id = id
        self.seed = seed
        self.fileSystem = fileSystem
    }

    var header: JournalHeader { JournalHeader(journal: id, seed: seed) }
}
