// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, store. Where everything lies in a store's folder; docs/format.md draws it.

/// The names in a store's folder. Nothing else belongs there: `verify` reports what does not.
package enum StoreLayout {
    /// The version of everything below, in the text file `format` and in the catalog.
    package static let formatVersion: UInt32 = 1

    /// One line of text that names the format: readable without the catalog.
    package static let format = "format"
    package static let catalog = "catalog"
    package static let catalogLog = "catalog-wal"
    package static let catalogIndex = "catalog-shm"
    /// Byte ranges of this file are the store's locks (`StoreLocks`); it is never replaced.
    package static let locks = "locks"
    /// The slots of live writers (`LiveSlots`), mapped, never synced.
    package static let live = "live"
    /// The clock floor (`ClockFloor`), mapped, never synced.
    package static let clock = "clock"
    package static let objects = "objects"
    package static let journals = "journals"
    /// One file for each snapshot that a live reader holds.
    package static let pins = "pins"
    /// 1 MiB, freed when the disk is full, so that `drop` and `gc` still work (rule 16).
    package static let reserve = "reserve"
    package static let reserveByteCount: UInt64 = 1 << 20

    /// Where the last scrub stands (`ScrubState`), and the same while it is written.
    package static let scrub = "scrub"
    package static let nextScrub = "scrub.next"

    /// Where temporary files lie on file systems that cannot hide them.
    package static let temporary = "temporary"

    /// What repairs set aside (`Quarantine`); made by the first that does.
    package static let quarantine = "quarantine"

    /// Everything that a store has at its top.
    static let names: Set<String> = [
        format, catalog, catalogLog, catalogIndex, locks, live, clock, objects, journals, pins,
        reserve, temporary, quarantine, scrub, nextScrub,
    ]

    /// The folder that holds a store, beside the user's own files.
    package static let folder = ".forkctl"

    package static let formatPrefix = "forkctl store, format version "
    package static let formatLine = "\(formatPrefix)\(formatVersion)\n"
}
