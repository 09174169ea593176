// SPDX-License-Identifier: Apache-2.0
// Whether a store to a mapped file can still be made when the disk is full, or ends the process by
// SIGBUS. Fills the file system of the folder: give it a small one.
import CProbes
import Glibc

struct FullDiskProbe {
    let folder: String
    /// Whether btrfs is asked to write the mapped file in place (FS_NOCOW_FL).
    let inPlace: Bool

    private static let byteCount = 65_536

    func run() {
        let file = RawFile("\(folder)/mapped")
        if inPlace { print("in place:", probes_write_in_place(file.descriptor) == 0) }
        _ = checked("fallocate", -posix_fallocate(file.descriptor, 0, off_t(Self.byteCount)))
        guard
            let memory = mmap(
                nil, Self.byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, file.descriptor, 0)
        else { exit(1) }
        store(1, to: memory)
        sync()
        let filling = RawFile("\(folder)/filling")
        let filled = fill(filling)
        print("filled \(filled >> 20) MiB")
        for value in 2..<20 { store(UInt8(value), to: memory) }
        print("survived")
        unlink("\(folder)/filling")
        unlink("\(folder)/mapped")
    }

    /// Dirties each page and has it written back, so that the next store faults again.
    private func store(_ value: UInt8, to memory: UnsafeMutableRawPointer) {
        for offset in stride(from: 0, to: Self.byteCount, by: 4096) {
            memory.storeBytes(of: value, toByteOffset: offset, as: UInt8.self)
        }
        _ = checked("msync", msync(memory, Self.byteCount, MS_SYNC))
    }

    private func fill(_ file: borrowing RawFile) -> Int {
        let bytes = noise(1 << 20)
        var total = 0
        var part = bytes.count
        while part >= 4096 {
            let count = pwrite(file.descriptor, bytes, part, off_t(total))
            if count > 0 {
                total += count
            } else {
                sync()
                part /= 4
            }
        }
        return total
    }
}
