// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, repairing. What was found out of roots, once for all forks that share one.
import SegmentStore

/// A root as far as a fork needs it, and whose its events are.
struct RootPart: Hashable {
    let root: ManifestRoot
    let end: Position
    let history: [OverlayRange]
}

/// One repair's memory of roots. Few are damaged, and most siblings share theirs: what is beyond
/// `countMax` is found out again.
final class RepairedRoots {
    private static let countMax = 64

    private(set) var surveys: [ManifestRoot: RootSurvey] = [:]
    /// What stands for a damaged root; nil: nothing better than what is there.
    private(set) var mended: [RootPart: MendedRoot?] = [:]

    func keep(_ survey: RootSurvey, of root: ManifestRoot) {
        if surveys.count >= Self.countMax { surveys.removeAll() }
        surveys[root] = survey
    }

    func keep(_ root: MendedRoot?, for part: RootPart) {
        if mended.count >= Self.countMax { mended.removeAll() }
        mended[part] = .some(root)
    }

    /// Nodes were written: what was hidden may be seen now.
    func forgetSurveys() { surveys.removeAll() }
}
