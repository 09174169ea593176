// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, segments. The streams of a segment, in the order of its rows: what an index
// run is built from, and rebuilt from when it is lost.

extension Segment {
    /// Goes through the streams by (key, name), one page in memory at a time.
    package func makeStreamCursor() -> SegmentStreamCursor { SegmentStreamCursor(self) }
}

/// Gives a segment's streams one by one.
package struct SegmentStreamCursor: ~Copyable {
    private let segment: Segment
    private var page: Page?
    private var names: SegmentNamePage?
    private var pageNumber = -1
    private var index = 0

    init(_ segment: Segment) { self.segment = segment }

    /// The next stream, whose name is valid until the next call; nil after the last.
    package mutating func next() throws(StorageError) -> SegmentStream? {
        if names.map({ index == $0.count }) ?? true {
            guard pageNumber + 1 < segment.footer.streamPageCount else { return nil }
            pageNumber += 1
            let next = try segment.streamPage(pageNumber)
            names = try segment.streams(pageNumber, in: next)
            page = next
            index = 0
        }
        guard let names else { return nil }
        defer { index += 1 }
        return try segment.stream(index, of: names, page: pageNumber)
    }
}
