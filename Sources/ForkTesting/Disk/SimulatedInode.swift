// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, simulated disk. A file or folder behind its names: what processes see, what
// the disk holds for certain, and what lies between the two until a sync.
import SegmentStore

/// A file or a folder; the parts of the other kind stay empty.
struct SimulatedInode: Sendable {
    let isFolder: Bool
    var file = SimulatedFileState()
    var folder = SimulatedFolderState()
    /// Live names, and names that the disk is sure to hold.
    var linkCount = 0
    var durableLinkCount = 0
    /// Descriptors and mappings.
    var openCount = 0
    /// Made without a name, and never given one since.
    var isTemporary = false
    var locks: [HeldLock] = []

    init(isFolder: Bool) { self.isFolder = isFolder }
}

struct SimulatedFileState: Sendable {
    /// What a read answers: the page cache.
    var live = SimulatedContent()
    /// What the disk is sure to hold.
    var durable = SimulatedContent()
    /// What was done to the file since the last sync, in order: a crash keeps any part of it.
    var pending: [ContentOperation] = []
    /// Sectors changed through a mapping since the last sync, ascending.
    var mappedSectors: [Int] = []
    /// Whether a fault parted what is durable from what was written: a sync then adds what is
    /// pending to what is durable, and what was lost stays lost.
    var hasLostWrites = false

    /// Whether what is live is what is durable.
    var isSettled: Bool { pending.isEmpty && mappedSectors.isEmpty && !hasLostWrites }

    mutating func revertToDurable() {
        live = durable
        pending = []
        mappedSectors = []
        hasLostWrites = false
    }

    mutating func sync() {
        if hasLostWrites {
            for operation in pending { operation.apply(to: &durable) }
            for sector in mappedSectors { copySector(sector, to: &durable) }
        } else {
            durable = live
        }
        pending.removeAll()
        mappedSectors.removeAll()
    }

    /// A sync that failed: the dirty pages count as clean, and were never written but for those that
    /// chance says; with seed 0 for none.
    mutating func loseDirtyPages(seed: UInt64) {
        if seed != 0 { keepSomeDirtyPages(seed: seed) }
        pending.removeAll()
        mappedSectors.removeAll()
        hasLostWrites = true
    }

    /// Writes some of the pages that are dirty, as the cache holds them.
    private mutating func keepSomeDirtyPages(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var pages: Set<Int> = []
        for case .write(let offset, let bytes) in pending where !bytes.isEmpty {
            let last = (offset + bytes.count - 1) / SimulatedPage.byteCount
            pages.formUnion(offset / SimulatedPage.byteCount...last)
        }
        for sector in mappedSectors {
            pages.insert(sector * sectorByteCount / SimulatedPage.byteCount)
        }
        let sectorsPerPage = SimulatedPage.byteCount / sectorByteCount
        for page in pages.sorted() where generator.next() & 1 == 0 {
            for sector in page * sectorsPerPage..<(page + 1) * sectorsPerPage {
                copySector(sector, to: &durable)
            }
        }
    }

    /// What a read answers once the clean pages were dropped.
    mutating func dropCache() {
        guard hasLostWrites else { return }
        var content = durable
        for operation in pending { operation.apply(to: &content) }
        for sector in mappedSectors { copySector(sector, to: &content) }
        live = content
    }

    mutating func markMapped(_ sector: Int) {
        let index = mappedSectors.firstIndex { $0 >= sector } ?? mappedSectors.count
        if index == mappedSectors.count || mappedSectors[index] != sector {
            mappedSectors.insert(sector, at: index)
        }
    }

    /// Copies one sector of the live bytes.
    func copySector(_ sector: Int, to content: inout SimulatedContent) {
        let start = sector * sectorByteCount
        let count = min(sectorByteCount, live.byteCount - start)
        guard count > 0 else { return }
        withUnsafeTemporaryAllocation(byteCount: count, alignment: 8) { buffer in
            _ = live.read(into: buffer, at: start)
            content.write(UnsafeRawBufferPointer(buffer), at: start)
        }
    }
}

/// What a disk writes whole or not at all.
let sectorByteCount = 512

enum ContentOperation: Sendable {
    case write(offset: Int, bytes: [UInt8])
    case resize(byteCount: Int)

    func apply(to content: inout SimulatedContent) {
        switch self {
        case .write(let offset, let bytes):
            bytes.withUnsafeBytes { content.write($0, at: offset) }
        case .resize(let byteCount):
            content.resize(to: byteCount)
        }
    }
}

struct SimulatedFolderState: Sendable {
    /// The names that processes see, and those that the disk is sure to hold.
    var live: [String: Int] = [:]
    private(set) var durable: [String: Int] = [:]
    /// The sum of a hash of each durable name with its inode: a dictionary has no order.
    private(set) var durableHash: UInt64 = 0

    /// Whether every change was synced. Set by who changes `live`.
    var isSettled = true

    mutating func revertToDurable() {
        live = durable
        isSettled = true
    }

    /// Gives a durable name to an inode, or to none; returns the one it was given to before.
    mutating func setDurable(_ name: String, _ inode: Int?) -> Int? {
        let before = durable[name]
        durable[name] = inode
        if let before { durableHash &-= Self.hash(name, before) }
        if let inode { durableHash &+= Self.hash(name, inode) }
        return before
    }

    private static func hash(_ name: String, _ inode: Int) -> UInt64 {
        var name = name
        let nameHash = name.withUTF8 { StreamHash(of: UnsafeRawBufferPointer($0)) }
        return mixed(nameHash.rawValue, UInt64(inode))
    }
}

/// One change of names that a crash keeps or drops as a whole, like a file system's journal does.
struct NameOperation: Sendable {
    enum Change: Sendable {
        case set(folder: Int, name: String, inode: Int)
        case clear(folder: Int, name: String)

        var folder: Int {
            switch self {
            case .set(let folder, _, _), .clear(let folder, _): folder
            }
        }

        var name: String {
            switch self {
            case .set(_, let name, _), .clear(_, let name): name
            }
        }

        /// What a name is given to.
        var inode: Int? {
            switch self {
            case .set(_, _, let inode): inode
            case .clear: nil
            }
        }
    }

    /// One, or the two of a rename.
    var changes: [Change]

    var isRename: Bool { changes.count > 1 }

    func touches(_ folder: Int) -> Bool { changes.contains { $0.folder == folder } }

    /// Whether it gives `inode` a name.
    func names(_ inode: Int) -> Bool { changes.contains { $0.inode == inode } }

    /// Whether this one, made later, cannot be on disk without `earlier`: both are about one name
    /// or one file.
    func follows(_ earlier: NameOperation) -> Bool {
        changes.contains { change in
            earlier.changes.contains { other in
                (change.folder == other.folder && change.name == other.name)
                    || (change.inode != nil && change.inode == other.inode)
            }
        }
    }
}

/// A lock of one open file on a range of bytes.
struct HeldLock: Sendable {
    var range: Range<UInt64>
    var mode: LockMode
    /// The open file.
    var owner: Int
}
