// SPDX-License-Identifier: Apache-2.0
// Rule 8 where a child takes over its parent's segments: the parent may move on meanwhile.
import ForkEngine
import ForkTesting
import SegmentStore
import Synchronization

extension RuleCheck {
    static let rule8Donor = RuleCheck(
        "rule 8: nothing is taken from a fork that moved on before the commit",
        against: .donorsSeemUnmoved
    ) { world in
        let (owner, collector) = (try world.start(isHonest: true), try world.start(isHonest: true))
        let child = try world.start()
        let main = try owner.write(0..<5)
        try owner.fork("child")
        let writer = try child.write(10..<15, to: "child")
        try main.flush()
        // The child has read its parent's root, and waits before the commit that takes it over:
        // the parent makes another one, and a collection does not find the old one any more.
        let (isReady, isCollecting) = (Gate(), Gate())
        child.step.next(.afterCommit) {
            child.step.next(.beforeWrite) {
                isReady.open()
                isCollecting.wait()
            }
        }
        let findings = Findings()
        let flusher = Thread { findings.record { try writer.flush() } }
        isReady.wait()
        try owner.append(5..<8, with: main)
        try main.flush()
        let exclusiveCount = Shared(0)
        world.disk.hooks.beforeCall = { process, call in
            guard process == collector.fileSystem.process,
                case .lock("locks", 2..<3, .exclusive) = call
            else { return }
            exclusiveCount.value += 1
            guard exclusiveCount.value == 2 else { return }
            isCollecting.open()
            flusher.join()
        }
        let collected = try collector.store.collect()
        world.disk.hooks.beforeCall = nil
        try findings.check()
        try require(collected.removedObjectCount > 0, "the old root was not collected")
        let reader = try world.start(isHonest: true)
        let lines = try reader.history(of: "child")
        try require(lines.prefix(5).elementsEqual(RuleWorld.lines(0..<5)), "lost: \(lines)")
        try require(lines.count == 10, "lost: \(lines)")
        let report = try reader.store.verify()
        try require(report.isSound, "\(report.damages)")
    }
}

/// Something that one thread waits for and another lets happen.
final class Gate: Sendable {
    private let isOpen = Monitor(false)

    func open() {
        isOpen.withLock { $0 = true }
        isOpen.notifyAll()
    }

    func wait() { isOpen.waitUntil { $0 ? () : nil } }
}
