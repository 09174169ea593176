// SPDX-License-Identifier: Apache-2.0
// forkbench: the report as JSON, for who draws curves of it.
import Glibc

enum JSONFile {
    indirect enum Value {
        case null
        case number(Double)
        /// Text of forkbench's own: nothing in it needs an escape.
        case text(String)
        case array([Value])
        case object([(name: String, value: Value)])

        func text(indent: String) -> String {
            let deeper = indent + "  "
            switch self {
            case .null: return "null"
            case .number(let number): return number.isFinite ? number.text(3) : "null"
            case .text(let text): return "\"\(text)\""
            case .array(let values):
                let lines = values.map { deeper + $0.text(indent: deeper) }
                return "[\n\(lines.joined(separator: ",\n"))\n\(indent)]"
            case .object(let members):
                let lines = members.map { "\(deeper)\"\($0)\": \($1.text(indent: deeper))" }
                return "{\n\(lines.joined(separator: ",\n"))\n\(indent)}"
            }
        }
    }

    static func write(_ value: Value, to path: String) throws {
        guard let file = fopen(path, "w") else {
            throw BenchFailure("the file \(path) cannot be written")
        }
        let isWritten = fputs(value.text(indent: "") + "\n", file) >= 0
        guard fclose(file) == 0, isWritten else {
            throw BenchFailure("the file \(path) cannot be written")
        }
    }
}
