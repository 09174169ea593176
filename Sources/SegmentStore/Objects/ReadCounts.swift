// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, objects. What reading cost, in pages: equal counts are what tests assert
// where a benchmark could only show times.

/// Pages read from objects and pages found in the cache, since the cache was made.
package struct ReadCounts: Hashable, Sendable {
    package struct Pages: Hashable, Sendable {
        /// Read from an object, verified and decompressed.
        package var read: UInt64 = 0
        /// Found in the cache.
        package var hit: UInt64 = 0

        /// All pages that were asked for.
        package var used: UInt64 { read + hit }
    }

    package var nodes = Pages()
    package var runPages = Pages()
    package var blocks = Pages()
    package var tablePages = Pages()
    /// Bytes of pages as they are stored, read from objects.
    package var storedByteCount: UInt64 = 0

    package init() {}

    package subscript(role: PageRole) -> Pages {
        get {
            switch role {
            case .node: nodes
            case .run: runPages
            case .block: blocks
            case .table: tablePages
            }
        }
        set {
            switch role {
            case .node: nodes = newValue
            case .run: runPages = newValue
            case .block: blocks = newValue
            case .table: tablePages = newValue
            }
        }
    }

    package static func + (left: ReadCounts, right: ReadCounts) -> ReadCounts {
        left.combined(with: right, by: &+)
    }

    /// What was read between two looks at the same cache, the earlier on the right.
    package static func - (left: ReadCounts, right: ReadCounts) -> ReadCounts {
        left.combined(with: right, by: &-)
    }

    private func combined(
        with other: ReadCounts, by operation: (UInt64, UInt64) -> UInt64
    ) -> ReadCounts {
        var result = ReadCounts()
        for role in PageRole.allCases {
            result[role].read = operation(self[role].read, other[role].read)
            result[role].hit = operation(self[role].hit, other[role].hit)
        }
        result.storedByteCount = operation(storedByteCount, other.storedByteCount)
        return result
    }
}
