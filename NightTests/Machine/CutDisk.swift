// SPDX-License-Identifier: Apache-2.0
// NightTests, the real machine. A file system in an image in memory, whose power can be cut. Works in
// a mount name space of its own, and the image has no name: all of it goes with the process.
import Glibc

/// A file system that a machine's disk may have.
enum CutKind: String, CaseIterable {
    case ext4, xfs, btrfs

    /// About the smallest that can be made: the less there is, the more cuts in a second.
    var megabytes: Int {
        switch self {
        case .ext4: 64
        case .xfs: 300
        case .btrfs: 128
        }
    }

    /// What is missing here, in a line.
    var missing: String? {
        guard geteuid() == 0 else { return "power cuts need root: sudo" }
        guard Program.find("mkfs.\(rawValue)") != nil else {
            let package =
                switch self {
                case .ext4: "e2fsprogs"
                case .xfs: "xfsprogs"
                case .btrfs: "btrfs-progs"
                }
            return "mkfs.\(rawValue) is missing: apt-get install \(package)"
        }
        guard access("/dev/loop-control", W_OK) == 0 else {
            return "there are no loop devices here: modprobe loop"
        }
        return nil
    }
}

final class CutDisk {
    let kind: CutKind
    let mountPoint: String
    private let folder: MachineFolder
    /// Where the image lies.
    private let place: String
    /// Whether the image may be unable to grow.
    private var isThin: Bool { place != folder.path }
    /// The image, which has no name any more.
    private var image: Int32

    /// The image lies in `place`, or in `folder`, and may have another size than the usual.
    init(
        _ kind: CutKind, in folder: MachineFolder, megabytes: Int? = nil, place: String? = nil,
        options: [String] = []
    ) throws(MachineFailure) {
        self.kind = kind
        self.folder = folder
        self.place = place ?? folder.path
        mountPoint = try folder.folder("disk")
        let path = "\(self.place)/image"
        let megabytes = megabytes ?? kind.megabytes
        try TextFile.write("", to: path)
        guard truncate(path, megabytes << 20) == 0 else {
            throw MachineFailure("no image of \(megabytes) MB can be made: \(errno)")
        }
        try Self.tool("mkfs.\(kind.rawValue)", ["-q"] + options + [path], folder)
        image = try Self.openWithoutName(path)
        if isThin { try giveJournalItsRoom() }
        try mount()
    }

    /// Writes the blocks of the file system's own journal once, so that an image that cannot grow
    /// fails in what a store writes: where the journal's own commit fails (at the latest after 5 s)
    /// ext4 makes the whole disk read-only, and no sync is answered any more.
    private func giveJournalItsRoom() throws(MachineFailure) {
        guard let path = Program.find("debugfs") else { throw MachineFailure("debugfs is missing") }
        let said = try Program(
            arguments: [path, "-R", "stat <8>", "/proc/\(getpid())/fd/\(image)"],
            folder: folder.path
        ).succeed()
        // "(0-4095):65537-69632", and blocks of the tree alone, as "(ETB0):65536".
        for part in said.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "\n" }) {
            let sides = part.split(separator: ":")
            guard part.hasPrefix("("), sides.count == 2 else { continue }
            let blocks = sides[1].split(separator: "-").compactMap { Int($0) }
            guard let first = blocks.first, let last = blocks.last else { continue }
            var block = [UInt8](repeating: 0, count: Self.blockByteCount)
            for number in first...last {
                let offset = number * block.count
                guard pread(image, &block, block.count, offset) == block.count,
                    pwrite(image, block, block.count, offset) == block.count
                else { throw MachineFailure("the image: \(LoopDevice.lastError)") }
            }
        }
    }

    /// A page of the memory that an image lies in.
    static let blockByteCount = 4_096

    deinit {
        umount2(mountPoint, Int32(MNT_DETACH))
        close(image)
    }

    static func tool(
        _ name: String, _ arguments: [String], _ folder: MachineFolder
    ) throws(MachineFailure) {
        guard let path = Program.find(name) else { throw MachineFailure("\(name) is missing") }
        try Program(arguments: [path] + arguments, folder: folder.path).succeed()
    }

    private static func openWithoutName(_ path: String) throws(MachineFailure) -> Int32 {
        let image = open(path, O_RDWR | O_CLOEXEC)
        guard image >= 0, unlink(path) == 0 else {
            throw MachineFailure("\(path) cannot be opened: \(LoopDevice.lastError)")
        }
        return image
    }

    /// Each time on a device of its own, since a device remembers the errors of the cut before.
    func mount() throws(MachineFailure) {
        // Where an image cannot grow a request of many pages may be done in part, and the loop device
        // then says that it was done, which no disk may (of 1 MiB written by `dd oflag=direct` onto
        // a full tmpfs with room for 64 KiB, Linux 6.18 takes all without an error and 64 KiB can
        // be read; one page a request is refused with ENOSPC).
        let device = try LoopDevice(
            of: image, requestByteCountMax: isThin ? Self.blockByteCount : nil)
        guard Glibc.mount(device.path, mountPoint, kind.rawValue, 0, nil) == 0 else {
            throw MachineFailure("\(kind) cannot be mounted: \(LoopDevice.lastError)")
        }
    }

    func unmount() throws(MachineFailure) {
        // A killed process lets go of its files a moment after its end.
        for _ in 0..<500 {
            if umount2(mountPoint, 0) == 0 { return }
            guard errno == EBUSY else { break }
            MachineClock.sleep(microseconds: 2_000)
        }
        throw MachineFailure("\(kind) cannot be unmounted: \(LoopDevice.lastError)")
    }

    /// From here on nothing reaches the disk: neither data nor the file system's own journal.
    func cut() throws(MachineFailure) {
        let root = open(mountPoint, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { close(root) }
        let shutdown: UInt = 0x8004_587d
        var withoutFlushingTheLog: UInt32 = 2
        guard root >= 0, ioctl(root, shutdown, &withoutFlushingTheLog) == 0 else {
            throw MachineFailure("\(kind) cannot be cut: \(LoopDevice.lastError)")
        }
    }

    /// Mends what the file system itself says is broken.
    func mend() throws(MachineFailure) {
        guard let path = Program.find("e2fsck") else { throw MachineFailure("e2fsck is missing") }
        let outcome = try Program(
            arguments: [path, "-fy", "/proc/\(getpid())/fd/\(image)"], folder: folder.path
        ).run()
        guard [.exited(0), .exited(1)].contains(outcome.ending) else {
            throw MachineFailure("e2fsck: \(outcome.ending), \(outcome.output)")
        }
    }

    /// Takes what the disk holds at this moment, for a file system that cannot be cut. Whoever
    /// writes must be stopped.
    func copy() throws(MachineFailure) {
        try Self.tool(
            "cp", ["--sparse=always", "/proc/\(getpid())/fd/\(image)", "\(place)/image"],
            folder)
    }

    /// Goes on with the copy. Two file systems of one name must not be known at once.
    func replaceByCopy() throws(MachineFailure) {
        close(image)
        try Self.tool("btrfs", ["-q", "device", "scan", "--forget"], folder)
        image = try Self.openWithoutName("\(place)/image")
    }
}
