// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, decoding. Pages that say anything, under checksums that hold.
package import SegmentStore

extension Decoder {
    /// The pages of `bytes`: each begins with its length in two bytes; a last one may be cut.
    static func pages(_ bytes: [UInt8]) -> [[UInt8]] {
        var pages: [[UInt8]] = []
        var rest = bytes[...]
        while rest.count > 2, pages.count < 64 {
            let count = Int(rest.removeFirst()) | Int(rest.removeFirst()) << 8
            pages.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return pages.filter { !$0.isEmpty }
    }

    /// The form that `pages` reads.
    package static func joined(_ pages: [[UInt8]]) -> [UInt8] {
        pages.flatMap { page in
            [UInt8(truncatingIfNeeded: page.count), UInt8(truncatingIfNeeded: page.count >> 8)]
                + page
        }
    }

    /// The pages of an object's file, in the form that `pages` reads; nil where it is none.
    package static func joinedPages(ofObject bytes: [UInt8], _ kind: ObjectKind) -> [UInt8]? {
        let (store, backend) = makeStore()
        let id = ObjectID(
            address: bytes.withUnsafeBytes { ObjectAddress(of: $0) }, kind: kind)
        backend[id] = bytes
        do throws(StorageError) {
            let reader = try store.open(id)
            var pages: [[UInt8]] = []
            for page in 0..<reader.pageCount {
                pages.append(try reader.page(page, role: .node).withBytes { Array($0) })
            }
            return joined(pages)
        } catch {
            return nil
        }
    }

    private static func makeStore() -> (ObjectStore, MemoryObjectBackend) {
        let backend = MemoryObjectBackend()
        let cache = PageCache(byteCountMax: 1 << 20, shardCount: 1)
        return (
            ObjectStore(backend: backend, cache: cache, readerCountMax: 4, sourceCountMax: 4),
            backend
        )
    }

    static func openObject(_ bytes: [UInt8]) throws(DecodingFault) {
        let (store, backend) = makeStore()
        let id = ObjectID(address: ObjectAddress(high: 1, low: 2), kind: .nodes)
        backend[id] = bytes
        do throws(StorageError) {
            let reader = try store.open(id)
            for page in 0..<min(reader.pageCount, 64) { _ = try reader.page(page, role: .node) }
            try reader.verify()
        } catch {
            if let fault = DecodingFault(unexpected: error) { throw fault }
        }
    }

    func readPages(_ bytes: [UInt8]) throws(DecodingFault) {
        let pages = Self.pages(bytes)
        if pages.isEmpty { return }
        let (store, _) = Self.makeStore()
        do throws(StorageError) {
            var writer = try store.makeWriter(kind)
            for page in pages {
                _ = try page.span.withUnsafeBytes { (page) throws(StorageError) in
                    try writer.appendPage(page, compress: false)
                }
            }
            try read(store.open(try writer.finish().id), in: store)
        } catch {
            if let fault = DecodingFault(unexpected: error) { throw fault }
        }
    }

    private var kind: ObjectKind {
        switch self {
        case .segment: .segment
        case .indexRun: .run
        default: .nodes
        }
    }

    private func read(_ object: ObjectReader, in store: ObjectStore) throws(StorageError) {
        switch self {
        case .segment: try Segment.open(object).verify()
        case .indexRun: _ = try IndexRun(object).verify()
        default:
            let node = NodeReference(
                object: object.id.address, page: UInt32(object.pageCount - 1))
            for height in 0..<3 as Range<UInt8> {
                let reader = ManifestReader(
                    store: ObjectNodeStore(objects: store),
                    root: ManifestRoot(node: node, height: height))
                do throws(StorageError) {
                    let end = try reader.end()
                    try reader.forEachSegment(in: .zero..<end) { _ in true }
                    _ = try reader.segment(holding: .zero)
                    _ = try reader.runs()
                } catch {
                    guard error.isDamage else { throw error }
                }
            }
        }
    }
}
