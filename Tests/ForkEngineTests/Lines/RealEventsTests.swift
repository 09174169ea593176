// SPDX-License-Identifier: Apache-2.0
import Foundation
import SegmentStore
import Testing

@testable import ForkEngine

@Suite("Real events")
struct RealEventsTests {
    /// The compressed files in the folder that FORKCTL_TEST_DATA names; none where it is unset.
    static var files: [String] {
        guard let folder = ProcessInfo.processInfo.environment["FORKCTL_TEST_DATA"] else {
            return []
        }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".ndjson.gz") }.sorted().map { "\(folder)/\($0)" }
    }

    @Test(
        "each line reads, prints and reads again equal; printing twice gives the same bytes",
        .enabled(if: !files.isEmpty, "FORKCTL_TEST_DATA names no folder with event files"))
    func roundTrip() throws {
        for file in Self.files {
            let zcat = Process()
            let output = Pipe()
            zcat.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            zcat.arguments = ["zcat", file]
            zcat.standardOutput = output
            try zcat.run()
            let descriptor = output.fileHandleForReading.fileDescriptor
            var reader = LineReader<Never> { max(0, read(descriptor, $0.baseAddress, $0.count)) }
            var scanner = EventLineScanner()
            var count: UInt64 = 0
            while let line = reader.next() {
                guard case .bytes(let bytes) = line else {
                    Issue.record("line \(reader.lineNumber) of \(file) is too long")
                    break
                }
                var event = OwnedEventLine(try scanner.scan(bytes))
                // The raw data stands in the line as it was read.
                let text = String(decoding: bytes, as: UTF8.self)
                #expect(text.contains("\"data\": \(event.dataText)"))
                event.id = EventID(high: count, low: count)
                let printed = event.printed(position: count, version: 0, sequence: 0)
                let again = try OwnedEventLine.scan(
                    Array(printed.utf8.dropLast()), with: &scanner)
                #expect(again == event)
                #expect(again.printed(position: count, version: 0, sequence: 0) == printed)
                count += 1
            }
            zcat.waitUntilExit()
            #expect(zcat.terminationStatus == 0)
            #expect(count > 20_000)
        }
    }
}
