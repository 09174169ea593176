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
    package static func encode(_ labels: Labels) -> [UInt8] {
        var bytes: [UInt8] = [UInt8(truncatingIfNeeded: labels.all.count)]
        for label in labels.all {
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
    ) throws(StorageError) -> Labels {
        var cursor = ByteCursor(bytes, path: path)
        let count = Int(try cursor.uint8())
        guard count <= Labels.countMax else { throw cursor.damage("there are \(count) labels") }
        var labels = Labels()
        for _ in 0..<count {
            let key = try decodeText(&cursor)
            let value = try decodeText(&cursor)
            if let last = labels.all.last {
                guard last.key.utf8.lexicographicallyPrecedes(key.utf8) else {
                    throw cursor.damage("labels are not in the order of their keys")
                }
            }
            do throws(TextError) {
                try labels.insert(Label(key: key, value: value))
            } catch {
                throw cursor.damage("a label is none: \(error.sentence)")
            }
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
}
