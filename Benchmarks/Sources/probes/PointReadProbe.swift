// SPDX-License-Identifier: Apache-2.0
// Reads of which each is known only from the one before, in a file of 1 GiB: in the page cache, and
// after it was dropped.
import Glibc

struct PointReadProbe {
    let folder: String

    private static let byteCount = 1 << 30

    func run() {
        let path = "\(folder)/large"
        let file = RawFile(path)
        let part = noise(1 << 20)
        for offset in stride(from: 0, to: Self.byteCount, by: part.count) {
            file.write(part, at: offset)
        }
        file.sync()
        posix_fadvise(file.descriptor, 0, 0, POSIX_FADV_RANDOM)
        var samples = Samples()
        var yardstick = Yardstick(folder: folder)
        for _ in 0..<100 { samples.add("y", yardstick.measure()) }
        for byteCount in [4096, 32_768] {
            let name = "\(byteCount / 1024) KiB"
            posix_fadvise(file.descriptor, 0, 0, POSIX_FADV_DONTNEED)
            read(file, byteCount, count: 2000) { samples.add("\(name), from disk", $0) }
            warm(file)
            read(file, byteCount, count: 50_000) { samples.add("\(name), in the page cache", $0) }
        }
        samples.report("dependent reads in 1 GiB")
        unlink(path)
        unlink("\(folder)/yardstick")
    }

    private func warm(_ file: borrowing RawFile) {
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: 1 << 20, alignment: 4096)
        defer { buffer.deallocate() }
        for offset in stride(from: 0, to: Self.byteCount, by: 1 << 20) {
            _ = checked("pread", pread(file.descriptor, buffer, 1 << 20, off_t(offset)))
        }
    }

    private func read(
        _ file: borrowing RawFile, _ byteCount: Int, count: Int, _ report: (Int) -> Void
    ) {
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 4096)
        defer { buffer.deallocate() }
        let places = UInt64(Self.byteCount / byteCount)
        var state: UInt64 = 1
        for _ in 0..<count {
            let started = nanoseconds()
            _ = checked(
                "pread",
                pread(file.descriptor, buffer, byteCount, off_t(state % places) * off_t(byteCount)))
            report(nanoseconds() - started)
            // The next place hangs on what was read.
            state = state &* 6_364_136_223_846_793_005 &+ (buffer.load(as: UInt64.self) | 1)
            state ^= state >> 29
        }
    }
}
