// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. The streams of a view and how many events each has.
import ForkEngine
import SegmentStore

struct StreamCount {
    let stream: String
    let eventCount: UInt64

    /// The streams whose ids begin with `prefix`, in the order of their ids' bytes.
    static func all(of view: View, prefix: String) throws(ForkError) -> [StreamCount] {
        let prefixBytes = Array(prefix.utf8)
        var counts: [[UInt8]: UInt64] = [:]
        try view.scan(Position.zero..<view.head) { (event) throws(ForkError) in
            if event.stream.starts(with: prefixBytes) {
                counts[Array(event.stream), default: 0] += 1
            }
            return true
        }
        return counts.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map {
            StreamCount(stream: String(decoding: $0.key, as: UTF8.self), eventCount: $0.value)
        }
    }
}
