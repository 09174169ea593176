// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, runs. The pages that every look-up in a run touches, kept once read, so
// that a probe is one load: no lock, no retain.
import CPlatform

/// A row of pages of one object, read when first wanted and kept until this is dropped.
///
/// For a run's filter and directory: at most 2.25 bytes a stream in all, beside the page cache.
/// `@unchecked Sendable`: a word of `addresses` is set once, from zero, with release order, to the
/// bytes of a page that `owned` keeps; all else is constant or behind the mutex.
final class PinnedPages: @unchecked Sendable {
    private let object: ObjectReader
    private let firstPage: Int
    private let byteCountMax: Int
    private let addresses: UnsafeMutablePointer<UInt64>
    private let owned = Locked<[Page]>([])
    /// Whether a page of this number, from 0 here, may have these bytes. What it accepts is
    /// trusted by who asks for addresses.
    private let isValid: @Sendable (Int, UnsafeRawBufferPointer) -> Bool
    let count: Int

    init(
        _ object: ObjectReader, firstPage: Int, count: Int, byteCountMax: Int,
        isValid: @escaping @Sendable (Int, UnsafeRawBufferPointer) -> Bool
    ) {
        self.object = object
        self.firstPage = firstPage
        self.count = count
        self.byteCountMax = byteCountMax
        self.isValid = isValid
        addresses = .allocate(capacity: count)
        addresses.initialize(repeating: 0, count: count)
    }

    deinit { addresses.deallocate() }

    /// Where the bytes of page `index` begin; valid while this object is referenced.
    @inline(__always)
    func address(_ index: Int) throws(StorageError) -> UnsafeRawPointer {
        precondition(index >= 0 && index < count)
        let word = platform_load_acquire(addresses + index)
        if let address = UnsafeRawPointer(bitPattern: UInt(word)) { return address }
        return try read(index)
    }

    @inline(never)
    private func read(_ index: Int) throws(StorageError) -> UnsafeRawPointer {
        // Kept here, so not in the cache as well.
        let page = try object.page(
            firstPage + index, role: .run, retention: .passing, byteCountMax: byteCountMax)
        guard isValid(index, page.bytes), let address = page.bytes.baseAddress else {
            throw object.id.damage(
                at: nil, "page \(firstPage + index) is not the part of an index run it should be")
        }
        let word = UInt64(UInt(bitPattern: address))
        owned.withLock { pages in
            // Another thread may have been first; its page stays, and this one goes.
            guard platform_load_acquire(addresses + index) == 0 else { return }
            pages.append(page)
            platform_store_release(addresses + index, word)
        }
        return try self.address(index)
    }
}
