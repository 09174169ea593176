// SPDX-License-Identifier: Apache-2.0
import ForkTesting
import Testing

@testable import ForkEngine

@Suite("Base64")
struct Base64Tests {
    @Test(
        "the vectors of RFC 4648",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
        ])
    func vectors(plain: String, encoded: String) throws {
        #expect(encode(Array(plain.utf8)) == encoded)
        #expect(try decode(encoded) == Array(plain.utf8))
    }

    @Test("what is encoded decodes to the same bytes")
    func roundTrip() throws {
        var generator = SeededGenerator(seed: 5)
        for count in 0..<300 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            #expect(try decode(encode(bytes)) == bytes)
        }
    }

    @Test("a text that is accepted is the only spelling of its bytes")
    func canonical() {
        var generator = SeededGenerator(seed: 6)
        let letters = Array("AQgw059+/==az".utf8)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...9, using: &generator)
            let text = String(
                decoding: (0..<count).map { _ in letters.randomElement(using: &generator) ?? 0 },
                as: UTF8.self)
            if let bytes = try? decode(text) { #expect(encode(bytes) == text) }
        }
    }

    @Test(
        "anything else is refused",
        arguments: [
            "A", "AA", "AAA", "====", "A===", "AB==", "AAB=", "AA=A", "A=AA", "AA==AA==", "AA A",
            "AAA\n", "AA-_", "é===", "\u{0}AAA",
        ])
    func refuses(text: String) {
        #expect(throws: TextError.self) { try decode(text) }
    }

    private func encode(_ bytes: [UInt8]) -> String {
        var buffer = ByteBuffer()
        bytes.withUnsafeBytes { Base64.encode($0, into: &buffer) }
        return String(repairing: buffer.bytes)
    }

    private func decode(_ text: String) throws(TextError) -> [UInt8] {
        var buffer = ByteBuffer()
        try text.withBytes { (bytes) throws(TextError) in try Base64.decode(bytes, into: &buffer) }
        return Array(buffer.bytes)
    }
}
