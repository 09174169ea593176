// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, backup. Copies of objects and journals, none of which is named before its bytes
// were found to be what their address or checksum says (invariant 6).
import SegmentStore

extension ObjectID {
    /// Copies the object, durable on return under its address. Returns its length.
    func copy(
        from open: () throws(ForkError) -> any ObjectSource,
        reading: (StorageError) -> ForkError, to target: FileObjectBackend,
        writing: (StorageError) -> ForkError
    ) throws(ForkError) -> UInt64 {
        let source: any ObjectSource
        do throws(ForkError) {
            source = try open()
        } catch {
            guard let below = error.underlying, below.isNotFound else { throw error }
            throw reading(damage(at: nil, "it is missing"))
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        var hasher = ObjectHasher()
        let upload: any ObjectUpload
        do throws(StorageError) { upload = try target.makeUpload() } catch { throw writing(error) }
        var offset: UInt64 = 0
        while offset < source.byteCount {
            let count: Int
            do throws(StorageError) {
                count = try source.read(into: buffer, at: offset)
            } catch {
                throw reading(error)
            }
            if count == 0 { break }
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            hasher.update(bytes)
            do throws(StorageError) { try upload.append(bytes) } catch { throw writing(error) }
            offset += UInt64(count)
        }
        guard hasher.address() == address else {
            throw reading(damage(at: nil, "its bytes do not have its address"))
        }
        do throws(StorageError) {
            _ = try upload.publish(as: self)
        } catch {
            throw writing(error)
        }
        return offset
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
            throw reading(error.isNotFound ? journal.damage(at: nil, "it is missing") : error)
        }
        if let failure { throw failure }
        guard offset == byteEnd else {
            throw reading(journal.damage(at: offset, "it ends before byte \(byteEnd)"))
        }
        do throws(StorageError) { try target.sync() } catch { throw writing(error) }
        return hasher.address()
    }
}
