// SPDX-License-Identifier: Apache-2.0
import ForkTesting
import Testing

@testable import SegmentStore

@Suite struct IndexRunMergeTests {
    /// Segments to runs to merges, in random steps; after each the runs answer as the history.
    @Test(arguments: 0..<40 as Range<UInt64>)
    func randomMergesAnswerAsTheHistoryAtEveryStage(seed: UInt64) throws {
        let fixture = RunFixture()
        var random = SeededGenerator(seed: seed)
        let hashMask: UInt64 = seed % 3 == 0 ? 0xff : .max
        let history = HistoryModel.random(
            seed, segments: 8, eventsMax: 120, streams: 60, hashMask: hashMask)
        // Each run with the segments that it covers, oldest first.
        var runs: [(run: IndexRun, numbers: Range<Int>)] = []
        for number in history.segments.indices {
            runs.append((try fixture.run(history, number), number..<(number + 1)))
        }
        while runs.count > 1 {
            let first = Int.random(in: 0..<(runs.count - 1), using: &random)
            let end = Int.random(in: (first + 2)...runs.count, using: &random)
            let numbers = runs[first].numbers.lowerBound..<runs[end - 1].numbers.upperBound
            let run = try fixture.merge(
                runs[first..<end].map { RunMergeInput($0.run) }, of: history, isOldest: first == 0)
            runs.replaceSubrange(first..<end, with: [(run, numbers)])
            try fixture.expect(run, is: history, numbers)
        }
    }

    @Test func theOrderOfMergingDoesNotShowInTheBytes() throws {
        let fixture = RunFixture()
        let history = HistoryModel.random(11, segments: 5, eventsMax: 300, streams: 90)
        let runs = try history.segments.indices.map { try fixture.run(history, $0) }
        let all = try fixture.merge(runs.map { RunMergeInput($0) }, of: history)
        let left = try fixture.merge(runs[..<3].map { RunMergeInput($0) }, of: history)
        let right = try fixture.merge(runs[3...].map { RunMergeInput($0) }, of: history)
        let both = try fixture.merge([RunMergeInput(left), RunMergeInput(right)], of: history)
        #expect(both.id == all.id)
        let again = try fixture.merge([RunMergeInput(all)], of: history)
        #expect(again.id == all.id, "a merge of one run is that run")
    }

    @Test(arguments: 0..<30 as Range<UInt64>)
    func aTrimmedRunKeepsWhatIsBelowTheCutAndGoesOnWithTheForksOwn(seed: UInt64) throws {
        let fixture = RunFixture()
        var random = SeededGenerator(seed: seed)
        var history = HistoryModel.random(seed, segments: 5, eventsMax: 80, streams: 30)
        let runs = try history.segments.indices.map { try fixture.run(history, $0) }
        let base = try fixture.merge(runs.map { RunMergeInput($0) }, of: history)

        let cut = Int.random(in: 1...history.events.count, using: &random)
        history.trim(to: cut)
        let end = Position(UInt64(cut))
        let kept = history.segments.count
        let trimmed = try fixture.merge([RunMergeInput(base, end: end)], of: history)
        try fixture.expect(trimmed, is: history, 0..<kept)

        history.appendRandom(&random, eventsMax: 80, streams: 30)
        let own = try fixture.run(history, kept)
        let merged = try fixture.merge(
            [RunMergeInput(base, end: end), RunMergeInput(own)], of: history)
        try fixture.expect(merged, is: history, 0..<(kept + 1))
    }

    @Test(arguments: 0..<30 as Range<UInt64>)
    func coalescedSegmentsTakeThePlaceOfTheirParts(seed: UInt64) throws {
        let fixture = RunFixture()
        var random = SeededGenerator(seed: seed)
        let parts = HistoryModel.random(seed, segments: 9, eventsMax: 50, streams: 25)
        let runs = try parts.segments.indices.map { try fixture.run(parts, $0) }
        let inputs = try [0..<4, 4..<5, 5..<9].map { numbers in
            RunMergeInput(try fixture.merge(numbers.map { RunMergeInput(runs[$0]) }, of: parts))
        }
        // Two replacements: the first within a run or over several, the second after it.
        let first = Int.random(in: 0..<5, using: &random)
        let firstEnd = Int.random(in: (first + 1)..<7, using: &random)
        let second = Int.random(in: firstEnd..<8, using: &random)
        let secondEnd = Int.random(in: (second + 1)...9, using: &random)
        var history = parts
        history.coalesce(second..<secondEnd)
        history.coalesce(first..<firstEnd)
        let gone = firstEnd - first - 1
        let replacements = [first, second - gone].map { number in
            let segment = history.segments[number]
            return RunReplacement(
                history.runSegment(segment), streams: history.streamTable(segment))
        }
        let merged = try fixture.merge(inputs, replacing: replacements, of: history)
        try fixture.expect(merged, is: history, 0..<history.segments.count)
    }

    @Test func runsThatDoNotFollowOneAnotherAreRefused() throws {
        let fixture = RunFixture()
        let history = HistoryModel.random(2, segments: 3, eventsMax: 40, streams: 9)
        let runs = try history.segments.indices.map { try fixture.run(history, $0) }
        let refused = [[0, 2], [1, 0], [0, 0]]
        for numbers in refused {
            #expect(throws: StorageError.self) {
                try fixture.merge(numbers.map { RunMergeInput(runs[$0]) }, of: history)
            }
        }
    }

    @Test func runsOfTooManySegmentsTogetherAreNotMerged() throws {
        let fixture = RunFixture()
        let history = HistoryModel.random(12, segments: 2, eventsMax: 40, streams: 9)
        let run = try fixture.run(history, 0)
        let most = Array(repeating: run, count: IndexRunFormat.segmentCountMax)
        #expect(IndexRunBuilder.canMerge(most))
        #expect(!IndexRunBuilder.canMerge(most + [run]))
        let tooMany = (0...UInt64(IndexRunFormat.segmentCountMax)).map { number in
            RunSegment(
                address: ObjectAddress(high: 1, low: number),
                range: Position(number)..<Position(number + 1))
        }
        #expect {
            _ = try IndexRunWriter.start(segments: tooMany, in: fixture.store)
        } throws: { error in
            if case .limit? = error as? StorageError { true } else { false }
        }
    }

    /// Invariant 3: a run with a gap in a stream's versions is never written.
    @Test func versionsThatDoNotFollowOneAnotherAreRefused() throws {
        let fixture = RunFixture()
        let history = HistoryModel.random(4, segments: 2, eventsMax: 40, streams: 5)
        var other = HistoryModel()
        // As many events, of other streams: positions fit, versions do not.
        for segment in history.segments {
            other.append(segment.range.map { "s\($0 % 2 + 4)" })
        }
        let older = try fixture.run(history, 0)
        let newer = try fixture.run(other, 1)
        #expect {
            try fixture.merge([older, newer].map { RunMergeInput($0) }, of: history)
        } throws: {
            ($0 as? StorageError)?.isDamage == true
        }
    }

    @Test func aReplacementThatIsNotWholeSegmentsOrHasOtherEventsIsRefused() throws {
        let fixture = RunFixture()
        let history = HistoryModel.random(6, segments: 4, eventsMax: 40, streams: 5)
        let inputs = try history.segments.indices.map {
            RunMergeInput(try fixture.run(history, $0))
        }
        func refuse(_ range: Range<Int>, _ streams: SegmentStreamTable) {
            let segment = RunSegment(
                address: ObjectAddress(high: 9, low: 9),
                range: Position(UInt64(range.lowerBound))..<Position(UInt64(range.upperBound)))
            #expect(throws: StorageError.self) {
                try fixture.merge(
                    inputs, replacing: [RunReplacement(segment, streams: streams)], of: history)
            }
        }
        var whole = history
        whole.coalesce(1..<3)
        let right = whole.streamTable(whole.segments[1])
        let range = whole.segments[1].range
        refuse(range.lowerBound..<(range.upperBound - 1), right)
        refuse((range.lowerBound + 1)..<range.upperBound, right)
        refuse(range.lowerBound..<(range.upperBound + 1), right)
        refuse(history.events.count..<(history.events.count + 1), right)
        refuse(range, .make([]))
        refuse(range, history.streamTable(history.segments[1]))
    }
}
