// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, simulated disk. The bytes of open files.
import Glibc
import SegmentStore

extension DiskState {
    /// How a write reaches the disk; a fault chooses other than `whole`.
    enum WriteFate {
        case whole
        /// It reports success, and nothing reaches the disk; the page cache hides that.
        case lost
        /// It reports success, and the disk writes it this many bytes further on.
        case misdirected(by: Int)
    }

    /// The inode of an open file that its process still has.
    func inode(of openFile: Int, _ failing: Failing) throws(StorageError) -> Int {
        guard let open = openFiles[openFile] else { throw failing.error(EBADF) }
        return open.inode
    }

    mutating func write(
        _ bytes: UnsafeRawBufferPointer, at offset: UInt64, openFile: Int, fate: WriteFate,
        _ failing: Failing
    ) throws(StorageError) {
        let number = try inode(of: openFile, failing)
        guard openFiles[openFile]?.access == .readWrite else { throw failing.error(EBADF) }
        guard let start = Int(exactly: offset) else { throw failing.error(EINVAL) }
        guard !bytes.isEmpty else { return }
        guard start <= SimulatedContent.byteCountMax - bytes.count else {
            throw failing.error(EFBIG)
        }
        let range = start..<start + bytes.count
        let newPages = self[inode: number].file.live.newPageCount(of: range)
        guard let limit = options.pageCountMax, usedPageCount + newPages > limit else {
            usedPageCount += newPages
            write(bytes, at: start, to: number, fate)
            return
        }
        // A full disk takes what fits and then fails.
        let fitting = fittingByteCount(range, to: number, pages: limit - usedPageCount)
        let part = UnsafeRawBufferPointer(rebasing: bytes[..<fitting])
        usedPageCount +=
            self[inode: number].file.live.newPageCount(of: start..<start + fitting)
        write(part, at: start, to: number, fate)
        throw failing.error(ENOSPC)
    }

    private func fittingByteCount(_ range: Range<Int>, to inode: Int, pages: Int) -> Int {
        var end = range.lowerBound
        while end < range.upperBound {
            let pageEnd = (end / SimulatedPage.byteCount + 1) * SimulatedPage.byteCount
            let next = min(pageEnd, range.upperBound)
            let wanted = self[inode: inode].file.live.newPageCount(of: range.lowerBound..<next)
            if wanted > pages { break }
            end = next
        }
        return end - range.lowerBound
    }

    private mutating func write(
        _ bytes: UnsafeRawBufferPointer, at start: Int, to inode: Int, _ fate: WriteFate
    ) {
        guard !bytes.isEmpty else { return }
        self[inode: inode].file.live.write(bytes, at: start)
        switch fate {
        case .whole:
            self[inode: inode].file.pending.append(.write(offset: start, bytes: [UInt8](bytes)))
        case .lost:
            self[inode: inode].file.hasLostWrites = true
        case .misdirected(let distance):
            self[inode: inode].file.hasLostWrites = true
            let place = max(0, start + distance)
            self[inode: inode].file.pending.append(.write(offset: place, bytes: [UInt8](bytes)))
        }
    }

    func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64, openFile: Int,
        _ failing: Failing
    ) throws(StorageError) -> Int {
        let number = try inode(of: openFile, failing)
        guard let start = Int(exactly: offset) else { throw failing.error(EINVAL) }
        return self[inode: number].file.live.read(into: buffer, at: start)
    }

    mutating func resize(
        to byteCount: UInt64, openFile: Int, isLost: Bool = false, _ failing: Failing
    ) throws(StorageError) {
        let number = try inode(of: openFile, failing)
        guard openFiles[openFile]?.access == .readWrite, let size = Int(exactly: byteCount) else {
            throw failing.error(EINVAL)
        }
        guard size <= SimulatedContent.byteCountMax else { throw failing.error(EFBIG) }
        resize(number, to: size, isLost: isLost)
    }

    private mutating func resize(_ number: Int, to size: Int, isLost: Bool) {
        let before = self[inode: number].file.live.allocatedPageCount
        self[inode: number].file.live.resize(to: size)
        if isLost {
            self[inode: number].file.hasLostWrites = true
        } else {
            self[inode: number].file.pending.append(.resize(byteCount: size))
        }
        usedPageCount += self[inode: number].file.live.allocatedPageCount - before
    }

    mutating func sync(openFile: Int, _ failing: Failing) throws(StorageError) {
        let number = try inode(of: openFile, failing)
        self[inode: number].file.sync()
        guard options.fileSyncKeepsNewNames else { return }
        settle { $0.names(number) }
    }

    // MARK: Mapped words

    /// Gives the file room for its words, as fallocate does: a store to a mapping must not meet a
    /// full disk.
    mutating func reserveForWords(
        _ number: Int, byteCount: Int, _ failing: Failing
    ) throws(StorageError) {
        try reserve(
            pages: self[inode: number].file.live.newPageCount(of: 0..<byteCount), failing)
        if self[inode: number].file.live.byteCount < byteCount {
            resize(number, to: byteCount, isLost: false)
        }
        self[inode: number].file.live.allocate(0..<byteCount)
    }

    mutating func setWord(_ value: UInt64, at index: Int, of number: Int) {
        let offset = index * MemoryLayout<UInt64>.size
        self[inode: number].file.live.setWord(value, at: offset)
        self[inode: number].file.markMapped(offset / sectorByteCount)
    }

    func word(at index: Int, of number: Int) -> UInt64 {
        self[inode: number].file.live.word(at: index * MemoryLayout<UInt64>.size)
    }
}
