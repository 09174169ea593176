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

    /// Prints quartile, median and 90th percentile in µs, and quartile and median in terms of the
    /// first thing's. On a busy machine the quartile is the steadier of the two.
    func report(_ title: String) {
        print("\(title):")
        var yard: (quartile: Int, median: Int)?
        for (name, samples) in times {
            let sorted = samples.sorted()
            let (quartile, median) = (sorted[sorted.count / 4], sorted[sorted.count / 2])
            let slow = sorted[sorted.count * 9 / 10]
            let unit = yard ?? (quartile, median)
            yard = unit
            let times = [quartile, median, slow].map { Self.decimal($0, per: 1000) }
            print(
                "  \(name): \(times[0]) · \(times[1]) · \(times[2]) µs,",
                Self.decimal(quartile, per: unit.quartile), "·",
                Self.decimal(median, per: unit.median), "y")
        }
    }

    private static func decimal(_ value: Int, per unit: Int) -> Double {
        Double(value * 100 / max(1, unit)) / 100
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
