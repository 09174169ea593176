// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, simulated disk. Who decides what a crash keeps: chance, or a count through
// all there is.

/// What becomes of one un-synced write.
enum PendingFate {
    case dropped
    case kept
    case zeroed
    case garbage(seed: UInt64)
    /// The first sectors only, and all but the first.
    case prefix(sectorCount: Int)
    case suffix(skippedSectorCount: Int)
    /// Each sector on its own.
    case scattered(seed: UInt64)
}

protocol CrashChoices {
    /// Whether one un-synced change of names, or of a file's size, is kept.
    mutating func keeps() -> Bool

    /// What becomes of a write that touches `sectorCount` sectors.
    mutating func fate(sectorCount: Int) -> PendingFate
}

/// The two ends: nothing un-synced, or all of it.
struct UniformChoices: CrashChoices {
    let keepsAll: Bool

    func keeps() -> Bool { keepsAll }
    func fate(sectorCount: Int) -> PendingFate { keepsAll ? .kept : .dropped }
}

/// Chance. Each image leans its own way, so that nearly all and nearly nothing come up too.
struct SampledChoices: CrashChoices {
    private var generator: SeededGenerator
    private let keptOfEight: UInt64

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
        keptOfEight = [1, 4, 4, 7][Int(generator.next() & 3)]
    }

    mutating func keeps() -> Bool { generator.next() & 7 < keptOfEight }

    mutating func fate(sectorCount: Int) -> PendingFate {
        let number = generator.next()
        // Half of all writes are whole or gone; the other half is torn or spoilt.
        switch number & 15 {
        case 8: return .zeroed
        case 9: return .garbage(seed: number)
        case 10...15 where sectorCount > 1:
            let count = 1 + Int((number >> 8) % UInt64(sectorCount - 1))
            switch number & 15 {
            case 10, 11: return .prefix(sectorCount: count)
            case 12: return .suffix(skippedSectorCount: count)
            default: return .scattered(seed: number)
            }
        default: return keeps() ? .kept : .dropped
        }
    }
}

/// Every choice in turn, like the digits of a counter: `advance` until it says no.
struct ExhaustiveChoices: CrashChoices {
    private var digits: [(value: Int, radix: Int)] = []
    private var next = 0

    init() {}

    /// Goes to the next image; false after the last.
    mutating func advance() -> Bool {
        next = 0
        while let last = digits.popLast() {
            if last.value + 1 < last.radix {
                digits.append((last.value + 1, last.radix))
                return true
            }
        }
        return false
    }

    mutating func keeps() -> Bool { choose(2) == 1 }

    mutating func fate(sectorCount: Int) -> PendingFate {
        let choice = choose(Self.fateCount(sectorCount: sectorCount))
        switch choice {
        case 0: return .dropped
        case 1: return .kept
        case 2: return .zeroed
        case 3: return .garbage(seed: 3)
        case let choice where choice < 3 + sectorCount:
            return .prefix(sectorCount: choice - 3)
        default: return .suffix(skippedSectorCount: choice - 2 - sectorCount)
        }
    }

    static func fateCount(sectorCount: Int) -> Int { 4 + 2 * max(0, sectorCount - 1) }

    private mutating func choose(_ radix: Int) -> Int {
        defer { next += 1 }
        if next == digits.count { digits.append((0, radix)) }
        return digits[next].value
    }
}
