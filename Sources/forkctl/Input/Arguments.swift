// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. The arguments as they were given, byte for byte.
import ForkEngine
import SegmentStore

/// What may be said of arguments before, and beside, their parsing.
enum Arguments {
    /// Longer values are cut to `shownByteCount` where messages show them.
    private static let wholeByteCount = 255
    private static let shownByteCount = 100

    /// The refusal of the first argument that is not UTF-8: as text its bytes would be others, and
    /// nothing of what somebody gives is kept otherwise than it was given.
    static func fault() -> CommandFailure? {
        var before = ""
        for index in 1..<max(1, Int(CommandLine.argc)) {
            guard let start = CommandLine.unsafeArgv[index] else { break }
            let text = String(cString: start)
            let bytes = UnsafeRawBufferPointer(start: start, count: byteCount(of: start))
            if let offset = UTF8Check.firstFault(in: bytes) {
                return .usage(
                    "argument \(index)\(place(of: text, behind: before)) is not UTF-8 from its"
                        + " byte \(offset + 1) on: give bytes through --data @FILE or - with"
                        + " --binary")
            }
            before = text
        }
        return nil
    }

    private static func byteCount(of start: UnsafePointer<CChar>) -> Int {
        var count = 0
        while start[count] != 0 { count += 1 }
        return count
    }

    private static func place(of text: String, behind before: String) -> String {
        if text.hasPrefix("--"), let equals = text.firstIndex(of: "=") {
            return ", the value of \(shown(String(text[..<equals]))),"
        }
        return before.hasPrefix("-") ? " behind \(shown(before))" : ""
    }

    /// `sentence` with the long values among the arguments cut.
    static func cuttingLongValues(in sentence: String) -> String {
        var result = sentence
        for argument in CommandLine.arguments.dropFirst() {
            var values = [argument]
            if argument.hasPrefix("-"), let equals = argument.firstIndex(of: "=") {
                values.append(String(argument[argument.index(after: equals)...]))
            }
            for value in values where value.utf8.count > wholeByteCount {
                result = result.replacing(value, with: shown(value))
            }
        }
        return result
    }

    private static func shown(_ value: String) -> String {
        guard value.utf8.count > wholeByteCount else { return value }
        return String(repairing: value.utf8.prefix(shownByteCount)) + "…"
    }
}

extension String {
    /// The bytes as text, without a character that is cut off at their end.
    fileprivate init(repairing bytes: Substring.UTF8View) {
        var kept = bytes
        while let last = kept.last, last & 0xc0 == 0x80 { kept.removeLast() }
        if let last = kept.last, last >= 0xc0 { kept.removeLast() }
        self = String(Substring(kept))
    }
}
