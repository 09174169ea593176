// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. What a command talks to: data to standard output, words for
// people to standard error.
import ForkEngine
import Glibc

/// The two streams of one command, and how each may look.
final class Console {
    let output = StandardOutput()
    /// Whether standard output and standard error show colour.
    let outputStyle: TextStyle
    let errorStyle: TextStyle
    /// Whether a progress bar may be drawn on standard error.
    let showsProgress: Bool
    /// What this command has changed for good, as a sentence: told where its output cannot be
    /// written, so that nobody takes that for a failure of it and does it again.
    var done: String?

    init() {
        let isPlain = Self.isSet("NO_COLOR") || Self.environment("TERM") == "dumb"
        let isErrorTerminal = isatty(STDERR_FILENO) == 1
        outputStyle = TextStyle(isColoured: !isPlain && isatty(STDOUT_FILENO) == 1)
        errorStyle = TextStyle(isColoured: !isPlain && isErrorTerminal)
        showsProgress = !isPlain && isErrorTerminal
    }

    /// Tells something that is neither data nor a failure.
    func note(_ sentence: String) { Self.writeToStandardError("\(sentence)\n") }

    func warn(_ sentence: String) {
        Self.writeToStandardError("\(errorStyle.yellow("warning:")) \(sentence)\n")
    }

    /// Tells why the command failed.
    func complain(_ sentence: String) {
        Self.writeToStandardError("\(errorStyle.red("error:")) \(sentence)\n")
    }

    /// Unbuffered; where standard error cannot be written, there is nobody to tell.
    static func writeToStandardError(_ text: String) {
        text.withBytes { bytes in
            var rest = bytes
            while rest.count > 0 {
                let written = write(STDERR_FILENO, rest.baseAddress, rest.count)
                if written < 0 && errno != EINTR { return }
                rest = UnsafeRawBufferPointer(rebasing: rest[max(0, written)...])
            }
        }
    }

    /// The value of an environment variable; nil where it is unset or empty.
    static func environment(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }

    private static func isSet(_ name: String) -> Bool { environment(name) != nil }
}

/// Colours of a terminal, or none.
struct TextStyle {
    let isColoured: Bool

    static let plain = TextStyle(isColoured: false)

    func bold(_ text: String) -> String { wrapped(text, "1") }
    func dim(_ text: String) -> String { wrapped(text, "2") }
    func red(_ text: String) -> String { wrapped(text, "1;31") }
    func green(_ text: String) -> String { wrapped(text, "32") }
    func yellow(_ text: String) -> String { wrapped(text, "33") }

    private func wrapped(_ text: String, _ code: String) -> String {
        isColoured ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }
}
