// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. Instants as options take them.
import ForkEngine
import SegmentStore

enum Instant {
    /// Reads `2026-10-01T12:00:00Z`, or `2026-10-01` as 00:00 UTC.
    static func parse(_ text: String) throws(TextError) -> Timestamp {
        try text.withBytes { (bytes) throws(TextError) in
            try bytes.count <= 10 ? RFC3339.parseDate(bytes) : RFC3339.parse(bytes)
        }
    }
}
