// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, journal. Encoding an event into its batch, and the limits it must keep.

extension EventBatch {
    /// Encodes one event at the end. The bytes are copied. `id` is given where it is to be
    /// stored; nil lets the store derive it. UTF-8 and JSON are the caller's to check.
    ///
    /// O(bytes). Throws `.limit` and leaves the batch as it was where the event or the batch
    /// would pass a limit of `EventLimits`.
    package func add(
        stream: UnsafeRawBufferPointer, type: UnsafeRawBufferPointer,
        data: UnsafeRawBufferPointer, metadata: UnsafeRawBufferPointer?, time: Timestamp,
        id: EventID?, isJSON: Bool
    ) throws(StorageError) {
        try add(
            stream: stream, hash: StreamHash(of: stream), type: type, data: data,
            metadata: metadata, time: time, id: id, isJSON: isJSON)
    }

    /// The same with the stream's hash given, which the caller already knows.
    package func add(
        stream: UnsafeRawBufferPointer, hash: StreamHash, type: UnsafeRawBufferPointer,
        data: UnsafeRawBufferPointer, metadata: UnsafeRawBufferPointer?, time: Timestamp,
        id: EventID?, isJSON: Bool
    ) throws(StorageError) {
        detach()
        let metadataByteCount = metadata?.count ?? 0
        try checkLimits(
            stream: stream.count, type: type.count, metadata: metadataByteCount, data: data.count)

        let bodyOffset =
            EventRecordFormat.headByteCount + (id == nil ? 0 : EventRecordFormat.idByteCount)
        let recordByteCount =
            bodyOffset + stream.count + type.count + metadataByteCount + data.count
        reserve(recordByteCount)
        let offset = byteCount
        let record = bytes + offset

        var flags: UInt8 = isJSON ? EventRecordFormat.jsonFlag : 0
        if metadata != nil { flags |= EventRecordFormat.metadataFlag }
        if let id {
            flags |= EventRecordFormat.storedIDFlag
            store(id.high, record, EventRecordFormat.headByteCount)
            store(id.low, record, EventRecordFormat.headByteCount + 8)
        }
        store(UInt32(recordByteCount), record, EventRecordFormat.byteCountOffset)
        store(flags, record, EventRecordFormat.flagsOffset)
        store(UInt8(stream.count), record, EventRecordFormat.streamByteCountOffset)
        store(UInt8(type.count), record, EventRecordFormat.typeByteCountOffset)
        store(UInt8(0), record, EventRecordFormat.zeroOffset)
        store(UInt64(0), record, EventRecordFormat.versionOffset)
        store(time.rawValue, record, EventRecordFormat.timeOffset)
        store(UInt32(metadataByteCount), record, EventRecordFormat.metadataByteCountOffset)
        store(UInt32(data.count), record, EventRecordFormat.dataByteCountOffset)

        var body = record + bodyOffset
        body = copy(stream, to: body)
        body = copy(type, to: body)
        if let metadata { body = copy(metadata, to: body) }
        _ = copy(data, to: body)

        byteCount += recordByteCount
        contentByteCount += metadataByteCount + data.count
        join(hash: hash, name: stream, nameOffset: offset + bodyOffset, recordOffset: offset)
    }

    @inline(__always)
    private func checkLimits(
        stream: Int, type: Int, metadata: Int, data: Int
    ) throws(StorageError) {
        if stream < 1 || stream > EventLimits.streamByteCount {
            throw .limit(
                what: "length of the stream's name in bytes (at least 1)",
                limit: EventLimits.streamByteCount, actual: stream)
        }
        if type < 1 || type > EventLimits.typeByteCount {
            throw .limit(
                what: "length of the event's type in bytes (at least 1)",
                limit: EventLimits.typeByteCount, actual: type)
        }
        if metadata + data > EventLimits.eventByteCount {
            throw .limit(
                what: "size of the event's data and metadata in bytes",
                limit: EventLimits.eventByteCount, actual: metadata + data)
        }
        if contentByteCount + metadata + data > EventLimits.batchByteCount {
            throw .limit(
                what: "size of the batch's data and metadata in bytes",
                limit: EventLimits.batchByteCount, actual: contentByteCount + metadata + data)
        }
        if members.count >= EventLimits.batchEventCount {
            throw .limit(
                what: "number of events in the batch",
                limit: EventLimits.batchEventCount, actual: members.count + 1)
        }
    }

    @inline(__always)
    private func reserve(_ more: Int) {
        guard byteCount + more > capacity else { return }
        capacity = max(capacity * 2, byteCount + more)
        bytes = reallocateMemory(bytes, capacity)
    }

    @inline(__always)
    private func store<Number: FixedWidthInteger & BitwiseCopyable>(
        _ number: Number, _ record: UnsafeMutableRawPointer, _ offset: Int
    ) {
        record.storeBytes(of: number.littleEndian, toByteOffset: offset, as: Number.self)
    }

    @inline(__always)
    private func copy(
        _ source: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer
    ) -> UnsafeMutableRawPointer {
        guard let base = source.baseAddress else { return target }
        target.copyMemory(from: base, byteCount: source.count)
        return target + source.count
    }
}
