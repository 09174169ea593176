// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, simulated disk. The bytes of one file, in pages shared by all copies, so that
// what is live, what is durable and a thousand crash images of both cost little more than one.
import CXXHash
import Glibc
import Synchronization

/// 4 KiB. Immutable as soon as two contents share it.
///
/// `@unchecked Sendable`: its bytes change only while one content alone refers to it.
final class SimulatedPage: @unchecked Sendable {
    static let byteCount = 4096
    let bytes: UnsafeMutableRawPointer
    /// The hash of the bytes; 0 until it is wanted, and again after a change.
    private let knownHash = Atomic<UInt64>(0)

    init() {
        bytes = .allocate(byteCount: Self.byteCount, alignment: 16)
        memset(bytes, 0, Self.byteCount)
    }

    init(copyOf other: SimulatedPage) {
        bytes = .allocate(byteCount: Self.byteCount, alignment: 16)
        memcpy(bytes, other.bytes, Self.byteCount)
    }

    deinit { bytes.deallocate() }

    var hash: UInt64 {
        let known = knownHash.load(ordering: .relaxed)
        if known != 0 { return known }
        let hash = forkctl_hash64(bytes, Self.byteCount)
        knownHash.store(hash, ordering: .relaxed)
        return hash
    }

    func forgetHash() { knownHash.store(0, ordering: .relaxed) }
}

/// Bytes from 0 to `byteCount`; pages never written are nil and read as zeros.
struct SimulatedContent: Sendable {
    private(set) var byteCount = 0
    private var pages: [SimulatedPage?] = []

    /// No file of a simulated disk is larger: 16 GiB.
    static let byteCountMax = 1 << 34

    var allocatedPageCount: Int { pages.reduce(0) { $0 + ($1 == nil ? 0 : 1) } }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        guard let base = buffer.baseAddress, offset < byteCount else { return 0 }
        let count = min(buffer.count, byteCount - offset)
        var done = 0
        while done < count {
            let (index, start) = Self.place(offset + done)
            let part = min(SimulatedPage.byteCount - start, count - done)
            if let page = pages[index] {
                memcpy(base + done, page.bytes + start, part)
            } else {
                memset(base + done, 0, part)
            }
            done += part
        }
        return count
    }

    /// The pages that a write would have to allocate.
    func newPageCount(of range: Range<Int>) -> Int {
        guard !range.isEmpty else { return 0 }
        let (first, _) = Self.place(range.lowerBound)
        let (last, _) = Self.place(range.upperBound - 1)
        return (first...last).reduce(0) { count, index in
            count + (index < pages.count && pages[index] != nil ? 0 : 1)
        }
    }

    mutating func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
        change(offset..<offset + bytes.count) { destination, start, count in
            memcpy(destination, base + start, count)
        }
    }

    mutating func writeZeros(_ range: Range<Int>) {
        change(range) { destination, _, count in memset(destination, 0, count) }
    }

    mutating func writeGarbage(_ range: Range<Int>, from generator: inout SeededGenerator) {
        change(range) { destination, _, count in
            for index in 0..<count {
                destination.storeBytes(
                    of: UInt8(truncatingIfNeeded: generator.next() >> 56), toByteOffset: index,
                    as: UInt8.self)
            }
        }
    }

    mutating func resize(to newByteCount: Int) {
        if newByteCount < byteCount {
            let (index, start) = Self.place(newByteCount)
            if start > 0, pages[index] != nil {
                // What stood beyond the end must not come back when the file grows.
                let rest = min(byteCount, (index + 1) * SimulatedPage.byteCount)
                change(newByteCount..<rest) { destination, _, count in
                    memset(destination, 0, count)
                }
            }
            pages.removeLast(pages.count - Self.pageCount(newByteCount))
        } else {
            growPages(to: newByteCount)
        }
        byteCount = newByteCount
    }

    /// Gives pages of zeros to what has none; the range lies within the content.
    mutating func allocate(_ range: Range<Int>) {
        for index in Self.place(range.lowerBound).page..<Self.pageCount(range.upperBound)
        where pages[index] == nil {
            pages[index] = SimulatedPage()
        }
    }

    mutating func flipBit(_ bit: UInt8, at offset: Int) {
        change(offset..<offset + 1) { destination, _, _ in
            let byte = destination.load(as: UInt8.self)
            destination.storeBytes(of: byte ^ (1 << (bit & 7)), as: UInt8.self)
        }
    }

    func word(at offset: Int) -> UInt64 {
        var word: UInt64 = 0
        withUnsafeMutableBytes(of: &word) { _ = read(into: $0, at: offset) }
        return UInt64(littleEndian: word)
    }

    mutating func setWord(_ value: UInt64, at offset: Int) {
        withUnsafeBytes(of: value.littleEndian) { write($0, at: offset) }
    }

    /// Equal for equal bytes.
    var hash: UInt64 {
        var hash = UInt64(byteCount)
        for (index, page) in pages.enumerated() {
            if let page { hash = mixed(hash ^ page.hash, UInt64(index)) }
        }
        return hash
    }

    private static func place(_ offset: Int) -> (page: Int, start: Int) {
        (offset / SimulatedPage.byteCount, offset % SimulatedPage.byteCount)
    }

    private static func pageCount(_ byteCount: Int) -> Int {
        (byteCount + SimulatedPage.byteCount - 1) / SimulatedPage.byteCount
    }

    private mutating func growPages(to newByteCount: Int) {
        let wanted = Self.pageCount(newByteCount)
        if wanted > pages.count {
            pages.append(contentsOf: repeatElement(nil, count: wanted - pages.count))
        }
    }

    /// Calls `body` with each page's part of the range: memory, start in the range, count.
    private mutating func change(
        _ range: Range<Int>, _ body: (UnsafeMutableRawPointer, Int, Int) -> Void
    ) {
        growPages(to: range.upperBound)
        var done = 0
        while done < range.count {
            let (index, start) = Self.place(range.lowerBound + done)
            let part = min(SimulatedPage.byteCount - start, range.count - done)
            body(ownPage(index).bytes + start, done, part)
            done += part
        }
        byteCount = max(byteCount, range.upperBound)
    }

    private mutating func ownPage(_ index: Int) -> SimulatedPage {
        if isKnownUniquelyReferenced(&pages[index]), let page = pages[index] {
            page.forgetHash()
            return page
        }
        let page = pages[index].map { SimulatedPage(copyOf: $0) } ?? SimulatedPage()
        pages[index] = page
        return page
    }
}

/// Mixes two words into one.
func mixed(_ left: UInt64, _ right: UInt64) -> UInt64 {
    var generator = SeededGenerator(seed: left ^ (right &* 0xD6E8_FEB8_6659_FD93))
    return generator.next()
}
