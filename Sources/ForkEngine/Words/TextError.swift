// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, words. What is wrong with a text that somebody typed or piped in.

/// A text that cannot be read as what it should be: one sentence, and where it went wrong.
public struct TextError: Error, Hashable, Sendable {
    /// Says what is wrong and what would be right; a fragment without a full stop.
    public let sentence: String
    /// The byte in the text, counted from 1; nil where the text as a whole is meant.
    public let column: Int?

    public init(_ sentence: String, column: Int? = nil) {
        self.sentence = sentence
        self.column = column
    }

    /// The same error in a text that holds this one from its byte `offset` on.
    package func shifted(by offset: Int) -> TextError {
        TextError(sentence, column: (column ?? 1) + offset)
    }
}

extension TextError: CustomStringConvertible {
    public var description: String {
        column.map { "column \($0): \(sentence)" } ?? sentence
    }
}

extension String {
    /// Lends the text's bytes; they are valid inside `body` only.
    package func withBytes<Result, Failure>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try utf8.span.withUnsafeBytes(body)
    }

    /// The bytes as text; what is not UTF-8 becomes the replacement character.
    package init(repairing bytes: UnsafeRawBufferPointer) {
        self = String(decoding: bytes, as: UTF8.self)
    }
}
