// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, model. What a model run does, step by step, so that a run can be cut down.

/// One step of a run. Everything that it chooses comes from its own seed and the state it meets, so
/// that other steps may be left out and this one still means something.
package struct ModelOperation: Sendable {
    package let kind: Kind
    package let seed: UInt64

    package enum Kind: Int, CaseIterable, Sendable {
        case append, appendExpecting, appendConflicting, batch, batchConflicting, retry
        case createFromHead, createFromPosition, createFromTime, createWithExpiry
        case drop, flush, closeWriter, reopen, kill, cutPower
        case letTimePass, moveWallClock, expire, collect, collectDryRun
        case holdView, releaseView, difference, useGone, refusals, verify

        /// How often it is drawn, of the sum of all.
        var weight: Int {
            switch self {
            case .append: 28
            case .appendExpecting, .batch: 16
            case .retry: 8
            case .appendConflicting, .batchConflicting: 5
            case .createFromHead, .createFromPosition, .createFromTime: 7
            case .createWithExpiry: 6
            case .flush: 16
            case .drop: 9
            case .closeWriter, .reopen, .holdView, .difference: 5
            case .kill, .cutPower, .letTimePass, .moveWallClock, .expire, .collect: 3
            case .releaseView, .useGone, .refusals: 3
            case .collectDryRun, .verify: 2
            }
        }
    }

    /// The steps of a seed: the same ones for ever.
    package static func sequence(seed: UInt64, count: Int) -> [ModelOperation] {
        var random = ModelGenerator(seed: seed)
        let total = Kind.allCases.reduce(0) { $0 + $1.weight }
        return (0..<count).map { _ in
            var place = random.below(total)
            let kind = Kind.allCases.first { kind in
                place -= kind.weight
                return place < 0
            }
            return ModelOperation(kind: kind ?? .append, seed: random.number())
        }
    }
}
