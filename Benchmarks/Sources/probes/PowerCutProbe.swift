// SPDX-License-Identifier: Apache-2.0
// One side of Benchmarks/power-cuts.sh: writes files in a way that is to be judged, stops the file
// system, and after it was mounted again says what is left.
import Glibc

struct PowerCutProbe {
    private enum Kind: String {
        /// A new file, written and synced; its folder is not.
        case synced
        /// The same, and more written and synced then, so that the file grows.
        case grown
        /// A durable spare file given its name by rename, written and synced; its folder is not.
        case renamed
        /// The folder is synced too: must always survive.
        case folderSynced = "folder-synced"
        /// An unnamed file, written, synced, then linked: its name may go.
        case linked
        /// Never synced: must be able to go, or the cut cuts nothing.
        case unsynced
    }

    private let folder: String
    private let kind: Kind
    private let round: String

    init(_ folder: String, _ kind: String, _ round: String) {
        guard let kind = Kind(rawValue: kind) else {
            print(Probes.usage)
            exit(64)
        }
        self.folder = folder
        self.kind = kind
        self.round = round
    }

    private static let bytes = noise(6000)

    func write() {
        let path = "\(folder)/journal.\(round)"
        if kind == .renamed {
            let spare = RawFile("\(folder)/spare.\(round)")
            spare.fill(byteCount: 4096)
            syncFolder(folder)
        }
        // Names that nobody synced come and go beside it, as they do in a store.
        for index in 0..<3 { _ = RawFile("\(folder)/other.\(round).\(index)") }
        unlink("\(folder)/other.\(round).1")
        switch kind {
        case .unsynced:
            RawFile(path).write(Self.bytes, at: 0)
        case .synced, .folderSynced, .grown:
            let file = RawFile(path)
            file.write(kind == .grown ? Array(Self.bytes.prefix(3000)) : Self.bytes, at: 0)
            file.sync()
            if kind == .folderSynced { syncFolder(folder) }
            if kind == .grown {
                file.write(Array(Self.bytes.dropFirst(3000)), at: 3000)
                file.sync()
            }
        case .renamed:
            _ = checked("rename", rename("\(folder)/spare.\(round)", path))
            let file = RawFile(path, O_RDWR | O_CLOEXEC)
            file.write(Self.bytes, at: 0)
            file.sync()
        case .linked:
            let file = RawFile(folder, 0x41_0000 /* O_TMPFILE */ | O_RDWR | O_CLOEXEC)
            file.write(Self.bytes, at: 0)
            file.sync()
            let source = "/proc/self/fd/\(file.descriptor)"
            _ = checked(
                "linkat", linkat(AT_FDCWD, source, AT_FDCWD, path, AT_SYMLINK_FOLLOW))
        }
    }

    func check() {
        let descriptor = open("\(folder)/journal.\(round)", O_RDONLY)
        guard descriptor >= 0 else {
            print("gone")
            return
        }
        var found = [UInt8](repeating: 0, count: 8192)
        let count = read(descriptor, &found, found.count)
        close(descriptor)
        print(count >= 0 && Array(found.prefix(count)) == Self.bytes ? "whole" : "damaged")
    }

    /// FS_IOC_SHUTDOWN without flushing the log: nothing more reaches the disk.
    static func cut(mountPoint: String) {
        let folder = RawFile(mountPoint, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        var flags: UInt32 = 2
        _ = checked("shutdown", ioctl(folder.descriptor, 0x8004_587D, &flags))
    }
}
