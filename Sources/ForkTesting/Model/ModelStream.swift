// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, model. The streams and types that model runs write: a fixed table, with
// partitions that another program computed (libxxhash), so that the model hashes nothing itself.

/// A stream that model runs write to.
package struct ModelStream: Sendable {
    package let name: String
    package let bytes: [UInt8]
    package let partition: Int

    private init(_ name: String, _ partition: Int) {
        self.name = name
        bytes = Array(name.utf8)
        self.partition = partition
    }

    /// The hot ones first. Several share a partition; the second and the third share their whole
    /// 64-bit hash, so that nothing but their names tells them apart.
    package static let all: [ModelStream] = [
        ModelStream("order-30", 1),
        ModelStream("gejdjieaeaaeongn", 10),
        ModelStream("dccgbgfgpacaddhk", 10),
        ModelStream("order-72", 1),
        ModelStream("order-77", 1),
        ModelStream("a", 31),
        ModelStream("b", 31),
        ModelStream("größe-√-ключ", 31),
        ModelStream("cart/2026-10-01/x", 25),
        ModelStream("order-24", 2),
        ModelStream("order-26", 2),
        ModelStream("order-48", 2),
        ModelStream("user:1", 1),
        ModelStream("user:2", 2),
        ModelStream("user:3", 7),
        ModelStream("user:4", 10),
        ModelStream("user:5", 29),
        ModelStream("user:6", 13),
        ModelStream("user:7", 20),
        ModelStream("user:8", 18),
        ModelStream("user:9", 23),
        ModelStream("user:10", 30),
        ModelStream("user:11", 0),
        ModelStream("user:12", 17),
        ModelStream("device/1/temperature", 11),
        ModelStream("device/2/temperature", 29),
        ModelStream("device/3/temperature", 1),
        ModelStream("device/4/temperature", 20),
        ModelStream("ledger", 30),
        ModelStream("ledger-", 14),
        ModelStream("ledger0", 29),
        ModelStream("seventeen-bytes-xx", 7),
        ModelStream("nine-byte", 13),
        ModelStream("x'y\"z=\\ ", 27),
        ModelStream(String(repeating: "q", count: 255), 7),
        ModelStream(String(repeating: "r", count: 240), 31),
    ]
}

/// A type that events of model runs have.
package struct ModelType: Sendable {
    package let name: String
    package let bytes: [UInt8]

    private init(_ name: String) {
        self.name = name
        bytes = Array(name.utf8)
    }

    package static let all: [ModelType] = [
        ModelType("placed"), ModelType("paid"), ModelType("p"), ModelType("größer"),
        ModelType("placed-again"), ModelType(String(repeating: "t", count: 255)),
    ]
}
