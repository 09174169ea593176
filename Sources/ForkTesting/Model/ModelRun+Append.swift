// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, model. Steps that append, or try to.
import ForkEngine
import SegmentStore

extension ModelRun {
    /// Appends `contents` to both, and holds the engine's answer to the model's.
    func append(
        _ contents: [ModelContent], expecting: [Int: ModelExpectation], to fork: Fork
    ) throws {
        let outcome = model.outcome(of: contents, expecting: expecting, on: fork)
        note("\(contents.count) to \(fork.name)@\(fork.head), \(outcome)")
        if options.fault == .losesAnAppend, eventCount > 100, outcome == .appended {
            model.append(contents, to: fork.serial)
            return
        }
        let writer = try writer(of: fork)
        let batch = try Self.batch(contents)
        let conditions = expecting.sorted { $0.key < $1.key }.map { stream, expectation in
            Expectation(stream: ModelStream.all[stream].name, version: expectation.version)
        }
        if outcome == .conflict {
            return try requireFailure(.wrongVersion, "the append") {
                _ = try writer.append(batch, expecting: conditions)
            }
        }
        let result = try writer.append(batch, expecting: conditions)
        switch outcome {
        case .appended:
            if contents.allSatisfy({ $0.id != nil }) {
                var first: [Int: Int] = [:]
                for content in contents { first[content.stream] = fork.count(of: content.stream) }
                retriable.append((contents, first))
            }
            let positions = model.append(contents, to: fork.serial)
            try requireEqual(result.positions.numbers, positions, "the positions of the append")
            try requireEqual(result.wasRepeated, false, "whether the append was a retry")
        case .repeated(let positions):
            try requireEqual(result.positions.numbers, positions, "the positions of the retry")
            try requireEqual(result.wasRepeated, true, "whether the append was a retry")
        case .conflict: break
        }
    }

    static func batch(_ contents: [ModelContent]) throws -> AppendBatch {
        let batch = AppendBatch()
        for content in contents {
            try batch.add(
                stream: ModelStream.all[content.stream].name,
                type: ModelType.all[content.type].name, data: content.data,
                metadata: content.metadata, time: Timestamp(rawValue: content.time),
                id: content.id, isJSON: content.isJSON)
        }
        return batch
    }

    func appendOne() throws {
        let withID = random.chance(oneIn: 5)
        try append(contents(1, withIDs: withID), expecting: [:], to: pickFork())
    }

    func appendExpecting() throws {
        let fork = pickFork()
        let contents = contents(1, withIDs: random.chance(oneIn: 3))
        try append(contents, expecting: expectations(of: contents, on: fork), to: fork)
    }

    func appendConflicting() throws {
        let fork = pickFork()
        let contents = contents(1, withIDs: random.chance(oneIn: 3))
        let wrong = wrongExpectation(of: contents[0].stream, on: fork)
        try append(contents, expecting: [contents[0].stream: wrong], to: fork)
    }

    func appendBatch() throws {
        let fork = pickFork()
        let contents = contents(2 + random.skewed(below: 9), withIDs: random.chance(oneIn: 3))
        try append(contents, expecting: expectations(of: contents, on: fork), to: fork)
    }

    func appendConflictingBatch() throws {
        let fork = pickFork()
        let contents = contents(2 + random.skewed(below: 9), withIDs: random.chance(oneIn: 3))
        var expecting = expectations(of: contents, on: fork)
        let stream = contents[random.below(contents.count)].stream
        expecting[stream] = wrongExpectation(of: stream, on: fork)
        try append(contents, expecting: expecting, to: fork)
    }

    /// Appends again what was appended before: to the same fork it is a retry, to a fork that has
    /// the half of it a conflict, and to one that has nothing of it the same events anew.
    func retry() throws {
        let fork = pickFork()
        if retriable.isEmpty || random.chance(oneIn: 3) {
            let contents = contents(1 + random.below(3), withIDs: true)
            try append(contents, expecting: [:], to: fork)
        }
        guard let (chosen, first) = random.pick(Array(retriable.suffix(12))),
            let now = model.fork(fork.serial)
        else { return }
        var contents = chosen
        var expecting: [Int: ModelExpectation] = [:]
        let isThere = now.events.contains { event in
            contents.contains { $0.id == event.content.id }
        }
        for (stream, version) in first {
            // Where it is not there it may stand behind what this fork has.
            expecting[stream] = .count(isThere ? version : now.count(of: stream))
        }
        switch random.below(8) {
        case 0: contents[contents.count - 1].data.append(0x20)
        case 1: contents[0].time += 1
        case 2 where isThere: expecting[contents[0].stream] = .count(0)
        default: break
        }
        if isThere, model.outcome(of: contents, expecting: expecting, on: now) == .appended {
            // By chance the stream is where the batch once began: one id twice is no retry.
            expecting[contents[0].stream] = .count(.max)
        }
        try append(contents, expecting: expecting, to: now)
    }

    /// Conditions that hold, on some of the streams.
    private func expectations(
        of contents: [ModelContent], on fork: Fork
    ) -> [Int: ModelExpectation] {
        var expecting: [Int: ModelExpectation] = [:]
        for content in contents where !random.chance(oneIn: 3) {
            let count = fork.count(of: content.stream)
            switch random.below(4) {
            case 0: expecting[content.stream] = .any
            case 1 where count > 0: expecting[content.stream] = .exists
            default: expecting[content.stream] = .count(count)
            }
        }
        return expecting
    }

    private func wrongExpectation(of stream: Int, on fork: Fork) -> ModelExpectation {
        let count = fork.count(of: stream)
        switch random.below(5) {
        case 0 where count == 0: return .exists
        case 1 where count > 0: return .count(count - 1)
        case 2 where count > 0: return .count(0)
        case 3: return .count(.max)
        default: return .count(count + 1)
        }
    }
}

extension ModelExpectation {
    var version: ExpectedVersion {
        switch self {
        case .any: .any
        case .exists: .exists
        case .count(.max): .exactly(Version(.max))
        case .count(let count): .exactly(Version(UInt64(count)))
        }
    }
}

extension Range<Position> {
    var numbers: Range<Int> { Int(lowerBound.rawValue)..<Int(upperBound.rawValue) }
}
