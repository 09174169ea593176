// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, objects. How an object comes to stand under its address, for good.
//
//   write ── sync ── link ──────────────────────────── sync folder ── published
//                     │ taken
//                     ├─ equal bytes ── sync that file ── sync folder ── reused (rule 9)
//                     ├─ damaged ── link aside ── rename over ── sync folder ── published
//                     └─ whole, and other bytes: an error
//
// The temporary file has no name, so a crash before `link` leaves nothing; nothing is ever linked
// before its bytes are durable, so no name ever stands for half an object (invariant 8).

final class FileObjectUpload: ObjectUpload {
    private let file: any File
    private let fileSystem: any FileSystem
    private var byteCount: UInt64 = 0

    /// Each round loses a race with another process; nobody loses this many.
    private static let roundsMax = 16

    init(file: any File, in fileSystem: any FileSystem) {
        self.file = file
        self.fileSystem = fileSystem
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
        try file.write(bytes, at: byteCount)
        file.beginWriteback(at: byteCount, byteCount: UInt64(bytes.count))
        byteCount += UInt64(bytes.count)
    }

    func publish(as id: ObjectID) throws(StorageError) -> PublishedObject {
        try file.sync()
        for _ in 0..<Self.roundsMax {
            guard let wasReused = try place(as: id) else { continue }
            try fileSystem.syncFolder(ObjectFolder(of: id.address).path)
            return PublishedObject(id: id, byteCount: byteCount, wasReused: wasReused)
        }
        throw id.damage(at: nil, "cannot be placed: its name keeps changing hands")
    }

    /// Makes one attempt; returns whether the name was there before, or nil where somebody else was
    /// quicker and the name must be looked at again.
    ///
    /// A name that a collector may have listed before counts as reused, whatever it held: else the
    /// collector would take the sound object in the damaged one's place (rule 9).
    private func place(as id: ObjectID) throws(StorageError) -> Bool? {
        do throws(StorageError) {
            try fileSystem.link(file, at: id.path)
            return false
        } catch {
            guard error.isAlreadyThere else { throw error }
        }
        switch try compareWithExisting(id) {
        case .equal: return true
        case .absent: return nil
        case .damaged: return try replace(id) ? true : nil
        case .collision(let offset):
            throw id.damage(
                at: offset, "holds other bytes of the same XXH3-128: choose other content")
        }
    }

    /// Puts this object in the place of a damaged one; false where the attempt must be repeated.
    private func replace(_ id: ObjectID) throws(StorageError) -> Bool {
        let aside = id.path + FileObjectBackend.leftoverSuffix
        do throws(StorageError) {
            try fileSystem.link(file, at: aside)
        } catch {
            guard error.isAlreadyThere else { throw error }
            // A crash left it, or another process is about to rename it: then its rename fails,
            // it finds our object in place, and takes that.
            do throws(StorageError) {
                try fileSystem.remove(aside)
            } catch {
                guard error.isNotFound else { throw error }
            }
            return false
        }
        do throws(StorageError) {
            try fileSystem.rename(aside, to: id.path, replacing: true)
            return true
        } catch {
            guard error.isNotFound else { throw error }
            return false
        }
    }
}

// MARK: Comparing with what stands at the address

extension FileObjectUpload {
    private enum Existing {
        case absent
        case equal
        case damaged
        /// Whole, of this address, and other bytes: the first that differs.
        case collision(UInt64)
    }

    /// Compares byte for byte. An equal file is made durable again: who published it first may not
    /// have come to that.
    private func compareWithExisting(_ id: ObjectID) throws(StorageError) -> Existing {
        let existing: any File
        do throws(StorageError) {
            existing = try fileSystem.open(id.path, for: .read)
        } catch {
            guard error.isNotFound else { throw error }
            return .absent
        }
        let comparison = try compare(with: existing, id)
        guard case .equal = comparison else { return comparison }
        return try unlessUnreadable { () throws(StorageError) in try existing.sync() } == nil
            ? .damaged : .equal
    }

    /// What a call on the existing object's file answers; nil where its medium fails: one that
    /// cannot give the bytes back has damaged them. Of this upload's own file the same error says
    /// nothing about the object, and is thrown.
    private func unlessUnreadable<Answer>(
        _ call: () throws(StorageError) -> Answer
    ) throws(StorageError) -> Answer? {
        do throws(StorageError) {
            return try call()
        } catch {
            guard error.isInputOutput else { throw error }
            return nil
        }
    }

    private func compare(with existing: any File, _ id: ObjectID) throws(StorageError) -> Existing {
        let found = try unlessUnreadable { () throws(StorageError) in try existing.byteCount() }
        guard let existingByteCount = found else { return .damaged }
        let own = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
        let other = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
        defer {
            own.deallocate()
            other.deallocate()
        }
        var hasher = ObjectHasher()
        var difference: UInt64? = existingByteCount == byteCount ? nil : 0
        var offset: UInt64 = 0
        while offset < existingByteCount {
            let read = try unlessUnreadable { () throws(StorageError) in
                try existing.read(into: other, at: offset)
            }
            guard let count = read, count > 0 else { return .damaged }
            let otherBytes = UnsafeRawBufferPointer(other).slice(0, count)
            hasher.update(otherBytes)
            if difference == nil {
                // The lengths are equal, so this file has as many bytes here.
                let part = UnsafeMutableRawBufferPointer(rebasing: own[..<count])
                let ownCount = try file.read(into: part, at: offset)
                let ownBytes = UnsafeRawBufferPointer(own).slice(0, ownCount)
                if !ByteOrder.equal(ownBytes, otherBytes) { difference = offset }
            }
            offset += UInt64(count)
        }
        guard let difference else { return .equal }
        return hasher.address() == id.address ? .collision(difference) : .damaged
    }
}
