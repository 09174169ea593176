// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, journal. One encoded event, read in place.
// A record is checked once, when it enters memory; every accessor after that trusts it.

/// A borrowed, verified record: a pointer that the frame's memory keeps valid. Trivial.
package struct EventRecord {
    package let base: UnsafeRawPointer

    /// Trusts that a verified record begins at `base`.
    @inline(__always)
    package init(verifiedAt base: UnsafeRawPointer) { self.base = base }

    @inline(__always)
    package var byteCount: Int { Int(load(EventRecordFormat.byteCountOffset, as: UInt32.self)) }

    @inline(__always)
    package var version: Version { Version(load(EventRecordFormat.versionOffset, as: UInt64.self)) }

    package var time: Timestamp {
        Timestamp(nanoseconds: load(EventRecordFormat.timeOffset, as: Int64.self))
    }

    /// The record right behind this one in its frame; there must be one.
    @inline(__always)
    package var next: EventRecord { EventRecord(verifiedAt: base + byteCount) }

    @inline(__always)
    package var stream: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base + bodyOffset, count: streamByteCount)
    }

    package var type: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base + bodyOffset + streamByteCount, count: typeByteCount)
    }

    package var storedID: EventID? {
        guard flags & EventRecordFormat.storedIDFlag != 0 else { return nil }
        let offset = EventRecordFormat.headByteCount
        return EventID(
            high: load(offset, as: UInt64.self), low: load(offset + 8, as: UInt64.self))
    }

    /// Bytes of stream, type, data and metadata: what totals count.
    package var logicalByteCount: UInt64 { UInt64(byteCount - bodyOffset) }

    /// The event as it passes between floors; `hash` is that of its stream.
    package func reference(position: Position, hash: StreamHash) -> EventReference {
        let body = base + bodyOffset
        let metadataOffset = streamByteCount + typeByteCount
        let metadataByteCount = Int(
            load(EventRecordFormat.metadataByteCountOffset, as: UInt32.self))
        let dataByteCount = Int(load(EventRecordFormat.dataByteCountOffset, as: UInt32.self))
        let hasMetadata = flags & EventRecordFormat.metadataFlag != 0
        return EventReference(
            position: position, version: version, time: time, streamHash: hash,
            storedID: storedID,
            stream: UnsafeRawBufferPointer(start: body, count: streamByteCount),
            type: UnsafeRawBufferPointer(start: body + streamByteCount, count: typeByteCount),
            data: UnsafeRawBufferPointer(
                start: body + metadataOffset + metadataByteCount, count: dataByteCount),
            metadata: hasMetadata
                ? UnsafeRawBufferPointer(start: body + metadataOffset, count: metadataByteCount)
                : nil,
            isJSON: flags & EventRecordFormat.jsonFlag != 0)
    }

    @inline(__always)
    private var flags: UInt8 { load(EventRecordFormat.flagsOffset, as: UInt8.self) }

    @inline(__always)
    private var streamByteCount: Int {
        Int(load(EventRecordFormat.streamByteCountOffset, as: UInt8.self))
    }

    private var typeByteCount: Int {
        Int(load(EventRecordFormat.typeByteCountOffset, as: UInt8.self))
    }

    @inline(__always)
    private var bodyOffset: Int {
        flags & EventRecordFormat.storedIDFlag != 0
            ? EventRecordFormat.headByteCount + EventRecordFormat.idByteCount
            : EventRecordFormat.headByteCount
    }

    @inline(__always)
    private func load<Number: FixedWidthInteger & BitwiseCopyable>(
        _ offset: Int, as type: Number.Type
    ) -> Number {
        Number(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: type))
    }
}

extension EventRecord {
    /// Checks the record at the start of `bytes`, which may be anything, and returns its length;
    /// nil where it is no record that `EventBatch` could have written. O(1).
    package static func checkedByteCount(in bytes: UnsafeRawBufferPointer) -> Int? {
        guard let base = bytes.baseAddress, bytes.count >= EventRecordFormat.byteCountMin else {
            return nil
        }
        let record = EventRecord(verifiedAt: base)
        let metadataByteCount = Int(
            record.load(EventRecordFormat.metadataByteCountOffset, as: UInt32.self))
        let dataByteCount = Int(
            record.load(EventRecordFormat.dataByteCountOffset, as: UInt32.self))
        let hasMetadata = record.flags & EventRecordFormat.metadataFlag != 0
        // Sums of two 32-bit numbers, two bytes and a constant: no overflow of 64 bits.
        let expected =
            record.bodyOffset + record.streamByteCount + record.typeByteCount
            + metadataByteCount + dataByteCount
        guard record.byteCount == expected, expected <= bytes.count,
            record.flags & ~EventRecordFormat.allFlags == 0,
            record.load(EventRecordFormat.zeroOffset, as: UInt8.self) == 0,
            record.streamByteCount > 0, record.typeByteCount > 0,
            hasMetadata || metadataByteCount == 0,
            metadataByteCount + dataByteCount <= EventLimits.eventByteCount,
            record.version.rawValue < EventRecordFormat.numberLimit
        else { return nil }
        return expected
    }
}
