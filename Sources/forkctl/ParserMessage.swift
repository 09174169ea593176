// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. What the parser says of bad arguments, said once.

/// The parser's text without what is in it twice: "Error: ", a sentence, the help of the option,
/// the usage, and where there is more of it.
struct ParserMessage {
    /// One sentence where a value is bad; else the usage, too.
    let text: String

    init(_ text: String) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let usage = lines.firstIndex { $0.hasPrefix("Usage: ") }
        let end = lines.firstIndex { $0.hasPrefix("Help:") } ?? usage ?? lines.endIndex
        let usageLine = usage.map { lines[$0] }
        lines = Array(lines[..<end])
        var sentence = lines.joined(separator: "\n")
        if sentence.hasPrefix("Error: ") { sentence.removeFirst("Error: ".count) }
        if let value = Self.badValue(sentence) {
            self.text = Arguments.cuttingLongValues(in: value)
        } else {
            sentence = Arguments.cuttingLongValues(in: sentence)
            self.text = usageLine.map { "\(sentence)\n\($0)" } ?? sentence
        }
    }

    /// `--ttl <duration> '90': a duration needs a unit`, of "The value '90' is invalid for
    /// '--ttl <duration>': column 3: a duration needs a unit"; nil where it is no such sentence,
    /// or where there is no reason in it.
    private static func badValue(_ sentence: String) -> String? {
        let middle = "' is invalid for '"
        guard sentence.hasPrefix("The value '"), let found = sentence.firstRange(of: middle)
        else { return nil }
        let rest = sentence[found.upperBound...]
        guard let quote = rest.firstRange(of: "': ") else { return sentence }
        var reason = rest[quote.upperBound...]
        // Where in so short a text its fault lies is seen without counting.
        if reason.hasPrefix("column "), let colon = reason.firstRange(of: ": ") {
            reason = reason[colon.upperBound...]
        }
        let value = sentence[..<found.lowerBound].dropFirst("The value '".count)
        let shown = reason.contains(value) ? "" : " '\(value)'"
        return "\(rest[..<quote.lowerBound])\(shown): \(reason)"
    }
}
