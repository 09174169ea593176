// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, repair. Damaged objects made again under the address they had. An address is
// the sum of all bytes (invariant 5): what comes out under it is what was lost, to the last bit.

extension SegmentStore {
    /// Where an object is wrong, as a line of text that is equal for equal damage; nil where it is
    /// sound. Reads all of it, past every cache.
    package func fault(of object: ObjectID) throws(StorageError) -> String? {
        if try isSound(object) { return nil }
        switch try ObjectFault.find(in: object, of: objects.backend) {
        case .all: return "all"
        case .pages(let pages):
            return "pages " + pages.sorted().map(String.init).joined(separator: " ")
        case .header: return "header"
        case .content: return "content"
        }
    }

    private func isSound(_ object: ObjectID) throws(StorageError) -> Bool {
        do throws(StorageError) {
            try withoutCaches().objects.open(object).verify()
            return true
        } catch {
            guard error.isDamage else { throw error }
            return false
        }
    }

    /// Writes an object again whose header alone is wrong; false where that is not all.
    package func mendHeader(of object: ObjectID) throws(StorageError) -> Bool {
        guard try ObjectFault.find(in: object, of: objects.backend) == .header else { return false }
        let source = try objects.backend.open(object)
        let upload = try objects.backend.makeUpload()
        var hasher = ObjectHasher()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        var offset: UInt64 = 0
        while offset < source.byteCount {
            let count = try source.read(into: buffer, at: offset)
            guard count > 0 else { return false }
            if offset == 0 {
                ObjectFormat.writeHeader(
                    object.kind,
                    to: UnsafeMutableRawBufferPointer(
                        rebasing: buffer[..<ObjectFormat.headerByteCount]))
            }
            let bytes = UnsafeRawBufferPointer(buffer).slice(0, count)
            hasher.update(bytes)
            try upload.append(bytes)
            offset += UInt64(count)
        }
        guard hasher.address() == object.address else { return false }
        _ = try upload.publish(as: object)
        return true
    }

    /// Builds a segment again from its events; false, and nothing is written, where what comes out
    /// is another one.
    package func rebuild(
        _ segment: ObjectID, from events: UnsafeBufferPointer<EventReference>,
        context: SegmentContext
    ) throws(StorageError) -> Bool {
        let trial = try SegmentBuilder.build(
            events, context: context, in: TransientObjects.makeStore())
        guard trial.object.id == segment else { return false }
        _ = try SegmentBuilder.build(events, context: context, in: objects)
        return true
    }

    /// Builds a segment of as many of the events, from the first on, as one may hold. `replacing` is
    /// called with its name before it is written.
    package func buildSegment(
        from events: UnsafeBufferPointer<EventReference>, context: SegmentContext,
        replacing: (ObjectID) throws(StorageError) -> Void
    ) throws(StorageError) -> (candidate: SegmentCandidate, object: PublishedObject) {
        let count = firstPartCount(of: events)
        let part = UnsafeBufferPointer(rebasing: events[..<count])
        let first = part[0].position
        let context = context.clamped(to: first..<first.advanced(by: UInt64(count)))
        let trial = try SegmentBuilder.build(
            part, context: context, in: TransientObjects.makeStore())
        try replacing(trial.object.id)
        let built = try SegmentBuilder.build(part, context: context, in: objects)
        return (
            SegmentCandidate(
                entry: SegmentEntry(built, context: context), overlays: context.overlays),
            built.object
        )
    }

    /// Builds a run again over the segments that it covers; false, and nothing is written, where
    /// what comes out is another one. Throws damage where a segment's tables cannot be read.
    package func rebuild(
        _ run: RunEntry, over segments: [SegmentEntry]
    ) throws(StorageError) -> Bool {
        let trial = try build(
            over: segments, hasFilter: run.hasFilter, in: TransientObjects.makeStore())
        guard trial.object.id == run.object else { return false }
        _ = try build(over: segments, hasFilter: run.hasFilter, in: objects)
        return true
    }

    /// Builds one run over neighbouring segments, oldest first: O(streams of all of them) memory.
    func build(
        over segments: [SegmentEntry], hasFilter: Bool, in store: ObjectStore
    ) throws(StorageError) -> BuiltRun {
        let fresh = withoutCaches()
        let transient = TransientObjects.makeStore()
        var inputs: [RunMergeInput] = []
        for entry in segments {
            let streams = try SegmentStreamTable(
                of: fresh.segments.open(entry), below: entry.end)
            let place = RunSegment(address: entry.address, range: entry.range)
            if segments.count == 1 {
                return try IndexRunBuilder.build(
                    place, streams: streams, isOldest: !hasFilter, in: store)
            }
            let run = try IndexRunBuilder.build(
                place, streams: streams, isOldest: true, in: transient)
            inputs.append(RunMergeInput(try IndexRun(transient.open(run.object.id))))
        }
        return try IndexRunBuilder.merge(inputs, isOldest: !hasFilter, in: store) { _, _, _ in 0 }
    }
}
