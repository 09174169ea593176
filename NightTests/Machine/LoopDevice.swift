// SPDX-License-Identifier: Apache-2.0
// NightTests, the real machine. A block device over a file, which goes with its last user.
import Glibc

/// A loop device, free again once it is neither open nor mounted.
final class LoopDevice {
    let path: String
    private let descriptor: Int32

    static var lastError: String { String(cString: strerror(errno)) }

    // From linux/loop.h.
    private static let getFree: UInt = 0x4C82
    private static let configure: UInt = 0x4C0A
    private static let autoclear: UInt32 = 4
    /// struct loop_config: the file, the block size, 232 bytes of loop_info64, 64 to spare.
    private static let byteCount = 304
    private static let flagsOffset = 60

    /// With the usual limit to requests, or with `requestByteCountMax`.
    init(of file: Int32, requestByteCountMax: Int? = nil) throws(MachineFailure) {
        let control = open("/dev/loop-control", O_RDWR | O_CLOEXEC)
        defer { close(control) }
        // Another process may take the free device first.
        for _ in 0..<1_000 {
            let number = ioctl(control, Self.getFree, 0)
            guard number >= 0 else { break }
            let device = open("/dev/loop\(number)", O_RDWR | O_CLOEXEC)
            guard device >= 0 else { break }
            if Self.configure(device, file) {
                (path, descriptor) = ("/dev/loop\(number)", device)
                // The limit stays with the device, whoever set it; 0 stands for the usual one.
                try TextFile.write(
                    "\((requestByteCountMax ?? 0) / 1_024)\n",
                    to: "/sys/block/loop\(number)/queue/max_sectors_kb")
                return
            }
            close(device)
            guard errno == EBUSY else { break }
        }
        throw MachineFailure("there is no free loop device: \(Self.lastError)")
    }

    private static func configure(_ device: Int32, _ file: Int32) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 8) { buffer in
            buffer.initializeMemory(as: UInt8.self, repeating: 0)
            buffer.storeBytes(of: UInt32(bitPattern: file), as: UInt32.self)
            buffer.storeBytes(of: autoclear, toByteOffset: flagsOffset, as: UInt32.self)
            guard let base = buffer.baseAddress else { return false }
            return ioctl(device, configure, base) == 0
        }
    }

    deinit { close(descriptor) }
}
