// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, decoding. What people write: lines, instants, durations, points, ids.
import ForkEngine
import SegmentStore

extension Decoder {
    func readText(_ bytes: [UInt8]) throws(DecodingFault) {
        do throws(TextError) {
            let again = try printedAgain(bytes)
            guard let again, try printedAgain(again.text) == again else {
                if again == nil { return }
                throw TextError("printed otherwise", column: 0)
            }
        } catch {
            // A refusal is what text may always meet; `column` 0 is none of its own.
            guard error.column != 0 else { throw DecodingFault("\(self): \(bytes): \(error)") }
        }
    }

    /// What text means, printed: it must mean the same once more.
    private struct Printed: Equatable {
        let text: [UInt8]
    }

    private func printedAgain(_ bytes: [UInt8]) throws(TextError) -> Printed? {
        var buffer = ByteBuffer()
        switch self {
        case .eventLine:
            var scanner = EventLineScanner()
            try bytes.span.withUnsafeBytes { (bytes) throws(TextError) in
                let line = try scanner.scan(bytes)
                precondition(line.stream.count <= 255 && line.data.count <= bytes.count)
            }
            return nil
        case .instant:
            let instant = try bytes.span.withUnsafeBytes { (bytes) throws(TextError) in
                try RFC3339.parse(bytes)
            }
            RFC3339.append(instant, to: &buffer)
        case .duration:
            let duration = try bytes.span.withUnsafeBytes { (bytes) throws(TextError) in
                try DurationText.parse(bytes)
            }
            return Printed(text: Array(DurationText.text(of: duration).utf8))
        case .point:
            let point = try Point(String(decoding: bytes, as: UTF8.self))
            return Printed(text: Array(point.description.utf8))
        case .eventID:
            let id = try bytes.span.withUnsafeBytes { (bytes) throws(TextError) in
                try EventID(uuid: bytes)
            }
            return Printed(text: Array(id.uuid.utf8))
        default:
            try bytes.span.withUnsafeBytes { (bytes) throws(TextError) in
                try Base64.decode(bytes, into: &buffer)
            }
            var encoded = ByteBuffer()
            Base64.encode(buffer.bytes, into: &encoded)
            return Printed(text: Array(encoded.bytes))
        }
        return Printed(text: Array(buffer.bytes))
    }
}
