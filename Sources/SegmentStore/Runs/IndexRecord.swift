// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, runs. One stream's record in a run, decoded in place: a record whose head
// was read lies within its page, so that reading an extent needs no bounds again.

/// A stream in an index run: its name, and its extents from the newest to the oldest.
///
/// A small value over the page that it keeps alive; making and copying it allocates nothing.
package struct IndexRecord: Sendable {
    /// Holds the bytes that `name` points into.
    package let page: Page
    /// The run, for errors.
    private let run: ObjectID
    private let nameOffset: Int
    private let extentsOffset: Int
    private let nameByteCount: UInt8
    private let versionWidth: UInt8
    private let segmentWidth: UInt8
    private let newestCount: UInt32
    private let segmentCount: UInt32
    /// Extents of the stream in this run, at least one.
    package let count: Int
    /// The first version of the oldest extent.
    package let firstVersion: Version
    /// The version after the newest extent's last: the stream's next, as far as the run goes.
    package let endVersion: Version

    /// The stream's name, 1 to 255 bytes; valid while the record or its page is referenced.
    package var name: UnsafeRawBufferPointer { page.bytes.slice(nameOffset, Int(nameByteCount)) }

    /// Bytes of the record, and where the next one begins in the page.
    var endOffset: Int { extentsOffset + count * extentByteCount }

    /// Whether both stand at one place of one run, read at different times.
    func isSamePlace(as other: IndexRecord) -> Bool {
        nameOffset == other.nameOffset && count == other.count
            && firstVersion == other.firstVersion && endVersion == other.endVersion
            && ByteOrder.equal(name, other.name)
    }

    private var extentByteCount: Int {
        Int(versionWidth) + Int(segmentWidth) + IndexRunFormat.rowByteCount
    }

    /// Reads the head of the record at `offset` of a page; nil where none can stand there.
    @inline(__always)
    init?(_ page: Page, at offset: Int, run: ObjectID, segmentCount: Int, segmentWidth: Int) {
        let bytes = page.bytes
        guard offset >= 0, offset < bytes.count else { return nil }
        let nameByteCount = bytes[offset]
        nameOffset = offset + 1
        var next = nameOffset + Int(nameByteCount)
        guard nameByteCount > 0,
            let extents = bytes.readVariable(at: &next),
            let oldest = bytes.readVariable(at: &next),
            let newestCount = bytes.readVariable(at: &next),
            extents > 0, extents <= UInt64(segmentCount),
            newestCount > 0, newestCount <= UInt64(EventLimits.segmentEventCount)
        else { return nil }
        count = Int(extents)
        var width: UInt8 = 0
        if count > 1 {
            // Older extents hold earlier versions, so at least one byte tells them apart.
            guard next < bytes.count, (1...8).contains(bytes[next]) else { return nil }
            width = bytes[next]
            next += 1
        }
        let extentByteCount = Int(width) + segmentWidth + IndexRunFormat.rowByteCount
        guard count <= (bytes.count - next) / extentByteCount else { return nil }
        let newest = count == 1 ? 0 : bytes.readNumber(at: next, width: Int(width))
        let (newestFirst, firstOverflows) = oldest.addingReportingOverflow(newest)
        let (end, endOverflows) = newestFirst.addingReportingOverflow(newestCount)
        guard !firstOverflows, !endOverflows, IndexRunFormat.byteWidth(of: newest) == Int(width)
        else { return nil }

        self.page = page
        self.run = run
        self.nameByteCount = nameByteCount
        self.newestCount = UInt32(newestCount)
        self.segmentCount = UInt32(truncatingIfNeeded: segmentCount)
        self.segmentWidth = UInt8(truncatingIfNeeded: segmentWidth)
        versionWidth = width
        extentsOffset = next
        firstVersion = Version(oldest)
        endVersion = Version(end)
    }
}

// MARK: Extents

extension IndexRecord {
    /// Extent `index`, from 0 for the newest to `count - 1` for the oldest; its segment is one of
    /// the run's. O(1).
    @inline(__always)
    package func extent(_ index: Int) throws(StorageError) -> RunExtent {
        precondition(index >= 0 && index < count)
        let bytes = page.bytes
        let first = versionOffset(index)
        var events = UInt64(newestCount)
        if index > 0 {
            // No offset may exceed the newest's: that one was shown to stay within 64 bits.
            let newer = versionOffset(index - 1)
            guard first < newer, newer <= versionOffset(0) else { throw damage(index) }
            events = newer - first
        }
        let offset = extentsOffset + index * extentByteCount + Int(versionWidth)
        let segment = UInt32(
            truncatingIfNeeded: bytes.readNumber(at: offset, width: Int(segmentWidth)))
        let row = UInt32(
            truncatingIfNeeded: bytes.readNumber(
                at: offset + Int(segmentWidth), width: IndexRunFormat.rowByteCount))
        guard events <= UInt64(EventLimits.segmentEventCount), segment < segmentCount,
            index < count - 1 || first == 0
        else { throw damage(index) }
        return RunExtent(
            firstVersion: Version(firstVersion.rawValue + first),
            count: UInt32(truncatingIfNeeded: events), segment: segment, firstRow: row)
    }

    /// The index of the extent that holds `version`; nil where the run does not have it.
    /// O(log extents).
    package func extentIndex(holding version: Version) throws(StorageError) -> Int? {
        guard version >= firstVersion, version < endVersion else { return nil }
        let wanted = version.rawValue - firstVersion.rawValue
        var low = 0
        var high = count - 1
        // The first extent that begins at or below the version; the oldest begins at 0.
        while low < high {
            let middle = (low + high) / 2
            if versionOffset(middle) <= wanted { high = middle } else { low = middle + 1 }
        }
        let found = try extent(low)
        guard found.firstVersion <= version, version < found.endVersion else { throw damage(low) }
        return low
    }

    /// The first version of extent `index`, less that of the oldest.
    @inline(__always)
    private func versionOffset(_ index: Int) -> UInt64 {
        page.bytes.readNumber(
            at: extentsOffset + index * extentByteCount, width: Int(versionWidth))
    }

    private func damage(_ index: Int) -> StorageError {
        run.damage(
            at: nil,
            "extent \(index) of stream \"\(String(decoding: name, as: UTF8.self))\""
                + " does not follow the one before")
    }
}

extension UnsafeRawBufferPointer {
    /// A number of `width` bytes, 0 to 8, that the caller has shown to lie within.
    @inline(__always)
    fileprivate func readNumber(at offset: Int, width: Int) -> UInt64 {
        assert(offset >= 0 && width >= 0 && width <= 8 && offset + width <= count)
        if offset + 8 <= count {
            let all = uint64(at: offset)
            return width == 0 ? 0 : all & (UInt64.max >> UInt64(64 - 8 * width))
        }
        var value: UInt64 = 0
        for index in 0..<width { value |= UInt64(self[offset + index]) << UInt64(8 * index) }
        return value
    }

    /// A LEB128 number in its shortest form; nil beyond the end, 64 bits, or in a longer form.
    @inline(__always)
    fileprivate func readVariable(at offset: inout Int) -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while offset < count, shift < 64 {
            let byte = self[offset]
            offset += 1
            if shift == 63, byte > 1 { return nil }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return byte == 0 && shift > 0 ? nil : value }
            shift += 7
        }
        return nil
    }
}
