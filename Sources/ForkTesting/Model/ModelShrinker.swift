// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, model. Cuts a run that fails down to the steps that it needs to fail.

/// Drops steps of a failing run for as long as it still fails (delta debugging: Zeller and
/// Hildebrandt 2002). Steps draw from seeds of their own, so that the rest keeps its meaning.
package struct ModelShrinker {
    /// Runs that it may take.
    package var runCountMax = 300

    package init() {}

    /// The same failure, or another, with fewer steps.
    package func shrink(_ failure: ModelFailure, of options: ModelOptions) -> ModelFailure {
        var best = failure
        // Nothing behind the step that failed matters.
        var kept = failure.kept ?? Array(0..<options.operationCount)
        if let step = failure.step { kept.removeAll { $0 > step } }
        var runCount = 0
        var pieceCount = 2
        while kept.count > 1, runCount < runCountMax {
            let length = (kept.count + pieceCount - 1) / pieceCount
            var isSmaller = false
            for start in stride(from: 0, to: kept.count, by: length) {
                guard runCount < runCountMax else { break }
                let rest = Array(kept[..<start] + kept[min(start + length, kept.count)...])
                runCount += 1
                guard let found = failureOfRun(keeping: rest, options) else { continue }
                best = found
                kept = rest
                isSmaller = true
                break
            }
            if isSmaller {
                pieceCount = max(2, pieceCount - 1)
            } else if length == 1 {
                break
            } else {
                pieceCount = min(kept.count, pieceCount * 2)
            }
        }
        return best
    }

    private func failureOfRun(keeping kept: [Int], _ options: ModelOptions) -> ModelFailure? {
        var options = options
        options.kept = kept
        do {
            try ModelRun(options).run()
            return nil
        } catch {
            return error as? ModelFailure
        }
    }
}
