// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, backup. Copies of objects and journals, none of which is named before its bytes
// were found to be what their address or checksum says (invariant 6).
import SegmentStore

extension ObjectSource {
    /// Lends all bytes in order, and answers how many there were.
    func readAll(
        reading: (StorageError) -> ForkError,
        _ body: (UnsafeRawBufferPointer) throws(ForkError) -> Void
    ) throws(ForkError) -> UInt64 {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        var offset: UInt64 = 0
        while offset < byteCount {
            let count: Int
            do throws(StorageError) {
                count = try read(into: buffer, at: offset)
            } catch {
                throw reading(error)
            }
            if count == 0 { break }
            try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            offset += UInt64(count)
        }
        return offset
    }

    /// The address that the bytes have.
    func readAddress(
        reading: (StorageError) -> ForkError
    ) throws(ForkError) -> ObjectAddress {
        var hasher = ObjectHasher()
        _ = try readAll(reading: reading) { (bytes) throws(ForkError) in hasher.update(bytes) }
        return hasher.address()
    }
}

extension ObjectBackend {
    /// Opens an object, whose absence is damage.
    func openWhole(
        _ object: ObjectID, reading: (StorageError) -> ForkError
    ) throws(ForkError) -> any ObjectSource {
        do throws(StorageError) {
            return try open(object)
        } catch {
            throw reading(error.isNotFound ? object.damage(at: nil, "it is missing") : error)
        }
    }
}

extension ObjectID {
    /// Copies the bytes of `source`, durable on return under this name. Returns how many they are.
    ///
    /// `content`: the object whose address they must have; nil: whatever they are.
    func copy(
        _ source: any ObjectSource, content: ObjectID?, reading: (StorageError) -> ForkError,
        to target: FileObjectBackend, writing: (StorageError) -> ForkError
    ) throws(ForkError) -> UInt64 {
        var hasher = ObjectHasher()
        let upload: any ObjectUpload
        do throws(StorageError) { upload = try target.makeUpload() } catch { throw writing(error) }
        let byteCount = try source.readAll(reading: reading) { (bytes) throws(ForkError) in
            hasher.update(bytes)
            do throws(StorageError) { try upload.append(bytes) } catch { throw writing(error) }
        }
        if let content, hasher.address() != content.address {
            throw reading(content.damage(at: nil, "its bytes do not have its address"))
        }
        do throws(StorageError) {
            _ = try upload.publish(as: self)
        } catch {
            throw writing(error)
        }
        return byteCount
    }
}

/// What can be read of an object that is damaged, with zeros for what its medium does not give.
final class RemainingSource: ObjectSource {
    private let base: any ObjectSource

    private static let stepByteCount = 4_096

    init(_ base: any ObjectSource) { self.base = base }

    var byteCount: UInt64 { base.byteCount }

    func dropCache() { base.dropCache() }

    func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64
    ) throws(StorageError) -> Int {
        do throws(StorageError) {
            return try base.read(into: buffer, at: offset)
        } catch {
            guard error.isDamage else { throw error }
        }
        let end = Int(min(UInt64(buffer.count), byteCount - min(offset, byteCount)))
        for start in stride(from: 0, to: end, by: Self.stepByteCount) {
            let step = UnsafeMutableRawBufferPointer(
                rebasing: buffer[start..<min(start + Self.stepByteCount, end)])
            do throws(StorageError) {
                _ = try base.read(into: step, at: offset + UInt64(start))
            } catch {
                guard error.isDamage else { throw error }
                step.initializeMemory(as: UInt8.self, repeating: 0)
            }
        }
        return end
    }
}

extension BackedUpJournal {
    /// Copies the bytes below the end to `target` and syncs it. Returns their checksum.
    func copy(
        from path: String, in source: any FileSystem, reading: (StorageError) -> ForkError,
        to target: any File, writing: (StorageError) -> ForkError
    ) throws(ForkError) -> ObjectAddress {
        var hasher = ObjectHasher()
        var offset: UInt64 = 0
        var failure: ForkError?
        do throws(StorageError) {
            let file = try source.open(path, for: .read)
            _ = try file.readChunks(upTo: byteEnd) { (bytes) throws(StorageError) in
                guard failure == nil else { return }
                hasher.update(bytes)
                do throws(StorageError) {
                    try target.write(bytes, at: offset)
                } catch {
                    failure = writing(error)
                }
                offset += UInt64(bytes.count)
            }
        } catch {
            guard !error.isNotFound else { throw reading(damage(of: path, "it is missing")) }
            guard !error.isInputOutput else {
                throw reading(damage(of: path, "it cannot be read: \(error)"))
            }
            throw reading(error)
        }
        if let failure { throw failure }
        guard offset == byteEnd else {
            throw reading(damage(of: path, "it ends before byte \(byteEnd)"))
        }
        do throws(StorageError) { try target.sync() } catch { throw writing(error) }
        return hasher.address()
    }

    func damage(of path: String, _ reason: String) -> StorageError {
        .damaged(.init(path: path, offset: nil, reason: reason))
    }
}
