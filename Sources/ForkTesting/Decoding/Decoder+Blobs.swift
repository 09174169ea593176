// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, decoding. Blobs of the catalog, pins, and the words of mapped files.
import ForkEngine
import SegmentStore

extension Decoder {
    func readBlob(_ bytes: [UInt8]) throws(DecodingFault) {
        switch self {
        case .manifestRoot:
            if let root = ManifestRoot(decoding: bytes) { try same(root.encoded, as: bytes) }
        case .clockWord:
            let word = Self.words(bytes).first ?? 0
            guard let instant = CheckedInstant.nanoseconds(of: word) else { return }
            guard CheckedInstant.word(for: instant) == word else {
                throw DecodingFault("the word \(word) is read as \(instant), which is another")
            }
        case .liveSlots: Self.readSlots(bytes)
        default:
            let encoded: [UInt8]
            do throws(StorageError) {
                encoded = try encodedAgain(bytes)
            } catch {
                if let fault = DecodingFault(unexpected: error) { throw fault }
                return
            }
            try same(encoded, as: bytes)
        }
    }

    private func same(_ encoded: [UInt8], as bytes: [UInt8]) throws(DecodingFault) {
        guard encoded == bytes else {
            throw DecodingFault("accepted \(bytes), and would write \(encoded)")
        }
    }

    /// What is decoded and encoded again.
    private func encodedAgain(_ bytes: [UInt8]) throws(StorageError) -> [UInt8] {
        let path = "hostile"
        do throws(ForkError) {
            switch self {
            case .labels:
                let labels = try lifted { () throws(StorageError) in
                    try bytes.span.withUnsafeBytes { (bytes) throws(StorageError) in
                        try LabelsFormat.decode(bytes, path: path)
                    }
                }
                return LabelsFormat.encode(labels)
            case .pin:
                // The sum over what is behind it is made right.
                let pin = Self.sealedPin(bytes)
                let snapshot = try lifted { () throws(StorageError) in
                    try PinFormat.decode(pin, path: path)
                }
                return try PinFormat.encode(snapshot) == pin ? bytes : []
            default:
                let snapshot = try lifted { () throws(StorageError) in
                    try bytes.span.withUnsafeBytes { (bytes) throws(StorageError) in
                        try SnapshotFormat.decode(bytes, path: path)
                    }
                }
                return try SnapshotFormat.encode(snapshot)
            }
        } catch {
            throw error.underlying ?? .damaged(.init(path: path, offset: nil, reason: "\(error)"))
        }
    }

    private func lifted<Result>(
        _ body: () throws(StorageError) -> Result
    ) throws(ForkError) -> Result {
        do throws(StorageError) { return try body() } catch {
            throw ForkError(.damaged, "\(error)", underlying: error)
        }
    }

    private static func sealedPin(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.count > 16 else { return bytes }
        let sum = bytes.dropFirst(16).withUnsafeBytes { StreamHash(of: $0).rawValue }
        return Array(bytes.prefix(8)) + (0..<8).map { UInt8(truncatingIfNeeded: sum >> ($0 * 8)) }
            + bytes.dropFirst(16)
    }

    static func words(_ bytes: [UInt8]) -> [UInt64] {
        stride(from: 0, to: bytes.count, by: 8).map { start in
            bytes[start..<min(bytes.count, start + 8)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
    }

    /// Asks everything of slots that hold anything.
    private static func readSlots(_ bytes: [UInt8]) {
        let slots = LiveSlots(words: HostileWords(words(bytes)))
        for fork in slots.occupied().prefix(16) {
            guard let slot = slots.slot(of: fork) else { continue }
            _ = (slot.holder, slot.contents, slot.isBeingRecovered)
            _ = slot.end(at: slot.word)
        }
    }
}

/// The words of a mapped file that says anything: all of them zero but the first.
private final class HostileWords: SharedWords {
    private let words: Locked<[UInt64]>
    let count = LiveSlots.wordCount

    init(_ words: [UInt64]) { self.words = Locked(words) }

    func load(_ index: Int) -> UInt64 { words.withLock { index < $0.count ? $0[index] : 0 } }
    func store(_ value: UInt64, at index: Int) {}
    func compareExchange(_ index: Int, expected: UInt64, desired: UInt64) -> Bool { false }
}
