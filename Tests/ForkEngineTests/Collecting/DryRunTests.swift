// SPDX-License-Identifier: Apache-2.0
// A dry run tells of each file why nothing reaches it, and names what a collection then removes.
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct DryRunTests {
    /// What a dry run lists is what the collection after it removes: nothing else, nothing less.
    @discardableResult
    private func requireExact(
        _ process: RuleProcess, in world: RuleWorld
    ) throws -> [CollectionReport.Candidate] {
        let before = Set(try world.inventory())
        let plan = try process.store.collect(isDryRun: true)
        #expect(Set(try world.inventory()) == before, "a dry run changes nothing")
        let report = try process.store.collect()
        let removed = before.subtracting(try world.inventory())
        #expect(Set(plan.candidates.map(\.path)) == removed)
        #expect(plan.removedObjectByteCount == report.removedObjectByteCount)
        #expect(plan.removedOverlayCount == report.removedOverlayCount)
        #expect(plan.reapedForks == report.reapedForks)
        for candidate in plan.candidates { #expect(!candidate.explanation.isEmpty) }
        return plan.candidates
    }

    private func reasons(_ candidates: [CollectionReport.Candidate]) -> [String: Set<String>] {
        var reasons: [String: Set<String>] = [:]
        for candidate in candidates {
            let kind = candidate.path.split(separator: ".").last.map(String.init) ?? ""
            let name = candidate.path.hasPrefix("journals/") ? "journal" : kind
            reasons[name, default: []].insert(candidate.reason.rawValue)
        }
        return reasons
    }

    @Test func whatADroppedForkAddedIsDropped() throws {
        let world = try RuleWorld()
        let process = try world.start()
        try process.write(0..<10).flush()
        try process.fork("ci-31")
        let writer = try process.write(10..<20, to: "ci-31")
        try writer.flush()
        try process.append(20..<25, with: writer)
        try writer.close()
        try requireExact(process, in: world)
        try process.store.drop(named("ci-31"))
        let candidates = try requireExact(process, in: world)
        #expect(
            reasons(candidates) == [
                "segment": ["dropped"], "run": ["dropped"], "nodes": ["superseded"],
                "journal": ["dropped"],
            ])
        let segment = try #require(candidates.first { $0.path.hasSuffix(".segment") })
        #expect(
            segment.explanation
                == "events 10..<20 of overlay 2, which no fork shows: those that did were dropped")
    }

    @Test func whatAMergeReplacedIsSuperseded() throws {
        let world = try RuleWorld()
        let process = try world.start(publishLimits: .tiny)
        let main = try process.write(0..<2)
        try main.flush()
        for number in 2..<8 {
            try process.append(number..<number + 1, with: main)
            try main.flush()
        }
        let candidates = try requireExact(process, in: world)
        #expect(
            reasons(candidates) == [
                "segment": ["superseded"], "run": ["superseded"], "nodes": ["superseded"],
                "journal": ["flushed"],
            ])
        let segment = try #require(candidates.first { $0.path.hasSuffix(".segment") })
        #expect(segment.explanation.contains("which fork 'main' reads from another segment"))
    }

    @Test func whatAFlushThatWasCutShortLeftIsUncommitted() throws {
        let world = try RuleWorld()
        let process = try world.start()
        let main = try process.write(0..<10)
        try main.flush()
        try process.append(10..<20, with: main)
        let dying = process
        // The flush syncs its journal and publishes; then its process dies before the commit.
        let before = try world.files(in: StoreLayout.objects).count
        process.step.watch { step in
            guard step == .beforeCommit else { return }
            do {
                if try world.files(in: StoreLayout.objects).count > before { dying.kill() }
            } catch { Issue.record(error) }
        }
        #expect(throws: (any Error).self) { try main.flush() }
        let after = world.afterKill()
        let next = try after.start()
        _ = try next.history(of: "main")
        let candidates = try next.store.collect(isDryRun: true).candidates
        let objects = candidates.filter { $0.path.hasPrefix("objects/") }
        #expect(!objects.isEmpty)
        #expect(Set(objects.map(\.reason)) == [.uncommitted])
        try requireExact(next, in: after)
        #expect(try next.history(of: "main") == RuleWorld.lines(0..<20))
    }

    @Test func whatExpiredForksReachIsToldAsExpired() throws {
        let world = try RuleWorld()
        let process = try world.start()
        try process.write(0..<10).close()
        try process.fork("brief", expiry: .after(nanoseconds: 1_000_000_000))
        let writer = try process.write(10..<20, to: "brief")
        try writer.flush()
        try process.append(20..<22, with: writer)
        try writer.close()
        try process.store.collect(isDryRun: true).candidates.forEach { candidate in
            #expect(candidate.reason != .expired, "\(candidate)")
        }
        world.time.sleep(nanoseconds: 2_000_000_000)
        let candidates = try requireExact(process, in: world)
        #expect(reasons(candidates)["segment"]?.contains("expired") == true)
        #expect(reasons(candidates)["journal"]?.contains("expired") == true)
        let told = try #require(candidates.first { $0.reason == .expired })
        #expect(told.explanation == "fork 'brief' is expired, and no other fork reaches it")
    }

    @Test func whatForksAboveADroppedOneDoNotShowIsDropped() throws {
        let world = try RuleWorld()
        let process = try world.start(publishLimits: .tiny)
        try process.write(0..<10).flush()
        try process.fork("below")
        let writer = try process.write(10..<30, to: "below")
        try writer.flush()
        try process.append(30..<40, with: writer)
        try writer.flush()
        try process.fork("above", from: "below@15")
        // Its first flush trims the root where the fork begins.
        let above = try process.write(40..<45, to: "above")
        try above.flush()
        try above.close()
        try writer.close()
        // With it goes the pin by which the place was looked up.
        process.kill()
        let next = try world.start()
        try next.store.drop(named("below"))
        let candidates = try requireExact(next, in: world)
        let segments = candidates.filter { $0.path.hasSuffix(".segment") }
        #expect(segments.map(\.reason) == [.dropped])
        #expect(segments.first?.explanation.contains("others show it below 15 alone") == true)
        #expect(try next.history(of: "above").count == 20)
    }

    @Test func deadReadersAndWhatCannotBeReadAreTold() throws {
        let world = try RuleWorld()
        let process = try world.start()
        try process.write(0..<10).flush()
        try process.fork("gone")
        let writer = try process.write(10..<20, to: "gone")
        try writer.flush()
        try writer.close()
        let reader = try world.start()
        let view = try reader.store.view(at: point("gone"))
        reader.kill()
        try process.store.drop(named("gone"))
        _ = try process.store.collect(isDryRun: true)
        let next = try world.start()
        let segment = try #require(
            try next.store.collect(isDryRun: true).candidates.first {
                $0.path.hasSuffix(".segment")
            })
        try world.replace(segment.path, with: [1, 2, 3])
        let candidates = try requireExact(try world.start(), in: world)
        #expect(candidates.contains { $0.reason == .deadReader && $0.path.hasPrefix("pins/") })
        #expect(candidates.contains { $0.reason == .unreadable && $0.path == segment.path })
        withExtendedLifetime(view) {}
    }
}
