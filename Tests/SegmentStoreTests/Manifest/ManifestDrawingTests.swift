// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import SegmentStore

@Suite("Manifest, its drawings")
struct ManifestDrawingTests {
    @Test(
        "docs/format/manifest.md draws the same bytes as the source",
        arguments: ["ManifestRootFormat", "ManifestNodeFormat", "ManifestEntryFormat"])
    func drawing(file: String) throws {
        try FormatDrawing.expectEqual(source: "Manifest/\(file).swift", page: "manifest.md")
    }
}
