// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, segments. Numbers as a base and small deltas, their bytes in planes: random
// access without decoding, and planes of equal bytes that LZ4 makes vanish.

/// A column, borrowed from its page. Trivial.
struct ByteColumn {
    let base: UInt64
    private let planes: UnsafeRawPointer
    private let count: Int32
    private let width: Int32

    /// `planes` holds `width * count` bytes, which fit in a page.
    init(base: UInt64, width: Int, planes: UnsafeRawPointer, count: Int) {
        self.base = base
        self.width = Int32(truncatingIfNeeded: width)
        self.planes = planes
        self.count = Int32(truncatingIfNeeded: count)
    }

    /// Value `index`, which the caller has checked. Wraps around where bytes are hostile.
    @inline(__always)
    subscript(index: Int) -> UInt64 {
        base &+ delta(index)
    }

    @inline(__always)
    func delta(_ index: Int) -> UInt64 {
        var delta: UInt64 = 0
        var plane = planes + index
        var shift: UInt64 = 0
        for _ in 0..<width {
            delta |= UInt64(plane.load(as: UInt8.self)) << shift
            plane += Int(count)
            shift += 8
        }
        return delta
    }
}

/// The columns at the head of a page: widths, bases, and planes one after another.
struct ByteColumnLayout {
    let widthsOffset: Int
    let basesOffset: Int
    /// The widest each column may be: a byte each, the first lowest.
    let widthsMax: UInt64

    @inline(__always)
    private func widthMax(_ index: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: widthsMax >> UInt64(index * 8))
    }

    /// Takes column `index`, whose planes begin at `offset`, and moves `offset` behind them; nil
    /// where the page has no room for it, or it is wider than the format knows.
    @inline(__always)
    func column(
        _ index: Int, of bytes: UnsafeRawBufferPointer, count: Int, from offset: inout Int
    ) -> ByteColumn? {
        let width = bytes[widthsOffset + index]
        let byteCount = Int(width) * count
        guard width <= widthMax(index), offset <= bytes.count - byteCount,
            let start = bytes.baseAddress
        else { return nil }
        let column = ByteColumn(
            base: bytes.uint64(at: basesOffset + index * 8), width: Int(width),
            planes: start + offset, count: count)
        offset += byteCount
        return column
    }

    /// Writes the planes of a column to the end of `sink`, and its width and base into the head,
    /// which begins at 0. Deltas are divided by `unit`, which divides them.
    func append(
        _ index: Int, _ values: UnsafeBufferPointer<UInt64>, unit: UInt64 = 1,
        to sink: inout ByteSink
    ) {
        var (low, high) = (UInt64.max, UInt64.min)
        for value in values {
            low = Swift.min(low, value)
            high = Swift.max(high, value)
        }
        let largest = (high - low) / unit
        let width = (64 - largest.leadingZeroBitCount + 7) / 8
        precondition(width <= Int(widthMax(index)))
        sink.mutableBytes.set(UInt8(width), at: widthsOffset + index)
        sink.mutableBytes.set(low, at: basesOffset + index * 8)
        let planes = sink.extend(by: width * values.count)
        for plane in 0..<width {
            let shift = UInt64(plane * 8)
            let start = plane * values.count
            for (place, value) in values.enumerated() {
                let delta = unit == 1 ? value - low : (value - low) / unit
                planes[start + place] = UInt8(truncatingIfNeeded: delta >> shift)
            }
        }
    }
}

extension SegmentFormat.Block {
    static let columns = ByteColumnLayout(
        widthsOffset: widthsOffset, basesOffset: basesOffset, widthsMax: widthsMax)
}

extension SegmentFormat.Names {
    static let columns = ByteColumnLayout(
        widthsOffset: widthsOffset, basesOffset: basesOffset, widthsMax: widthsMax)
}
