// SPDX-License-Identifier: Apache-2.0
// forkbench: what the command line says.
import Glibc

struct Options {
    static let usage = "usage: forkbench [--scale 0.001...1] [--folder FOLDER] [--json FILE]"

    /// How large the large things are: 1 is what the ratios are promised for.
    private(set) var scale = 1.0
    /// A folder that is not there yet; it is made, and removed at the end.
    private(set) var folder = "forkbench.\(getpid())"
    private(set) var json: String?

    static let smallEventCount = 10_000
    static let levelCount = 200
    var largeEventCount: Int { Int(10_000_000 * scale) }
    var forkCount: Int { Int(100_000 * scale) }
    var depthEventCount: Int { max(100_000, Int(1_000_000 * scale)) }

    init(_ arguments: ArraySlice<String>) throws {
        var rest = arguments
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { throw BenchFailure(Self.usage) }
            switch name {
            case "--folder": folder = value
            case "--json": json = value
            case "--scale":
                guard let number = Double(value), (0.001...1).contains(number) else {
                    throw BenchFailure(Self.usage)
                }
                scale = number
            default: throw BenchFailure(Self.usage)
            }
        }
    }
}

struct BenchFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
