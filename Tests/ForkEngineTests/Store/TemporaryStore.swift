// SPDX-License-Identifier: Apache-2.0
// A store in a folder of its own, gone with the test.
import Foundation
import ForkEngine
import SegmentStore

final class TemporaryStore {
    let path: String
    let store: Store

    init() throws {
        path = NSTemporaryDirectory() + "forkctl-test-" + UUID().uuidString
        store = try Store.initialize(at: path)
    }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            print("left behind: \(path): \(error)")
        }
    }

    /// Another hold on the same store, as a second process has it.
    func reopen() throws -> Store { try Store.open(at: path) }
}

extension AppendBatch {
    /// One event of JSON, at a time that follows from its number.
    static func numbered(_ number: Int, stream: String, type: String = "counted") throws
        -> AppendBatch
    {
        let batch = AppendBatch()
        try batch.add(
            stream: stream, type: type, data: Array("{\"n\":\(number)}".utf8),
            time: Timestamp(nanoseconds: Int64(number) * 1_000_000_000))
        return batch
    }
}

extension View {
    /// All events, in position order, as text: "position stream/version data".
    func transcript() throws -> [String] {
        var lines: [String] = []
        try scan(.zero..<head) { (event) throws(ForkError) in
            let stream = String(decoding: event.stream, as: UTF8.self)
            let data = String(decoding: event.data, as: UTF8.self)
            lines.append("\(event.position) \(stream)/\(event.version) \(data)")
            return true
        }
        return lines
    }
}

func named(_ text: String) throws -> ForkName { try ForkName(text) }
func point(_ text: String) throws -> Point { try Point(text) }
