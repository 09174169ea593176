// SPDX-License-Identifier: Apache-2.0
// forknight: what a round came to, as one line of text: on the pipe from a worker, and in the state
// file.
//
//     crashes 17 ms=812 units=640 prints=9af0…,71c2… count:kills=3 cover:pairs=676:1f…,… fail=…

struct ReportLine: Equatable {
    var part: String
    var round: UInt64
    var milliseconds: Int
    var tally: NightTally

    var text: String {
        var fields = [part, "\(round)", "ms=\(milliseconds)", "units=\(tally.units)"]
        if !tally.fingerprints.isEmpty { fields.append("prints=" + hex(tally.fingerprints)) }
        for (name, count) in tally.counts.sorted(by: { $0.key < $1.key }) {
            fields.append("count:\(name)=\(count)")
        }
        for (name, coverage) in tally.coverage.sorted(by: { $0.key < $1.key }) {
            fields.append("cover:\(name)=\(coverage.total):" + hex(coverage.words))
        }
        for failure in tally.failures { fields.append("fail=" + Self.escaped(failure)) }
        return fields.joined(separator: " ")
    }

    private func hex(_ words: [UInt64]) -> String {
        words.map { String($0, radix: 16) }.joined(separator: ",")
    }

    init(part: String, round: UInt64, milliseconds: Int, tally: NightTally) {
        self.part = part
        self.round = round
        self.milliseconds = milliseconds
        self.tally = tally
    }

    /// Nil where the text is no such line: the last one of a state file may be cut short.
    init?(_ text: String) {
        let fields = text.split(separator: " ")
        guard fields.count >= 4, let round = UInt64(fields[1]) else { return nil }
        self.init(part: String(fields[0]), round: round, milliseconds: 0, tally: NightTally())
        for field in fields.dropFirst(2) {
            guard let equals = field.firstIndex(of: "=") else { return nil }
            let value = field[field.index(after: equals)...]
            guard read(field[..<equals], value) else { return nil }
        }
    }

    private mutating func read(_ key: Substring, _ value: Substring) -> Bool {
        switch key {
        case "ms", "units":
            guard let number = Int(value) else { return false }
            if key == "ms" { milliseconds = number } else { tally.units = number }
        case "prints":
            guard let words = Self.words(value) else { return false }
            tally.fingerprints = words
        case "fail":
            tally.failures.append(Self.unescaped(value))
        case _ where key.hasPrefix("count:"):
            guard let number = Int(value) else { return false }
            tally.counts[String(key.dropFirst(6))] = number
        case _ where key.hasPrefix("cover:"):
            let parts = value.split(separator: ":")
            guard parts.count == 2, let total = Int(parts[0]), let words = Self.words(parts[1]),
                let coverage = NightCoverage(total: total, words: words)
            else { return false }
            tally.coverage[String(key.dropFirst(6))] = coverage
        default: return false
        }
        return true
    }

    private static func words(_ text: Substring) -> [UInt64]? {
        var words: [UInt64] = []
        for part in text.split(separator: ",") {
            guard let word = UInt64(part, radix: 16) else { return nil }
            words.append(word)
        }
        return words
    }

    // MARK: Text in one word

    private static let digits = Array("0123456789abcdef".utf8)

    static func escaped(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if byte > 0x20, byte < 0x7F, byte != UInt8(ascii: "%") {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func unescaped(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let high = rest.popFirst(), let low = rest.popFirst() {
                let pair = String(decoding: [high, low], as: UTF8.self)
                bytes.append(UInt8(pair, radix: 16) ?? UInt8(ascii: "?"))
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
