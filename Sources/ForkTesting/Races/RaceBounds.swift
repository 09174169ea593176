// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, races. Which orders are looked at, where all of them are too many.

/// Bounds on the orders of one exploration.
///
/// A preemption takes the turn from an actor that could go on. Where an actor waits or has ended,
/// who goes on is no preemption, and always open. An order is looked at where its preemptions are
/// `preemptionsMax` at most, or all lie within `windowStepCount` steps.
package struct RaceBounds: Hashable, Sendable {
    package var preemptionsMax: Int
    package var windowStepCount: Int
    /// How many actors are killed in an order, at most.
    package var killsMax: Int
    /// Where there are more orders, the rest is left out, and the tally says so.
    package var runsMax: Int

    package init(
        preemptionsMax: Int = .max, windowStepCount: Int = 0, killsMax: Int = 0,
        runsMax: Int = .max
    ) {
        self.preemptionsMax = preemptionsMax
        self.windowStepCount = windowStepCount
        self.killsMax = killsMax
        self.runsMax = runsMax
    }

    /// Every order.
    package static let all = RaceBounds()
}

/// The preemptions of the run so far.
struct RacePreemptions {
    let bounds: RaceBounds
    private var count = 0
    private var first = 0

    init(_ bounds: RaceBounds) { self.bounds = bounds }

    /// Whether one more, at this step, is within the bounds.
    func allows(at step: Int) -> Bool {
        count < bounds.preemptionsMax || count == 0
            || step - first < bounds.windowStepCount
    }

    mutating func add(at step: Int) {
        if count == 0 { first = step }
        count += 1
    }
}
