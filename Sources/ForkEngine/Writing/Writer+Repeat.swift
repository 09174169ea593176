// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, writing. A retry is recognised only when every event carries an id: same
// ids, types, data and metadata at the same versions.
import SegmentStore

extension Writer {
    /// Outside the lock: a batch that is in the history already, or the error that says which
    /// condition does not hold.
    func resolve(
        _ conflict: AppendConflict, _ conditions: [ExpectedVersion], _ events: EventBatch
    ) throws(ForkError) -> AppendResult {
        do throws(ForkError) {
            if let repeated = try conflict.findRepeated(conditions, events) { return repeated }
        } catch {
            // What cannot be read may be of a writer that is closed, whose root nobody keeps, or
            // of a fork that was dropped and collected.
            try state.withLock { state throws(ForkError) in
                try state.requireOpen()
                if state.slot.word.isFenced { try meetFence(&state) }
            }
            throw error
        }
        let stream = String(decoding: events.stream(conflict.stream).name, as: UTF8.self)
        let next = conflict.next
        throw ForkError(
            .wrongVersion,
            "stream '\(stream)' has \(next) event\(next == Version(1) ? "" : "s"), and"
                + " \(conditions[conflict.stream].sentence) expected: read it and decide again")
    }
}

extension AppendConflict {
    /// The positions of exactly these events where all of them are there already: every stream
    /// with an exact version, every event with an id, equal at its version. Else nil.
    fileprivate func findRepeated(
        _ conditions: [ExpectedVersion], _ events: EventBatch
    ) throws(ForkError) -> AppendResult? {
        var lowest: Position?
        var highest = Position.zero
        for (index, condition) in conditions.enumerated() {
            guard case .exactly(let first) = condition else { return nil }
            let stream = events.stream(index)
            var member: Int? = stream.firstEvent
            var version = first
            while let event = member {
                let record = events.record(event)
                guard record.storedID != nil else { return nil }
                let given = record.reference(position: .zero, hash: stream.hash)
                guard let position = try position(of: given, at: version) else { return nil }
                lowest = min(lowest ?? position, position)
                highest = max(highest, position)
                member = events.event(after: event)
                version = version.advanced(by: 1)
            }
        }
        guard let lowest else { return nil }
        return AppendResult(positions: lowest..<highest.advanced(by: 1), wasRepeated: true)
    }

    /// Where the stream has this very event at this version.
    private func position(
        of given: EventReference, at version: Version
    ) throws(ForkError) -> Position? {
        var found: Position?
        func compare(_ stored: EventReference) {
            if stored.isSameEvent(as: given) { found = stored.position }
        }
        let place = tail.find(given.streamHash, name: given.stream, version: version)
        if let place {
            try lifting { () throws(StorageError) in
                _ = try tail.withEvent(at: place) { (event) throws(StorageError) in
                    compare(event)
                }
            }
        } else {
            try root.withEvent(
                given.streamHash, name: given.stream, version: version, compare)
        }
        return found
    }
}

extension EventReference {
    /// Same stored id, type, data and metadata. Time is not compared: a retry may take it anew.
    func isSameEvent(as other: EventReference) -> Bool {
        guard let storedID, storedID == other.storedID, isJSON == other.isJSON else {
            return false
        }
        guard type.elementsEqual(other.type), data.elementsEqual(other.data) else { return false }
        switch (metadata, other.metadata) {
        case (nil, nil): return true
        case (let left?, let right?): return left.elementsEqual(right)
        default: return false
        }
    }
}
