// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting. Chance that repeats: the same seed, the same numbers, on every machine.

/// SplitMix64 (Steele, Lea, Flood 2014). Any seed is as good as another.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A generator of its own for part of the work, so that parts do not disturb each other.
    package mutating func split() -> SeededGenerator { SeededGenerator(seed: next()) }
}
