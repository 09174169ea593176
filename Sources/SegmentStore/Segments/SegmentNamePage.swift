// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, segments. A page of names in order: streams with their first rows and first
// versions, or types with their counts.

/// A page of names, borrowed. Trivial; valid while the page is.
struct SegmentNamePage {
    let count: Int
    private let ends: ByteColumn
    private let rows: ByteColumn
    private let versions: ByteColumn
    private let names: UnsafeRawBufferPointer

    /// Nil where the bytes are no page of `count` names.
    init?(_ bytes: UnsafeRawBufferPointer, count: Int) {
        typealias Format = SegmentFormat.Names
        var offset = Format.headerByteCount
        guard bytes.count >= offset, count > 0,
            UInt64(bytes.uint32(at: 0)) == UInt64(count),
            let ends = Format.columns.column(0, of: bytes, count: count, from: &offset),
            let rows = Format.columns.column(1, of: bytes, count: count, from: &offset),
            let versions = Format.columns.column(2, of: bytes, count: count, from: &offset),
            UInt64(bytes.uint32(at: 4)) == UInt64(offset)
        else { return nil }
        self.count = count
        self.ends = ends
        self.rows = rows
        self.versions = versions
        names = bytes.slice(offset, bytes.count - offset)
    }

    /// Name `index`, of 1 to 255 bytes; nil where the page says something impossible.
    @inline(__always)
    func name(_ index: Int) -> UnsafeRawBufferPointer? {
        let start = index == 0 ? 0 : ends[index - 1]
        let end = ends[index]
        guard start < end, end - start <= 255, end <= UInt64(names.count) else { return nil }
        return names.slice(Int(start), Int(end - start))
    }

    /// A stream's first row, or a type's count of events.
    @inline(__always)
    func row(_ index: Int) -> UInt64 { rows[index] }

    @inline(__always)
    func version(_ index: Int) -> UInt64 { versions[index] }

    /// The last name whose first row is at most `row`; the caller knows that the page's first is.
    @inline(__always)
    func index(ofRow row: UInt64) -> Int {
        var (low, high) = (0, count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if rows[middle] <= row { low = middle } else { high = middle }
        }
        return low
    }
}

/// Gathers names until a page is full.
struct SegmentNamePageBuilder: ~Copyable {
    private var ends: [UInt64] = []
    private var rows: [UInt64] = []
    private var versions: [UInt64] = []
    private var names = ByteSink(capacity: 32 << 10)
    private var page = ByteSink(capacity: 64 << 10)
    /// Names written in pages before the one that is being filled.
    private var writtenCount: UInt32 = 0
    /// The number of the first name, and the first row, of each page written.
    private(set) var pages: [(first: UInt32, row: UInt32)] = []

    mutating func append(
        _ name: UnsafeRawBufferPointer, row: UInt64, version: UInt64, to writer: inout ObjectWriter
    ) throws(StorageError) {
        let filled =
            names.count + name.count
            + (ends.count + 1) * SegmentFormat.Names.nameOverheadByteCount
        if !ends.isEmpty, filled > ObjectFormat.pageByteCountUsual {
            try finishPage(to: &writer)
        }
        names.append(name)
        ends.append(UInt64(names.count))
        rows.append(row)
        versions.append(version)
    }

    /// Writes the page that was begun, if any.
    mutating func finishPage(to writer: inout ObjectWriter) throws(StorageError) {
        guard let firstRow = rows.first else { return }
        typealias Format = SegmentFormat.Names
        page.removeAll()
        page.appendZeros(Format.headerByteCount)
        ends.withUnsafeBufferPointer { Format.columns.append(0, $0, to: &page) }
        rows.withUnsafeBufferPointer { Format.columns.append(1, $0, to: &page) }
        versions.withUnsafeBufferPointer { Format.columns.append(2, $0, to: &page) }
        page.mutableBytes.set(UInt32(ends.count), at: 0)
        page.mutableBytes.set(UInt32(page.count), at: 4)
        page.append(names.bytes)
        _ = try writer.appendPage(page.bytes)
        pages.append((writtenCount, UInt32(firstRow)))
        writtenCount += UInt32(ends.count)
        ends.removeAll(keepingCapacity: true)
        rows.removeAll(keepingCapacity: true)
        versions.removeAll(keepingCapacity: true)
        names.removeAll()
    }
}
