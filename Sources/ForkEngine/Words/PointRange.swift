// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, words. The two sides of a diff, as written.

/// What `diff` compares: `A` against its parent, `A..B`, or `A...B`.
public enum PointRange: Hashable, Sendable {
    /// `A`: both sides of A and its parent's head.
    case againstParent(Point)
    /// `A..B`: what B has since the common point.
    case oneSide(of: Point, since: Point)
    /// `A...B`: what each has since the common point.
    case bothSides(Point, Point)

    /// Reads a range. Names hold no `..`, so the first one is the separator.
    public init(_ text: String) throws(TextError) {
        let bytes = Array(text.utf8)
        let dot = UInt8(ascii: ".")
        let start = bytes.indices.dropLast().first { bytes[$0] == dot && bytes[$0 + 1] == dot }
        guard let start else {
            self = .againstParent(try Point(text))
            return
        }
        let isBothSides = start + 2 < bytes.count && bytes[start + 2] == dot
        let end = start + (isBothSides ? 3 : 2)
        guard start > 0, end < bytes.count else {
            throw TextError(
                "a range needs both its ends, as in main..trial", column: start > 0 ? end + 1 : 1)
        }
        let left = try Point(String(decoding: bytes[..<start], as: UTF8.self))
        let right: Point
        do throws(TextError) {
            right = try Point(String(decoding: bytes[end...], as: UTF8.self))
        } catch {
            throw error.shifted(by: end)
        }
        self = isBothSides ? .bothSides(left, right) : .oneSide(of: right, since: left)
    }
}
