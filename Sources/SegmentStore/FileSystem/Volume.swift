// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, file-system seam. Which file systems a store may lie on (rule 15).
import CPlatform

/// The file system that holds a folder.
package struct Volume: Hashable, Sendable {
    /// Its number in statfs(2).
    package let magic: UInt64
    package let isReadOnly: Bool

    package init(magic: UInt64, isReadOnly: Bool) {
        self.magic = magic
        self.isReadOnly = isReadOnly
    }

    /// Whether a store may lie here: locks, unnamed files and syncs do what the rules need, as
    /// was shown for these by test. Network and FUSE file systems promise no such thing.
    package var isSupported: Bool { Self.supported.contains { $0.magic == magic } }

    /// The name as mount(8) writes it; the number where it is not known.
    package var name: String {
        (Self.supported + Self.refused).first { $0.magic == magic }?.name
            ?? "0x" + String(magic, radix: 16)
    }

    private typealias Kind = (magic: UInt64, name: String)

    private static let supported: [Kind] = [
        (0xEF53, "ext4"), (0x5846_5342, "xfs"), (0x9123_683E, "btrfs"), (0x0102_1994, "tmpfs"),
        (0x794C_7630, "overlay"),
    ]

    private static let refused: [Kind] = [
        (0x6969, "nfs"), (0xFF53_4D42, "cifs"), (0xFE53_4D42, "smb2"), (0x6573_5546, "fuse"),
        (0x0102_1997, "9p"), (0x00C3_6400, "ceph"), (0x5346_414F, "afs"), (0x786F_4256, "vboxsf"),
        (0x0BD0_0BD0, "lustre"), (0x4750_4653, "gpfs"), (0x0116_1970, "gfs2"),
        (0x7461_636F, "ocfs2"), (0x2FC1_2FC1, "zfs"), (0xF2F5_2010, "f2fs"),
        (0xCA45_1A4E, "bcachefs"), (0x8584_58F6, "ramfs"), (0x4D44, "vfat"),
        (0x2011_BAB0, "exfat"), (0x7366_746E, "ntfs3"), (0x5346_544E, "ntfs"), (0xF15F, "ecryptfs"),
        (0x7371_7368, "squashfs"), (0xE0F5_E1E2, "erofs"),
    ]
}

extension RealFileSystem {
    /// The file system below the root folder. Throws what fstatfs(2) does.
    package func volume() throws(StorageError) -> Volume {
        var magic: UInt64 = 0
        var isReadOnly = false
        try systemCall("status", on: rootPath) { platform_volume(root, &magic, &isReadOnly) }
        return Volume(magic: magic, isReadOnly: isReadOnly)
    }
}
