// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, words. Instants and spans, without overflow.
public import SegmentStore

extension Timestamp {
    /// The instant `duration` later (earlier where negative); nil outside of 1677 to 2262.
    /// Parts of a nanosecond are dropped.
    public func adding(_ duration: Duration) -> Timestamp? {
        let (seconds, attoseconds) = duration.components
        let (scaled, isTooLarge) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (span, isTooLong) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
        let (sum, isOutside) = rawValue.addingReportingOverflow(span)
        guard !isTooLarge, !isTooLong, !isOutside else { return nil }
        return Timestamp(rawValue: sum)
    }

    /// The span from `earlier` to this instant; negative where `earlier` is later.
    public func duration(since earlier: Timestamp) -> Duration {
        // Split in two, because the difference of two 64-bit numbers needs 65 bits.
        let seconds = split.seconds - earlier.split.seconds
        let nanoseconds = split.nanoseconds - earlier.split.nanoseconds
        return .seconds(seconds) + .nanoseconds(nanoseconds)
    }
}
