// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, model. Random choices that one seed decides, the same on every machine.
import SegmentStore

/// What model runs draw their choices from.
package struct ModelGenerator: Sendable {
    private var generator: SeededGenerator

    package init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    package mutating func number() -> UInt64 { generator.next() }

    /// From 0 to `bound` - 1; 0 where `bound` is 0.
    package mutating func below(_ bound: Int) -> Int {
        bound <= 1 ? 0 : Int(generator.next() % UInt64(bound))
    }

    /// From 0 to `bound`, both included.
    package mutating func upTo(_ bound: Int) -> Int { below(bound + 1) }

    package mutating func chance(oneIn count: Int) -> Bool { below(count) == 0 }

    /// Small numbers more often than large ones.
    package mutating func skewed(below bound: Int) -> Int {
        min(below(bound), below(bound), below(bound))
    }

    package mutating func pick<Element>(_ elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[below(elements.count)]
    }

    /// A range within `[0, bound)`, often short, now and then all or empty.
    package mutating func range(below bound: Int) -> Range<Int> {
        switch below(8) {
        case 0: return 0..<bound
        case 1:
            let place = upTo(bound)
            return place..<place
        default:
            let first = upTo(bound)
            return first..<min(bound, first + skewed(below: 24))
        }
    }
}

extension ModelGenerator {
    /// What an event says: skewed streams, sizes from nothing to several blocks, times that run
    /// backwards. `clock` is where event times stand; it moves on.
    package mutating func content(clock: inout Int64, number: Int, withID: Bool) -> ModelContent {
        let hot = chance(oneIn: 3)
        let stream = hot ? below(5) : skewed(below: ModelStream.all.count)
        let isJSON = !chance(oneIn: 5)
        return ModelContent(
            stream: stream, type: skewed(below: ModelType.all.count), time: time(&clock),
            data: data(number: number, isJSON: isJSON), metadata: metadata(), isJSON: isJSON,
            id: withID ? EventID(high: self.number(), low: self.number()) : nil)
    }

    private mutating func time(_ clock: inout Int64) -> Int64 {
        switch below(400) {
        case 0: return .min
        case 1: return 0
        case 2: return -1 - Int64(below(1_000_000_000))
        case 3..<70: return clock - Int64(below(60_000)) * 1_000_000
        case 70..<90: return clock
        default:
            clock += 1 + Int64(below(2_000)) * 1_000_000
            return clock
        }
    }

    private mutating func data(number: Int, isJSON: Bool) -> [UInt8] {
        if isJSON { return Array("{\"n\":\(number)}".utf8) }
        let byteCount =
            switch below(160) {
            case 0..<30: 0
            case 30..<130: below(40)
            case 130..<154: below(700)
            case 154..<159: 2_000 + below(4_000)
            default: 32_700 + below(40_000)
            }
        // Half of it repeats, so that it compresses, and half does not.
        var bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: byteCount)
        let noisy = min(byteCount / 2, 4_096)
        bytes.withUnsafeMutableBytes { buffer in
            for offset in stride(from: 0, to: noisy & ~7, by: 8) {
                buffer.storeBytes(of: self.number(), toByteOffset: offset, as: UInt64.self)
            }
        }
        return bytes
    }

    private mutating func metadata() -> [UInt8]? {
        switch below(8) {
        case 0: Array("{\"user\":\(below(100))}".utf8)
        case 1: chance(oneIn: 8) ? Array("{}".utf8) : nil
        default: nil
        }
    }
}
