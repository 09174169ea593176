// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, lines. Splits an input into lines, with bounded memory.
import Glibc
import SegmentStore

/// Reads lines through a closure that delivers bytes. Blank lines are counted and passed over; a
/// byte-order mark at the start, and a carriage return before a line feed, are dropped.
package struct LineReader<Failure: Error>: ~Copyable {
    /// Longer lines are not kept: the largest event in base64, and 2 MiB for its other keys.
    package static var lineByteCountMax: Int { EventLimits.eventByteCount / 3 * 4 + (2 << 20) }

    /// Fills a buffer from its start; returns the byte count, 0 at the end of the input.
    package typealias Source = (UnsafeMutableRawBufferPointer) throws(Failure) -> Int

    private let source: Source
    private let byteCountMax: Int
    private var storage: UnsafeMutableRawBufferPointer
    /// The bytes that were read and not yet given out: `storage[start..<end]`.
    private var start = 0
    private var end = 0
    private var isAtEnd = false
    /// The line given out last was too long, and its rest is still to be passed over.
    private var isInsideOfLongLine = false

    /// The number of the line given out last, from 1; 0 before the first.
    package private(set) var lineNumber: UInt64 = 0
    /// Where that line begins in the input.
    package private(set) var lineOffset: UInt64 = 0
    /// The bytes of all lines given out or passed over, with their line breaks.
    package private(set) var byteCount: UInt64 = 0

    package init(byteCountMax: Int = lineByteCountMax, _ source: @escaping Source) {
        self.source = source
        self.byteCountMax = byteCountMax
        storage = .allocate(byteCount: min(byteCountMax, 256 << 10) + 2, alignment: 16)
    }

    deinit { storage.deallocate() }

    /// A line, or what is known of one that is too long to be kept.
    package enum Line {
        /// Valid until the next call.
        case bytes(UnsafeRawBufferPointer)
        /// At least so many bytes. The rest of it is passed over by the next call, so that who
        /// does not go on reads no further: the line may have no end.
        case tooLong(byteCount: UInt64)
    }

    /// The next line that is not blank; nil at the end of the input.
    package mutating func next() throws(Failure) -> Line? {
        if isInsideOfLongLine { try skipRest() }
        while let line = try nextOfAnyKind() {
            guard case .bytes(let bytes) = line else { return line }
            if !Self.isBlank(bytes) { return line }
        }
        return nil
    }

    private mutating func nextOfAnyKind() throws(Failure) -> Line? {
        var searched = start
        while true {
            if let lineFeed = UnsafeRawBufferPointer(rebasing: storage[..<end])
                .firstLineFeed(from: searched)
            {
                return take(upTo: lineFeed, next: lineFeed + 1)
            }
            if isAtEnd { return start == end ? nil : take(upTo: end, next: end) }
            // The two bytes beyond the limit are for a line break.
            if end - start >= byteCountMax + 2 { return takeLong() }
            let pending = end - start
            try fill()
            searched = start + pending
        }
    }

    /// Gives out `storage[start..<lineEnd]`, and goes on at `next`.
    private mutating func take(upTo lineEnd: Int, next: Int) -> Line {
        lineNumber += 1
        lineOffset = byteCount
        var bytes = UnsafeRawBufferPointer(rebasing: storage[start..<lineEnd])
        if bytes.last == UInt8(ascii: "\r") {
            bytes = UnsafeRawBufferPointer(rebasing: bytes.dropLast())
        }
        if lineNumber == 1, bytes.starts(with: [0xef, 0xbb, 0xbf]) {
            bytes = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(3))
        }
        byteCount += UInt64(next - start)
        start = next
        guard bytes.count <= byteCountMax else { return .tooLong(byteCount: UInt64(bytes.count)) }
        return .bytes(bytes)
    }

    /// Gives out a line that does not fit, as far as it was read.
    private mutating func takeLong() -> Line {
        lineNumber += 1
        lineOffset = byteCount
        let pending = UInt64(end - start)
        byteCount += pending
        start = end
        isInsideOfLongLine = true
        return .tooLong(byteCount: pending)
    }

    /// Passes over what is left of a line that did not fit.
    private mutating func skipRest() throws(Failure) {
        while isInsideOfLongLine {
            if start == end, !isAtEnd { try fill() }
            let lineFeed = UnsafeRawBufferPointer(rebasing: storage[..<end])
                .firstLineFeed(from: start)
            let next = lineFeed.map { $0 + 1 } ?? end
            byteCount += UInt64(next - start)
            start = next
            if lineFeed != nil || isAtEnd { isInsideOfLongLine = false }
        }
    }

    /// Makes room after the pending bytes, which move to the front, and reads once.
    private mutating func fill() throws(Failure) {
        if start > 0 {
            if end > start {
                storage.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[start..<end]))
            }
            end -= start
            start = 0
        }
        if end == storage.count {
            let larger = UnsafeMutableRawBufferPointer.allocate(
                byteCount: min(storage.count * 2, byteCountMax + 2), alignment: 16)
            larger.copyMemory(from: UnsafeRawBufferPointer(storage))
            storage.deallocate()
            storage = larger
        }
        let room = UnsafeMutableRawBufferPointer(rebasing: storage[end...])
        let delivered = try source(room)
        precondition(delivered >= 0 && delivered <= room.count)
        end += delivered
        isAtEnd = delivered == 0
    }

    private static func isBlank(_ line: UnsafeRawBufferPointer) -> Bool {
        line.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }
    }
}

extension UnsafeRawBufferPointer {
    /// The first line feed at or after `offset`.
    func firstLineFeed(from offset: Int) -> Int? {
        guard offset < count, let base = baseAddress,
            let found = memchr(base + offset, 0x0a, count - offset)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }
}
