// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, writing. Under the writer's lock: expected versions, versions, positions.
import SegmentStore

/// What became of a batch under the lock.
enum Enqueued {
    case queued(AppendResult)
    case conflict(AppendConflict)
}

/// A condition that does not hold, and the history it was held against. Versions only grow: what
/// is a conflict now is one for ever, and the rest is found out outside the lock.
struct AppendConflict {
    /// By index of the batch's streams.
    let stream: Int
    let next: Version
    let root: RootHold
    let tail: Tail
}

/// The next version of each stream of a batch, as the flushed part of a fork tells it: looked up
/// outside the lock, and good while the writer still stands on the same root.
struct LookedUpHeads: Sendable {
    let root: RootHold
    /// By index of the batch's streams; nil: not in the root, or not looked for there.
    let versions: [Version?]
}

extension Writer {
    /// Looks up, outside the lock, the streams that no tail holds. Reads pages; never blocks
    /// another thread.
    func lookUp(_ events: EventBatch) -> Result<LookedUpHeads, ForkError> {
        let (root, tail) = state.withLock { ($0.root, $0.tail) }
        do throws(ForkError) {
            var versions = [Version?](repeating: nil, count: events.streamCount)
            let missing = tail.heads(of: events).enumerated().filter { $0.element == nil }
                .map(\.offset)
            let found = try root.nextVersions(
                of: missing.map { index in
                    let stream = events.stream(index)
                    return StreamQuery(stream.hash, name: stream.name)
                })
            for (index, version) in zip(missing, found) { versions[index] = version }
            return .success(LookedUpHeads(root: root, versions: versions))
        } catch {
            return .failure(error)
        }
    }

    /// The conditions of a batch by index of its streams; `invalid` where one is for a stream
    /// that the batch does not write to.
    func conditions(
        _ expecting: [Expectation], of events: EventBatch
    ) throws(ForkError) -> [ExpectedVersion] {
        var conditions = [ExpectedVersion](repeating: .any, count: events.streamCount)
        for expectation in expecting {
            let index = (0..<events.streamCount).first { index in
                events.stream(index).name.elementsEqual(expectation.stream.utf8)
            }
            guard let index else {
                throw ForkError(
                    .invalid,
                    "a version of stream '\(expectation.stream)' is expected, and the batch has"
                        + " no event for it")
            }
            conditions[index] = expectation.version
        }
        return conditions
    }

    /// Checks the conditions, gives versions and positions, seals the frame, and queues it. On a
    /// conflict nothing is changed.
    func enqueue(
        _ events: EventBatch, _ conditions: [ExpectedVersion], looked: LookedUpHeads,
        in state: inout WriterState
    ) throws(ForkError) -> Enqueued {
        var next: [Version] = []
        next.reserveCapacity(events.streamCount)
        for (index, head) in state.tail.heads(of: events).enumerated() {
            if let head {
                next.append(head.version.advanced(by: 1))
            } else if state.root === looked.root {
                next.append(looked.versions[index] ?? .zero)
            } else {
                // A flush moved the root in between: what the tail held is there now.
                let stream = events.stream(index)
                next.append(
                    try state.root.nextVersion(of: stream.hash, name: stream.name) ?? .zero)
            }
        }
        if let index = conditions.indices.first(where: { !conditions[$0].holds(of: next[$0]) }) {
            return .conflict(
                AppendConflict(
                    stream: index, next: next[index], root: state.root,
                    tail: state.tail.prefix(below: state.end.head)))
        }
        try requireRoom(for: events, in: state)

        next.withUnsafeBufferPointer { events.assignVersions(first: $0) }
        let group = state.chain.seal([events], durableEnd: state.journal.durableEnd)
        let from = state.end.head
        let layer = state.layer
        try state.failing { () throws(ForkError) in
            try lifting { () throws(StorageError) in
                for frame in group.frames { try layer.append(frame, of: events) }
            }
        }
        state.queue.append(group)
        var byteCount: UInt64 = 0
        for index in 0..<events.count { byteCount += events.record(index).logicalByteCount }
        state.end = LiveEnd(
            byteEnd: group.byteEnd, head: from.advanced(by: UInt64(events.count)),
            logicalByteCount: state.end.logicalByteCount + byteCount)
        state.account.set(state.tail.byteCount)
        return .queued(AppendResult(positions: from..<state.end.head, wasRepeated: false))
    }

    /// A journal's end must fit the live word; rotation keeps it far below.
    private func requireRoom(
        for events: EventBatch, in state: WriterState
    ) throws(ForkError) {
        let end = state.chain.nextOffset + UInt64(events.frameByteCount)
        guard end <= LiveWord.byteEndMax else {
            throw ForkError(.busy, "the fork's journal is full until a flush ends: try again")
        }
    }
}

extension Tail {
    /// The heads of all streams of a batch, in its order; nil where the tail has none.
    fileprivate func heads(of batch: EventBatch) -> [StreamHead?] {
        [StreamHead?](unsafeUninitializedCapacity: batch.streamCount) { buffer, count in
            count = batch.streamCount
            buffer.initialize(repeating: nil)
            heads(of: batch, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
        }
    }
}

extension ExpectedVersion {
    /// Whether a stream whose next version is `next` meets the condition.
    fileprivate func holds(of next: Version) -> Bool {
        switch self {
        case .any: true
        case .exists: next != .zero
        case .exactly(let version): version == next
        }
    }

    /// As the subject of "... expected".
    var sentence: String {
        switch self {
        case .any: "any number was"
        case .exists: "at least one was"
        case .exactly(let version): version == .zero ? "none was" : "\(version) were"
        }
    }
}
