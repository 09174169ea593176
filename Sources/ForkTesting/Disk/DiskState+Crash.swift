// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, simulated disk. What a machine finds after a power cut.
//
// Assumed of the disk, and no more: what was synced is there; of what was not, any subset is, in
// any order, each change of names whole or not at all, each write torn at sectors of 512 bytes,
// each sector of it kept, dropped, zeroed or garbage. A write changes no byte that it did not
// cover (power-safe overwrite), so that an unpadded frame cannot spoil the one before it.
import SegmentStore

extension DiskState {
    /// What is left when the machine stops now.
    func crashImage(_ choices: inout some CrashChoices) -> DiskState {
        var image = self
        image.openFiles.removeAll()
        image.pendingNames.removeAll()
        for operation in keptNames(&choices) {
            for change in operation.changes { image.applyDurably(change) }
        }
        image.dropUnreachable()
        for number in image.inodes.numbers where image.inodes.contains(number) {
            if !image[inode: number].isSettled {
                image[inode: number].settleAfterCrash(&choices)
            }
        }
        image.countUsedPages()
        return image
    }

    /// What is left when every process is killed now: all but descriptors, locks and unnamed files.
    func killImage() -> DiskState {
        var image = self
        image.closeAll()
        return image
    }

    /// How many images there are, were each enumerated; `limit` where there are as many or more.
    func crashImageCount(limit: Int) -> Int {
        var count = 1
        func multiply(_ factor: Int) { count = min(limit, count * factor) }
        for _ in pendingNames { multiply(2) }
        for number in inodes.numbers where inodes.contains(number) {
            for operation in inodes[number].file.pending {
                switch operation {
                case .resize: multiply(2)
                case .write(let offset, let bytes):
                    let sectorCount = sectors(of: offset..<offset + bytes.count).count
                    multiply(ExhaustiveChoices.fateCount(sectorCount: sectorCount))
                }
                if count == limit { return limit }
            }
            for _ in inodes[number].file.mappedSectors { multiply(4) }
        }
        return count
    }

    /// Equal for two images of one disk that hold the same names and bytes.
    var imageHash: UInt64 {
        var hash: UInt64 = 0
        for number in inodes.numbers where inodes.contains(number) {
            let content = inodes[number].folder.durableHash &+ inodes[number].file.durable.hash
            hash &+= mixed(UInt64(number), content)
        }
        return hash
    }

    /// Any subset of the pending changes, but for one thing: a file that was moved twice is never
    /// at its first and its last place at once.
    private func keptNames(_ choices: inout some CrashChoices) -> [NameOperation] {
        var kept: [NameOperation] = []
        var renames: [NameOperation] = []
        for operation in pendingNames.reversed() {
            let isForced = renames.contains { $0.follows(operation) }
            guard isForced || choices.keeps() else { continue }
            kept.append(operation)
            if operation.isRename { renames.append(operation) }
        }
        return kept.reversed()
    }

    /// Forgets what has no durable name, and so what only a folder among that leads to.
    private mutating func dropUnreachable() {
        var doomed = inodes.numbers.filter { number in
            inodes.contains(number) && inodes[number].durableLinkCount == 0
        }
        while let number = doomed.popLast() {
            let children = self[inode: number].folder.durable.values
            inodes.remove(number)
            for child in children {
                self[inode: child].durableLinkCount -= 1
                if self[inode: child].durableLinkCount == 0 { doomed.append(child) }
            }
        }
    }

    private mutating func countUsedPages() {
        guard options.pageCountMax != nil else { return }
        usedPageCount = inodes.numbers.reduce(0) { count, number in
            guard inodes.contains(number) else { return count }
            return count + 1 + inodes[number].file.live.allocatedPageCount
        }
    }
}

func sectors(of range: Range<Int>) -> Range<Int> {
    range.lowerBound / sectorByteCount..<(range.upperBound + sectorByteCount - 1) / sectorByteCount
}

extension SimulatedInode {
    /// Whether a crash leaves it exactly as it is.
    var isSettled: Bool {
        linkCount == durableLinkCount && openCount == 0 && locks.isEmpty && !isTemporary
            && folder.isSettled && file.isSettled
    }

    mutating func settleAfterCrash(_ choices: inout some CrashChoices) {
        linkCount = durableLinkCount
        openCount = 0
        isTemporary = false
        locks = []
        folder.revertToDurable()
        guard !isFolder else { return }
        let before = file
        for operation in before.pending { file.durable.keep(operation, &choices) }
        for sector in before.mappedSectors {
            switch choices.fate(sectorCount: 1) {
            case .dropped: break
            case .kept: before.copySector(sector, to: &file.durable)
            default:
                let start = sector * sectorByteCount
                let end = min(start + sectorByteCount, before.live.byteCount)
                if start < end { file.durable.writeZeros(start..<end) }
            }
        }
        file.revertToDurable()
    }
}

extension SimulatedContent {
    /// Applies of one un-synced operation what the crash leaves of it.
    mutating func keep(_ operation: ContentOperation, _ choices: inout some CrashChoices) {
        switch operation {
        case .resize:
            if choices.keeps() { operation.apply(to: &self) }
        case .write(let offset, let bytes):
            let range = offset..<offset + bytes.count
            let sectors = sectors(of: range)
            switch choices.fate(sectorCount: sectors.count) {
            case .dropped: break
            case .kept: operation.apply(to: &self)
            case .zeroed: writeZeros(range)
            case .garbage(let seed):
                var generator = SeededGenerator(seed: seed)
                writeGarbage(range, from: &generator)
            case .prefix(let count):
                let end = (sectors.lowerBound + count) * sectorByteCount
                write(range.lowerBound..<min(end, range.upperBound), of: bytes, from: offset)
            case .suffix(let skipped):
                let start = (sectors.lowerBound + skipped) * sectorByteCount
                write(max(start, range.lowerBound)..<range.upperBound, of: bytes, from: offset)
            case .scattered(let seed):
                scatter(bytes, at: offset, seed: seed)
            }
        }
    }

    private mutating func scatter(_ bytes: [UInt8], at offset: Int, seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let range = offset..<offset + bytes.count
        for sector in sectors(of: range) {
            let part = (sector * sectorByteCount..<(sector + 1) * sectorByteCount).clamped(
                to: range)
            switch generator.next() & 7 {
            case 0..<4: write(part, of: bytes, from: offset)
            case 4: writeZeros(part)
            case 5: writeGarbage(part, from: &generator)
            default: break
            }
        }
    }

    private mutating func write(_ part: Range<Int>, of bytes: [UInt8], from offset: Int) {
        bytes.withUnsafeBytes {
            write(
                UnsafeRawBufferPointer(
                    rebasing: $0[part.lowerBound - offset..<part.upperBound - offset]),
                at: part.lowerBound)
        }
    }
}
