// SPDX-License-Identifier: Apache-2.0
// System calls that end the program where they fail: a probe that goes on would measure nothing.
import Glibc

func checked<Number: SignedInteger>(_ what: String, _ result: Number) -> Number {
    if result < 0 {
        perror(what)
        exit(1)
    }
    return result
}

struct RawFile: ~Copyable {
    let descriptor: Int32

    init(_ path: String, _ flags: Int32 = O_RDWR | O_CREAT | O_CLOEXEC) {
        descriptor = checked(path, open(path, flags, 0o644))
    }

    deinit { close(descriptor) }

    func write(_ bytes: [UInt8], at offset: Int) {
        var done = 0
        while done < bytes.count {
            done += bytes.withUnsafeBytes { bytes in
                checked(
                    "pwrite",
                    pwrite(
                        descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done,
                        off_t(offset + done)))
            }
        }
    }

    /// Up to so many bytes: fewer at the file's end.
    func read(byteCount: Int, at offset: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: byteCount) { bytes, count in
            count = checked(
                "pread", pread(descriptor, bytes.baseAddress, byteCount, off_t(offset)))
        }
    }

    func sync() { _ = checked("fdatasync", fdatasync(descriptor)) }

    /// A file of zeros that were really written.
    func fill(byteCount: Int) {
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        for offset in stride(from: 0, to: byteCount, by: zeros.count) {
            write(Array(zeros.prefix(byteCount - offset)), at: offset)
        }
        _ = checked("fsync", fsync(descriptor))
    }
}

func syncFolder(_ path: String) {
    let folder = RawFile(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    _ = checked("fsync", fsync(folder.descriptor))
}

func nanoseconds() -> Int {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec * 1_000_000_000 + now.tv_nsec
}

func timed(_ body: () -> Void) -> Int {
    let started = nanoseconds()
    body()
    return nanoseconds() - started
}

/// Some bytes that do not compress, the same each time.
func noise(_ count: Int) -> [UInt8] {
    var state: UInt64 = 1
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 56)
    }
}
