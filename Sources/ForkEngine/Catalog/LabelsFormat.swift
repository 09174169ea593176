// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, catalog. How a fork's labels are written in its row.
//
// docs/format/catalog.md shows the same drawing, and a test holds the two equal.
//
// DRAWING
//        0        1             2       2 + k          3 + k   3 + k + v
//        +--------+-------------+-------+--------------+-------+- -
//        | count, | key length  | key,  | value length | value,|   the next label
//        | 0...64 | k, 1...63   | UTF-8 | v, 0...255   | UTF-8 |
//        +--------+-------------+-------+--------------+-------+- -
//
//   Labels ascend strictly by the bytes of their keys.
// END DRAWING
package import SegmentStore

package enum LabelsFormat {
    package static let countMax = 64
    package static let keyByteCountMax = 63
    package static let valueByteCountMax = 255

    /// `tooLarge` beyond the limits, `invalid` where keys are empty, repeated or out of order.
    package static func encode(_ labels: [Label]) throws(ForkError) -> [UInt8] {
        try check("the number of labels", labels.count, countMax)
        var bytes: [UInt8] = [UInt8(truncatingIfNeeded: labels.count)]
        var previous: String?
        for label in labels {
            try check("the length of a label's key", label.key.utf8.count, keyByteCountMax)
            try check("the length of a label's value", label.value.utf8.count, valueByteCountMax)
            guard !label.key.isEmpty, isAscending(previous, label.key) else {
                throw ForkError(
                    .invalid, "label '\(label.key)' is empty, repeated or out of order")
            }
            previous = label.key
            for text in [label.key, label.value] {
                bytes.append(UInt8(truncatingIfNeeded: text.utf8.count))
                bytes.append(contentsOf: text.utf8)
            }
        }
        return bytes
    }

    /// Decodes exactly `bytes`; anything else than what `encode` gives is damage of `path`.
    package static func decode(
        _ bytes: UnsafeRawBufferPointer, path: String
    ) throws(StorageError) -> [Label] {
        var cursor = ByteCursor(bytes, path: path)
        let count = Int(try cursor.uint8())
        guard count <= countMax else { throw cursor.damage("there are \(count) labels") }
        var labels: [Label] = []
        labels.reserveCapacity(count)
        for _ in 0..<count {
            let key = try decodeText(&cursor)
            let value = try decodeText(&cursor)
            guard 1...keyByteCountMax ~= key.utf8.count, isAscending(labels.last?.key, key) else {
                throw cursor.damage("a label's key is too long, empty or out of order")
            }
            labels.append(Label(key: key, value: value))
        }
        guard cursor.isAtEnd else { throw cursor.damage("labels go on behind their end") }
        return labels
    }

    private static func decodeText(_ cursor: inout ByteCursor) throws(StorageError) -> String {
        let byteCount = Int(try cursor.uint8())
        let bytes = try cursor.take(byteCount)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw cursor.damage("a label is not UTF-8")
        }
        return text
    }

    private static func isAscending(_ previous: String?, _ key: String) -> Bool {
        guard let previous else { return true }
        return previous.utf8.lexicographicallyPrecedes(key.utf8)
    }

    private static func check(_ what: String, _ actual: Int, _ limit: Int) throws(ForkError) {
        guard actual <= limit else {
            throw ForkError(StorageError.limit(what: what, limit: limit, actual: actual))
        }
    }
}
