// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, model. Machines whose clocks are wrong from the start (rule 14): each seed of
// the model runs on one kind, and steps its clocks besides.
import SegmentStore

package enum ClockKind: Int, CaseIterable, Sendable {
    case steady
    /// Gains, or loses, 5 % on the boot clock: three minutes an hour, far more than any real one.
    case fast, slow
    /// A board without a battery: the wall clock begins at 0.
    case atEpoch
    /// Before 1970.
    case negative
    /// Three hours before the last instant of 64 bits, in April 2262.
    case atTheEnd

    static let hour: Int64 = 3_600_000_000_000

    func set(_ time: SimulatedTime) {
        switch self {
        case .steady: break
        case .fast: time.drift(partsPerThousand: 50)
        case .slow: time.drift(partsPerThousand: -50)
        case .atEpoch: time.setWall(Timestamp(rawValue: 0))
        case .negative: time.setWall(Timestamp(rawValue: -24 * 365 * Self.hour))
        case .atTheEnd: time.setWall(Timestamp(rawValue: .max - 3 * Self.hour))
        }
    }
}

extension Int64 {
    /// The sum, or the bound that it is beyond.
    func clamped(adding other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }
}
