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
        let linkCounts = image.durableLinkCounts()
        for number in inodes.indices {
            guard linkCounts[number] > 0 else {
                image.inodes[number] = nil
                continue
            }
            image[inode: number].linkCount = linkCounts[number]
            image.settleAfterCrash(number, &choices)
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
        for inode in inodes {
            guard let inode, !inode.isFolder else { continue }
            for operation in inode.file.pending {
                switch operation {
                case .resize: multiply(2)
                case .write(let offset, let bytes):
                    let sectorCount = sectors(of: offset..<offset + bytes.count).count
                    multiply(ExhaustiveChoices.fateCount(sectorCount: sectorCount))
                }
                if count == limit { return limit }
            }
            for _ in inode.file.mappedSectors { multiply(4) }
        }
        return count
    }

    /// Equal for two images of one disk that hold the same names and bytes.
    var imageHash: UInt64 {
        var hash: UInt64 = 0
        for (number, inode) in inodes.enumerated() {
            guard let inode else { continue }
            if inode.isFolder {
                // Added, since a dictionary has no order.
                for (name, child) in inode.folder.durable {
                    var name = name
                    let nameHash = name.withUTF8 { StreamHash(of: UnsafeRawBufferPointer($0)) }
                    hash &+= mixed(nameHash.rawValue, mixed(UInt64(number), UInt64(child)))
                }
            } else {
                hash &+= mixed(UInt64(number), inode.file.durable.hash)
            }
        }
        return hash
    }

    /// Any subset of the pending changes, but for one thing: a file that was moved twice is never
    /// at its first and its last place at once.
    private func keptNames(_ choices: inout some CrashChoices) -> [NameOperation] {
        var kept: [NameOperation] = []
        for operation in pendingNames.reversed() {
            let isForced = kept.contains { $0.isRename && $0.follows(operation) }
            if isForced || choices.keeps() { kept.append(operation) }
        }
        return kept.reversed()
    }

    private mutating func settleAfterCrash(_ number: Int, _ choices: inout some CrashChoices) {
        // The inode is taken out while it changes: the content's pages have one owner fewer.
        guard var inode = inodes[number] else { return }
        inodes[number] = nil
        inode.openCount = 0
        inode.isTemporary = false
        inode.locks = []
        if inode.isFolder {
            inode.folder.live = inode.folder.durable
        } else {
            let live = inode.file
            for operation in live.pending { inode.file.durable.keep(operation, &choices) }
            for sector in live.mappedSectors {
                switch choices.fate(sectorCount: 1) {
                case .dropped: break
                case .kept: live.copySector(sector, to: &inode.file.durable)
                default:
                    let start = sector * sectorByteCount
                    let end = min(start + sectorByteCount, live.live.byteCount)
                    if start < end { inode.file.durable.writeZeros(start..<end) }
                }
            }
            inode.file.live = inode.file.durable
            inode.file.pending = []
            inode.file.mappedSectors = []
            inode.file.hasLostWrites = false
        }
        inodes[number] = inode
    }

    /// How many durable names each inode has below the root; 0 for what cannot be reached.
    private func durableLinkCounts() -> [Int] {
        var counts = [Int](repeating: 0, count: inodes.count)
        counts[Self.root] = 1
        var folders = [Self.root]
        while let folder = folders.popLast() {
            for child in self[inode: folder].folder.durable.values {
                counts[child] += 1
                if counts[child] == 1, self[inode: child].isFolder { folders.append(child) }
            }
        }
        return counts
    }

    private mutating func countUsedPages() {
        guard options.pageCountMax != nil else { return }
        usedPageCount = inodes.reduce(0) { count, inode in
            inode.map { count + 1 + $0.file.live.allocatedPageCount } ?? count
        }
    }
}

func sectors(of range: Range<Int>) -> Range<Int> {
    range.lowerBound / sectorByteCount..<(range.upperBound + sectorByteCount - 1) / sectorByteCount
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
