// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, forks. When a fork's time is over.
public import SegmentStore

/// What a new fork is given of time.
public enum Expiry: Hashable, Sendable {
    case never
    /// Nanoseconds from its creation, more than 0.
    case after(nanoseconds: UInt64)
    case at(Timestamp)
}

extension Expiry {
    /// The instant of expiry for a fork made at `now`; `invalid` where it is not in the future or
    /// beyond what 64 bits of nanoseconds hold.
    func instant(from now: Timestamp) throws(ForkError) -> Timestamp? {
        switch self {
        case .never:
            return nil
        case .after(let nanoseconds):
            guard nanoseconds > 0 else {
                throw ForkError(
                    .invalid, "a time to live of 0 would expire at once: give at least 1s")
            }
            guard let span = Int64(exactly: nanoseconds) else {
                throw ForkError(.invalid, "the time to live is too long: use --no-expiry")
            }
            let (instant, overflow) = now.rawValue.addingReportingOverflow(span)
            guard !overflow else {
                throw ForkError(.invalid, "the time to live is too long: use --no-expiry")
            }
            return Timestamp(rawValue: instant)
        case .at(let instant):
            guard instant > now else {
                throw ForkError(
                    .invalid,
                    "the expiry lies in the past: give a later time, or --ttl from now")
            }
            return instant
        }
    }
}
