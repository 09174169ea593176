// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, decoding. Every decoder of bytes from disk or from people, as a function of any
// bytes (invariant 6): what is accepted encodes to the same bytes, what is refused is refused by a
// typed error, and nothing traps.
import SegmentStore

/// What takes bytes that may be anything. Checksums that would stop a fuzzer are made right first.
package enum Decoder: String, CaseIterable, Sendable {
    /// A journal's file as it is, and with the sums of its frames made right.
    case journalFile = "journal-file"
    case journalFrames = "journal-frames"
    /// An object's file as it is, and the pages of each kind in an envelope that verifies.
    case objectEnvelope = "object-envelope"
    case segment
    case indexRun = "index-run"
    case manifestNode = "manifest-node"
    case manifestRoot = "manifest-root"
    /// The blobs of the catalog.
    case snapshot
    case labels
    case pin
    /// The mapped file `live`, and the word of the file `clock`.
    case liveSlots = "live-slots"
    case clockWord = "clock-word"
    /// What people write.
    case eventLine = "event-line"
    case instant
    case duration
    case point
    case eventID = "event-id"
    case base64

    /// Decodes `bytes`. What is thrown is a broken promise; a trap is one, too.
    package func run(_ bytes: [UInt8]) throws(DecodingFault) {
        switch self {
        case .journalFile: try Self.recover(bytes)
        case .journalFrames: try Self.recover(JournalSums.corrected(bytes))
        case .objectEnvelope: try Self.openObject(bytes)
        case .segment, .indexRun, .manifestNode: try readPages(bytes)
        case .manifestRoot, .snapshot, .labels, .pin, .clockWord, .liveSlots: try readBlob(bytes)
        case .eventLine, .instant, .duration, .point, .eventID, .base64: try readText(bytes)
        }
    }
}

/// A decoder that broke a promise.
package struct DecodingFault: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }

    /// Damage, and a newer format, are what hostile bytes are to be.
    init?(unexpected error: StorageError) {
        switch error {
        case .damaged, .newerFormat, .limit: return nil
        default: self.init("refused by another error than damage: \(error)")
        }
    }
}
