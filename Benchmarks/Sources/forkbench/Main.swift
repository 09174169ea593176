// SPDX-License-Identifier: Apache-2.0
// forkbench: the costs that must not grow, as ratios within one run. Each line compares two cases
// measured in turn; y is one 4 KiB fdatasync of a file written before, measured beside them.
import ForkEngine
import Glibc
import SegmentStore

@main
enum Main {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let scale = arguments.first.flatMap { Int($0) } ?? 1_000_000
        let folder = arguments.count > 1 ? arguments[1] : "/tmp/forkbench.\(getpid())"
        do {
            print("forkbench: base of \(scale) events, in \(folder)")
            try Bench(folder: folder, scale: scale).run()
        } catch {
            print("forkbench: \(error)")
            exit(1)
        }
    }
}

/// The stores of one run and the comparisons over them.
struct Bench {
    let folder: String
    let scale: Int

    func run() throws {
        guard mkdir(folder, 0o755) == 0 else { throw BenchFailure("\(folder) exists already") }
        defer { _ = system("rm -rf '\(folder)'") }
        let yard = try Yardstick(folder: folder)
        yard.show("before")
        let small = try Workload.store(at: "\(folder)/small", eventCount: 10_000)
        let large = try Workload.store(at: "\(folder)/large", eventCount: scale)
        try compareCreateAndDrop(small, large, yard)
        try compareDiff(small, large)
        try compareDepth(large)
        try compareForkCount(large, yard)
        yard.show("after")
    }
}

struct BenchFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
