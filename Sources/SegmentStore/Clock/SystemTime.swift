// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, clock seam. The machine's clocks.
import CPlatform
import Glibc

/// CLOCK_REALTIME, CLOCK_BOOTTIME and the kernel's boot id.
package struct SystemTime: TimeSource {
    package init() {}

    package func now() -> Timestamp { Timestamp(nanoseconds: platform_wall_nanoseconds()) }

    package func sinceBoot() -> UInt64 { platform_boot_nanoseconds() }

    package func boot() throws(StorageError) -> BootID {
        let path = "/proc/sys/kernel/random/boot_id"
        let descriptor = try systemCall("open", on: path) {
            Glibc.open(path, O_RDONLY | O_CLOEXEC)
        }
        let file = RealFile(descriptor: descriptor, path: path)
        let text = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 1)
        defer { text.deallocate() }
        let count = try file.read(into: text, at: 0)
        guard let boot = BootID(uuid: text.prefix(count)) else {
            throw .failed("read", on: path, code: EINVAL)
        }
        return boot
    }

    package func sleep(nanoseconds: UInt64) {
        var wanted = timespec(
            tv_sec: time_t(clamping: nanoseconds / 1_000_000_000),
            tv_nsec: Int(nanoseconds % 1_000_000_000))
        var left = timespec()
        while nanosleep(&wanted, &left) != 0 && errno == EINTR { wanted = left }
    }
}
