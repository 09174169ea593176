// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, segments. The names of streams and types while many rows are read: each
// page of names is looked at once, and kept for as long as references into it are lent.

struct SegmentScanNames: ~Copyable {
    // Not private: Swift 6.3 fails to compile what destroys these names in another file.
    struct StreamPlace: BitwiseCopyable {
        var hash: UInt64
        var name: UnsafeRawPointer?
        var firstVersion: UInt64
        var firstRow: UInt32
        var count: UInt32
        var nameByteCount: UInt8
    }

    private let segment: Segment
    private var pages: [Page] = []
    private let streams: ScratchArray<StreamPlace>
    private let types: ScratchArray<UnsafeRawBufferPointer>
    /// The stream found last, and the rows it has.
    private var last: UInt32 = 0
    private var lastRows = 0..<0

    init(_ segment: Segment) {
        self.segment = segment
        streams = ScratchArray(count: segment.footer.streamCount)
        types = ScratchArray(count: segment.footer.typeCount)
    }

    /// The number of the stream that has a row.
    @inline(__always)
    mutating func streamNumber(ofRow row: Int) throws(StorageError) -> UInt32 {
        if lastRows.contains(row) { return last }
        return try findStream(ofRow: row)
    }

    private mutating func findStream(ofRow row: Int) throws(StorageError) -> UInt32 {
        let footer = segment.footer
        let next = Int(last) + 1
        if row == lastRows.upperBound, next < streams.count, streams[next].name != nil {
            return remember(UInt32(next))
        }
        let number = footer.streamPage(ofRow: row)
        let numbers = footer.streams(ofPage: number)
        if streams[numbers.lowerBound].name == nil { try loadStreams(number) }
        var (low, high) = (numbers.lowerBound, numbers.upperBound)
        while high - low > 1 {
            let middle = (low + high) / 2
            if Int(streams[middle].firstRow) <= row { low = middle } else { high = middle }
        }
        return remember(UInt32(low))
    }

    private mutating func remember(_ number: UInt32) -> UInt32 {
        let place = streams[Int(number)]
        last = number
        lastRows = Int(place.firstRow)..<Int(place.firstRow + place.count)
        return number
    }

    private mutating func loadStreams(_ number: Int) throws(StorageError) {
        let page = try segment.streamPage(number)
        pages.append(page)
        let names = try segment.streams(number, in: page)
        let first = segment.footer.streams(ofPage: number).lowerBound
        // The first last, since it says whether all of them are there.
        for index in (0..<names.count).reversed() {
            let stream = try segment.stream(index, of: names, page: number)
            streams[first + index] = StreamPlace(
                hash: stream.hash.rawValue, name: stream.name.baseAddress,
                firstVersion: stream.firstVersion.rawValue, firstRow: stream.firstRow,
                count: stream.count,
                nameByteCount: UInt8(truncatingIfNeeded: stream.name.count))
        }
    }

    /// A stream whose number `streamNumber` gave.
    @inline(__always)
    func stream(_ number: UInt32) -> SegmentStream {
        let place = streams[Int(number)]
        return SegmentStream(
            hash: StreamHash(rawValue: place.hash),
            name: UnsafeRawBufferPointer(start: place.name, count: Int(place.nameByteCount)),
            firstVersion: Version(place.firstVersion), firstRow: place.firstRow, count: place.count)
    }

    /// The name of a type, whose number the caller has checked.
    @inline(__always)
    mutating func type(_ number: UInt32) throws(StorageError) -> UnsafeRawBufferPointer {
        let name = types[Int(number)]
        if name.baseAddress != nil { return name }
        try loadTypes(segment.footer.typePage(ofType: Int(number)))
        return types[Int(number)]
    }

    private mutating func loadTypes(_ number: Int) throws(StorageError) {
        let page = try segment.typePage(number)
        pages.append(page)
        let names = try segment.types(number, in: page)
        let first = segment.footer.types(ofPage: number).lowerBound
        for index in 0..<names.count {
            types[first + index] = try segment.typeName(index, of: names, page: number)
        }
    }
}
