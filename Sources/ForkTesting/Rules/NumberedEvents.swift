// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, rules. Events that follow from a number, and all events of a fork as text.
package import ForkEngine
import SegmentStore

extension AppendBatch {
    /// One event of JSON, at a time that follows from its number.
    package static func numbered(
        _ number: Int, stream: String, type: String = "counted"
    ) throws -> AppendBatch {
        let batch = AppendBatch()
        try batch.add(
            stream: stream, type: type, data: Array("{\"n\":\(number)}".utf8),
            time: Timestamp(nanoseconds: Int64(number) * 1_000_000_000))
        return batch
    }
}

extension View {
    /// All events, in position order, as text: "position stream/version data".
    package func transcript() throws -> [String] {
        var lines: [String] = []
        try scan(.zero..<head) { (event) throws(ForkError) in
            let stream = String(decoding: event.stream, as: UTF8.self)
            let data = String(decoding: event.data, as: UTF8.self)
            lines.append("\(event.position) \(stream)/\(event.version) \(data)")
            return true
        }
        return lines
    }
}

package func named(_ text: String) throws -> ForkName { try ForkName(text) }
package func point(_ text: String) throws -> Point { try Point(text) }
