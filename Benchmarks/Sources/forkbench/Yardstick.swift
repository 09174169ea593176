// SPDX-License-Identifier: Apache-2.0
// forkbench: what one sync costs on this disk just now.
import Glibc

/// One 4 KiB fdatasync into a file written before: y.
struct Yardstick {
    private let descriptor: Int32

    init(folder: String) throws {
        descriptor = open("\(folder)/yardstick", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw BenchFailure("the yardstick cannot be made") }
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        guard write(descriptor, zeros, zeros.count) == zeros.count, fsync(descriptor) == 0 else {
            throw BenchFailure("the yardstick cannot be written")
        }
    }

    /// The median of 200, in microseconds.
    func median() -> Double {
        let page = [UInt8](repeating: 1, count: 4096)
        var samples = Samples()
        for index in 0..<200 {
            samples.time {
                _ = pwrite(descriptor, page, page.count, off_t(index % 256) * 4096)
                _ = fdatasync(descriptor)
            }
        }
        return samples.median
    }
}
