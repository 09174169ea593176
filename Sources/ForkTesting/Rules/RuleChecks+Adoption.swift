// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, rules. Rule 8 where a child takes over its parent's segments: the parent may move on meanwhile.
import ForkEngine
import SegmentStore

extension RuleCheck {
    package static let rule8Donor = RuleCheck(
        "rule 8: nothing is taken from a fork that moved on before the commit",
        against: .donorsSeemUnmoved
    ) { world in
        let (owner, child) = (try world.start(isHonest: true), try world.start())
        let main = try owner.write(0..<5)
        try owner.fork("child")
        let writer = try child.write(10..<15, to: "child")
        try main.flush()
        let linked = Shared<Set<String>>([])
        world.disk.hooks.beforeCall = { process, call in
            guard process == child.fileSystem.process, case .link(let path) = call,
                path.hasSuffix(".segment")
            else { return }
            linked.value.insert(path)
        }
        // The child has read its parent's root and built upon it; before it commits, the parent
        // makes another one.
        let findings = Findings()
        child.step.next(.afterCommit) {
            child.step.next(.beforeWrite) {
                findings.record {
                    try require(linked.value.count == 1, "nothing was taken over")
                    try owner.append(5..<8, with: main)
                    try main.flush()
                }
            }
        }
        try writer.flush()
        world.disk.hooks.beforeCall = nil
        try findings.check()
        try require(linked.value.count == 2, "the old root was taken: \(linked.value)")
        let lines = try world.start(isHonest: true).history(of: "child")
        try require(lines.count == 10, "lost: \(lines)")
        try require(lines.prefix(5).elementsEqual(RuleWorld.lines(0..<5)), "lost: \(lines)")
        _ = try owner.store.collect()
        let report = try world.start(isHonest: true).store.verify()
        try require(report.isSound && report.garbageCount == 0, "\(report)")
    }
}
