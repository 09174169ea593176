// SPDX-License-Identifier: Apache-2.0
import ForkTesting
import Foundation
import SegmentStore
import Testing

/// What `make fuzz` goes on from, through every decoder: its corpus, and a little beside it.
@Suite("Decoders of hostile bytes")
struct DecoderTests {
    private static let fixtures = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures")

    private func corpus(of decoder: Decoder) throws -> [[UInt8]] {
        let folder = Self.fixtures.appendingPathComponent("decoders/\(decoder.rawValue)")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        return try files.map { Array(try Data(contentsOf: folder.appendingPathComponent($0))) }
    }

    @Test(
        "invariant 6: no corpus file traps, or is accepted and written otherwise",
        arguments: Decoder.allCases)
    func corpus(_ decoder: Decoder) throws {
        let files = try corpus(of: decoder)
        #expect(!files.isEmpty)
        for file in files { try decoder.run(file) }
    }

    @Test("invariant 6: nor is what lies beside the corpus", arguments: Decoder.allCases)
    func beside(_ decoder: Decoder) throws {
        let files = try corpus(of: decoder)
        var random = SeededGenerator(seed: 1)
        for _ in 0..<300 {
            var bytes = files[Int.random(in: 0..<files.count, using: &random)]
            for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 2: bytes.removeLast(bytes.count - place)
                default: bytes.insert(contentsOf: bytes[..<(place / 2)].suffix(8), at: place)
                }
            }
            try decoder.run(bytes)
        }
    }
}
