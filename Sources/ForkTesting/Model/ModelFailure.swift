// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, model. A difference between engine and model, and how to see it again.

/// What a step found wrong.
package struct ModelMismatch: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

/// A run that failed, with the command that replays it.
package struct ModelFailure: Error, CustomStringConvertible {
    package let seed: UInt64
    package let operationCount: Int
    /// Which steps were left, after cutting down; nil: all.
    package let kept: [Int]?
    /// The step that failed; nil: the end of the run.
    package let step: Int?
    package let underlying: any Error
    /// What was done, the last steps last.
    package let trail: [String]

    package var command: String {
        let kept = kept.map { list in
            " FORKCTL_MODEL_KEEP=" + list.map(String.init).joined(separator: ",")
        }
        return "FORKCTL_MODEL_SEED=\(seed) FORKCTL_MODEL_OPERATIONS=\(operationCount)"
            + (kept ?? "") + " swift test --filter EngineModelTests"
    }

    package var description: String {
        """
        seed \(seed), \(step.map { "step \($0)" } ?? "at the end"): \(underlying)
        replay: \(command)
        the last steps:
        \(trail.suffix(40).map { "  \($0)\n" }.joined())
        """
    }
}
