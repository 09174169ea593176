// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, writing. Under the writer's lock: expected versions, versions, positions.
import SegmentStore

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
            for (index, head) in tail.heads(of: events).enumerated() where head == nil {
                let stream = events.stream(index)
                versions[index] = try root.nextVersion(of: stream.hash, name: stream.name)
            }
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

    /// Checks the conditions, gives versions and positions, seals the frame, and queues it.
    func enqueue(
        _ events: EventBatch, _ conditions: [ExpectedVersion], looked: LookedUpHeads,
        in state: inout WriterState
    ) throws(ForkError) -> AppendResult {
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
        if let repeated = try check(conditions, next, events, in: state) { return repeated }
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
        return AppendResult(positions: from..<state.end.head, wasRepeated: false)
    }

    /// Nil: append. A result: exactly these events are there already. Throws on a conflict.
    private func check(
        _ conditions: [ExpectedVersion], _ next: [Version], _ events: EventBatch,
        in state: WriterState
    ) throws(ForkError) -> AppendResult? {
        var conflict: Int?
        for (index, condition) in conditions.enumerated() {
            switch condition {
            case .any: continue
            case .exists: if next[index] == .zero { conflict = conflict ?? index }
            case .exactly(let version):
                if version != next[index] { conflict = conflict ?? index }
            }
        }
        guard let conflict else { return nil }
        if let repeated = try findRepeated(conditions, events, in: state) { return repeated }
        let stream = String(decoding: events.stream(conflict).name, as: UTF8.self)
        throw ForkError(
            .wrongVersion,
            "stream '\(stream)' has \(next[conflict]) event\(next[conflict] == Version(1) ? "" : "s"), and"
                + " \(conditions[conflict].sentence) expected: read it and decide again")
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
    /// As the subject of "... expected".
    var sentence: String {
        switch self {
        case .any: "any number was"
        case .exists: "at least one was"
        case .exactly(let version): version == .zero ? "none was" : "\(version) were"
        }
    }
}
