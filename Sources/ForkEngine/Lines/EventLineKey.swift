// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, lines. The keys of an event line.

/// Each raw value is a bit, so that a set of keys seen is one word.
enum EventLineKey: UInt16, CaseIterable {
    case stream = 1
    case type = 2
    case data = 4
    case dataBase64 = 8
    case id = 16
    case time = 32
    case metadata = 64
    // What output adds; accepted and ignored, so that an export imports.
    case position = 128
    case version = 256
    case partition = 512
    case sequence = 1024

    var text: StaticString {
        switch self {
        case .stream: "stream"
        case .type: "type"
        case .data: "data"
        case .dataBase64: "dataBase64"
        case .id: "id"
        case .time: "time"
        case .metadata: "metadata"
        case .position: "position"
        case .version: "version"
        case .partition: "partition"
        case .sequence: "sequence"
        }
    }

    /// The key that `name` spells; nil for any other.
    init?(_ name: UnsafeRawBufferPointer) {
        guard let first = name.first else { return nil }
        let candidate: EventLineKey? =
            switch (first, name.count) {
            case (UInt8(ascii: "s"), 6): .stream
            case (UInt8(ascii: "t"), 4): name[1] == UInt8(ascii: "y") ? .type : .time
            case (UInt8(ascii: "d"), 4): .data
            case (UInt8(ascii: "d"), 10): .dataBase64
            case (UInt8(ascii: "i"), 2): .id
            case (UInt8(ascii: "m"), 8): .metadata
            case (UInt8(ascii: "p"), 8): .position
            case (UInt8(ascii: "v"), 7): .version
            case (UInt8(ascii: "p"), 9): .partition
            case (UInt8(ascii: "s"), 8): .sequence
            default: nil
            }
        guard let candidate, candidate.isSpelled(by: name) else { return nil }
        self = candidate
    }

    private func isSpelled(by name: UnsafeRawBufferPointer) -> Bool {
        let own = text
        for index in 0..<name.count where name[index] != own.utf8Start[index] { return false }
        return true
    }
}
