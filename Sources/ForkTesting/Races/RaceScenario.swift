// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, races. A situation, and what each actor does in it.
import ForkEngine
import SegmentStore

/// Actors that race. What they do must hang on nothing but the order of their steps.
package struct RaceScenario: Sendable {
    package let name: String
    /// What was there before any of the actors' processes began.
    let setUp: @Sendable (RaceWorld) throws -> Void
    /// The machine in which the race is run, where it is another than the one that was set up.
    let afterSetUp: @Sendable (RaceWorld) throws -> RaceWorld
    /// What each actor has in hand when the race begins.
    let prepare: @Sendable ([RaceHand]) throws -> Void
    let actors: [@Sendable (RaceHand) throws -> Void]
    package init(
        _ name: String, setUp: @escaping @Sendable (RaceWorld) throws -> Void = { _ in },
        afterSetUp: @escaping @Sendable (RaceWorld) throws -> RaceWorld = { $0 },
        prepare: @escaping @Sendable ([RaceHand]) throws -> Void = { _ in },
        actors: [@Sendable (RaceHand) throws -> Void]
    ) {
        self.name = name
        self.setUp = setUp
        self.afterSetUp = afterSetUp
        self.prepare = prepare
        self.actors = actors
    }
}
