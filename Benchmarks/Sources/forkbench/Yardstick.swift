// SPDX-License-Identifier: Apache-2.0
// forkbench: what one sync costs on this disk just now, and how times are taken.
import Glibc

/// One 4 KiB fdatasync of a file written before: y.
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

    /// The median of 100, in microseconds.
    func median() -> Double {
        let page = [UInt8](repeating: 1, count: 4096)
        return Times.median(count: 100) { index in
            _ = pwrite(descriptor, page, page.count, off_t(index % 256) * 4096)
            _ = fdatasync(descriptor)
        }
    }

    func show(_ moment: String) {
        print("  y \(moment): \(Times.text(median())) µs")
    }
}

enum Times {
    static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
    }

    /// Runs `body` so often; the median of the times, in microseconds.
    static func median(count: Int, _ body: (Int) throws -> Void) rethrows -> Double {
        var times: [Double] = []
        for index in 0..<count {
            let start = now()
            try body(index)
            times.append(now() - start)
        }
        times.sort()
        return times[count / 2]
    }

    static func text(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    static func ratio(_ value: Double, _ base: Double) -> String {
        let hundredths = Int((value / base * 100).rounded())
        let fraction = hundredths % 100
        return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
    }
}
