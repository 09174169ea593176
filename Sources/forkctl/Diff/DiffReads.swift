// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. What a comparison read, as the page cache counted it.
import SegmentStore

enum DiffReads {
    /// `2 nodes and 5 blocks`: pages read from disk, verified and decompressed.
    static func text(of reads: ReadCounts) -> String {
        "\(Quantity.count(reads.nodes.read, "node")) and"
            + " \(Quantity.count(reads.blocks.read, "block"))"
    }

    /// Pages read from disk, and all that were asked for, those found in the cache included.
    static func members(
        of reads: ReadCounts, in json: inout JSONWriter
    ) throws(CommandFailure) {
        let kinds: [(StaticString, KeyPath<ReadCounts.Pages, UInt64>)] = [
            ("pagesRead", \.read), ("pagesUsed", \.used),
        ]
        for (name, count) in kinds {
            try json.object(name) { (json) throws(CommandFailure) in
                json.member("nodes", reads.nodes[keyPath: count])
                json.member("blocks", reads.blocks[keyPath: count])
                json.member("runPages", reads.runPages[keyPath: count])
                json.member("tablePages", reads.tablePages[keyPath: count])
            }
        }
    }
}
