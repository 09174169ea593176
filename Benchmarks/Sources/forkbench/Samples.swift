// SPDX-License-Identifier: Apache-2.0
// forkbench: measured times of one thing.
import Glibc

/// Times in microseconds.
struct Samples {
    private(set) var times: [Double] = []

    mutating func add(_ microseconds: Double) { times.append(microseconds) }

    /// Runs `body`, which does `count` things of the kind; the time of one is the sample.
    mutating func time<Result>(per count: Int = 1, _ body: () throws -> Result) rethrows -> Result {
        let start = Self.now()
        let result = try body()
        add((Self.now() - start) / Double(count))
        return result
    }

    var median: Double { quantile(0.5) }
    var slow: Double { quantile(0.9) }
    var slowest: Double { quantile(1) }

    private func quantile(_ part: Double) -> Double {
        guard !times.isEmpty else { return .nan }
        return times.sorted()[Int(Double(times.count - 1) * part)]
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
    }
}
