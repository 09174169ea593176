// SPDX-License-Identifier: Apache-2.0
// Measured times of several things done in turn, so that a busy machine disturbs them alike.

struct Samples {
    private var times: [(name: String, nanoseconds: [Int])] = []

    mutating func add(_ name: String, _ nanoseconds: Int) {
        if let index = times.firstIndex(where: { $0.name == name }) {
            times[index].nanoseconds.append(nanoseconds)
        } else {
            times.append((name, [nanoseconds]))
        }
    }

    /// Prints median and 90th percentile in µs, and the median in terms of the first thing's.
    func report(_ title: String) {
        print("\(title):")
        var yard = 0
        for (name, samples) in times {
            let sorted = samples.sorted()
            let median = sorted[sorted.count / 2]
            if yard == 0 { yard = median }
            let ratio = Double(median * 100 / max(1, yard)) / 100
            let slow = sorted[sorted.count * 9 / 10]
            print("  \(name): \(median / 1000) µs, p90 \(slow / 1000) µs, \(ratio) y")
        }
    }
}

/// y: one 4 KiB fdatasync into a file written before.
struct Yardstick: ~Copyable {
    private let file: RawFile
    private let block = noise(4096)
    private var index = 0

    init(folder: String) {
        file = RawFile("\(folder)/yardstick")
        file.fill(byteCount: 256 * 4096)
    }

    mutating func measure() -> Int {
        index = (index + 1) % 256
        let offset = index * 4096
        return timed {
            file.write(block, at: offset)
            file.sync()
        }
    }
}
