// SPDX-License-Identifier: Apache-2.0
// The bytes of format version 1, fixed by a file, and the drawings, fixed by the document.
import SegmentStore
import Testing

@Suite struct JournalGoldenTests {
    @Test func aJournalOfVersion1HasTheseBytes() throws {
        let sample = try JournalSample.small(isClosed: true)
        let end = Int(sample.ends.last ?? 0) + JournalFormat.frameHeadByteCount
        let golden = try Project.read("Tests/Fixtures/journal-1.bin")
        #expect(Array(sample.system.bytes[0..<end]) == golden)
        #expect(sample.system.bytes[end...].allSatisfy { $0 == 0 })
    }

    @Test func aJournalOfVersion1IsReadForEver() throws {
        let sample = try JournalSample.small(isClosed: true)
        sample.system.bytes = try Project.read("Tests/Fixtures/journal-1.bin")
        let (kept, frames) = try sample.recover()
        #expect(frames == sample.frames)
        #expect(kept.wasClosed && kept.byteEnd == sample.ends.last)
    }

    @Test func theDocumentShowsTheDrawingsOfTheFormatFiles() throws {
        func drawing(_ text: [UInt8]) -> [String] {
            String(decoding: text, as: UTF8.self).split(separator: "\n").map {
                var line = $0
                if line.hasPrefix("//") { line = line.dropFirst(2) }
                return String(line.drop { $0 == " " })
            }.filter { $0.contains("+-") || $0.contains(" | ") || $0.hasSuffix(" |") }
        }
        let folder = "Sources/SegmentStore/Journal/"
        let drawn =
            drawing(try Project.read(folder + "JournalFormat.swift"))
            + drawing(try Project.read(folder + "EventRecordFormat.swift"))
        #expect(drawn.count > 50)
        #expect(drawing(try Project.read("docs/format/journal.md")) == drawn)
    }
}
