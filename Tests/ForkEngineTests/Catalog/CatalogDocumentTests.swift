// SPDX-License-Identifier: Apache-2.0
// docs/format/catalog.md says what the sources say.
import Testing

@testable import ForkEngine

@Suite("Catalog, its page of the format")
struct CatalogDocumentTests {
    private static let root =
        "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/") + "/"

    private func blocks() throws -> [String] {
        let page = try TestChild.text(of: Self.root + "docs/format/catalog.md")
        return page.split(separator: "```", omittingEmptySubsequences: false).map(String.init)
    }

    @Test(
        "docs/format/catalog.md draws the same bytes as the source",
        arguments: [
            "ForkEngine/Catalog/SnapshotFormat.swift", "ForkEngine/Catalog/LabelsFormat.swift",
            "CSQLitePages/include/CSQLitePages.h",
        ])
    func drawings(file: String) throws {
        let source = try TestChild.text(of: Self.root + "Sources/" + file)
        let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
        let begin = try #require(lines.firstIndex { $0.hasSuffix(" DRAWING") })
        let end = try #require(lines.firstIndex { $0.hasSuffix(" END DRAWING") })
        let drawing = lines[(begin + 1)..<end].map { $0.dropFirst(3) }.joined(separator: "\n")
        #expect(drawing.utf8.count > 200)
        #expect(try blocks().contains("\n\(drawing)\n"), "\(file)")
    }

    @Test("docs/format/catalog.md shows the tables as they are made")
    func tables() throws {
        #expect(try blocks().contains("sql\n\(CatalogSchema.tables)\n"))
    }
}
