// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, backup. Where everything lies in a backup's folder; docs/format/backup.md
// draws it.
import SegmentStore

/// The names in a backup's folder.
package enum BackupLayout {
    static let formatVersion: UInt32 = 1
    /// One line of text that says what the folder is.
    package static let format = "format"
    static let formatPrefix = "forkctl backup, format version "
    static let formatLine = "\(formatPrefix)\(formatVersion)\n"
    /// What the newest complete backup consists of; replaced by a rename, so that it is whole.
    package static let index = "index"
    /// The next one, while it is written.
    package static let nextIndex = "index.next"
    /// An index that was found damaged, kept beside the next.
    static let damagedIndex = "index.damaged"
    /// Who makes, checks or restores this backup holds a byte of it.
    static let lock = "lock"
    static let lockedByte: Range<UInt64> = 0..<1
}

/// A journal's committed prefix, as a file of its own: never written again once it is named.
struct BackedUpJournal: Hashable, Comparable, Sendable {
    let journal: JournalID
    let byteEnd: UInt64

    /// "journals/<overlay>.<number>.<byte end>".
    var path: String { "\(journal.path).\(byteEnd)" }

    static func < (left: BackedUpJournal, right: BackedUpJournal) -> Bool {
        (left.journal, left.byteEnd) < (right.journal, right.byteEnd)
    }
}

/// An object that a repair of the store could not bring back, and what is left of it.
struct BackedUpLoss: Hashable, Sendable {
    let object: ObjectID
    /// The bytes that are left, as an object of the backup under the address of just these bytes;
    /// nil where there is no file.
    let rest: ObjectID?
    let byteCount: UInt64
    /// What the store's note says.
    let fault: String
}
