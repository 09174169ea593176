// SPDX-License-Identifier: Apache-2.0
// Publishing on the simulated disk: cut short at every call, failing at every call, and the order
// of its calls as a text to review.
import ForkTesting
import Glibc
import SegmentStore
import Testing

@Suite("Objects when things go wrong")
struct ObjectCrashTests {
    private struct Wrong: Error { let reason: String }

    /// How the address is taken when the object is published.
    enum Before: CaseIterable, Sendable {
        case absent, equal, damaged, cutOff, damagedWithLeftover
    }

    private let pages = [ObjectFixture.random(3000), ObjectFixture.compressible]
    private let id: ObjectID
    private let bytes: [UInt8]

    init() throws {
        let backend = MemoryObjectBackend()
        id = try ObjectFixture.write(pages, in: ObjectFixture.store(backend)).id
        bytes = try #require(backend[id])
    }

    private func store(_ files: any FileSystem) -> ObjectStore {
        ObjectFixture.store(FileObjectBackend(fileSystem: files))
    }

    /// Durable folders, and at the address what `before` says.
    private func prepare(_ files: any FileSystem, _ before: Before) throws {
        let folder = ObjectFolder(of: id.address).path
        try files.createFolder("objects")
        try files.createFolder(folder)
        switch before {
        case .absent: break
        case .equal: try put(bytes, at: id.path, files)
        case .cutOff: try put(Array(bytes.dropLast(5)), at: id.path, files)
        case .damaged, .damagedWithLeftover:
            var damaged = bytes
            damaged[100] ^= 4
            try put(damaged, at: id.path, files)
        }
        if before == .damagedWithLeftover { try put([1], at: id.path + ".replacement", files) }
        for path in [folder, "objects", "."] { try files.syncFolder(path) }
    }

    private func put(_ bytes: [UInt8], at path: String, _ files: any FileSystem) throws {
        let file = try files.create(path)
        try bytes.withUnsafeBytes { try file.write($0, at: 0) }
        try file.sync()
    }

    /// What must hold whenever the machine stops.
    private func check(_ files: any FileSystem, _ before: Before, isPublished: Bool) throws {
        let folder = ObjectFolder(of: id.address)
        guard try files.status(folder.path) != nil else {
            if isPublished { throw Wrong(reason: "the folder is gone") }
            return
        }
        let store = store(files)
        let listing = try store.list(folder)
        guard listing.foreign.isEmpty else { throw Wrong(reason: "left \(listing.foreign)") }
        if listing.objects.isEmpty {
            if isPublished || before == .equal { throw Wrong(reason: "the object is gone") }
            return
        }
        let isWhole: Bool
        do throws(StorageError) {
            isWhole = try ObjectFixture.read(id, in: store) == pages
        } catch { isWhole = false }
        let mayBeDamaged = before != .absent && before != .equal
        if !isWhole && (isPublished || !mayBeDamaged) {
            throw Wrong(reason: "the object is there in part")
        }
    }

    @Test(
        "Invariant 8: a crash at any moment leaves the object whole or absent, and once published whole",
        arguments: Before.allCases)
    func crashes(before: Before) throws {
        var isPublished = false
        var isPrepared = false
        let report = try CrashExplorer().explore { files in
            try prepare(files, before)
            isPrepared = true
            let object = try ObjectFixture.write(pages, in: store(files))
            #expect(object.id == id && object.wasReused == (before != .absent))
            isPublished = true
        } check: { files in
            if isPrepared { try check(files, before, isPublished: isPublished) }
        }
        #expect(report.states > 20)
    }

    @Test(
        "A call that fails is reported, leaves nothing half done, and can be tried again",
        arguments: Before.allCases, [EIO, ENOSPC])
    func faults(before: Before, code: Int32) throws {
        var number = 0
        while true {
            let disk = SimulatedDisk()
            let files = disk.makeProcess()
            try prepare(files, before)
            let first = disk.counts.calls
            disk.add(.at(first + number, .fail(code: code)))
            let isPublished: Bool
            do throws(StorageError) {
                _ = try ObjectFixture.publish(pages, in: store(files))
                isPublished = true
            } catch {
                #expect(error.errno == code)
                isPublished = false
            }
            let calls = disk.counts.calls - first
            disk.removeFaults()
            try check(
                disk.crashImage(keepingUnsynced: false).makeProcess(), before,
                isPublished: isPublished)
            try check(files, before, isPublished: isPublished)
            #expect(try ObjectFixture.write(pages, in: store(files)).id == id)
            try check(
                disk.crashImage(keepingUnsynced: false).makeProcess(), before, isPublished: true)
            if calls <= number { break }
            number += 1
        }
        #expect(number > 4)
    }

    @Test("Rule 3: an object whose sync failed is never linked, though the next sync succeeds")
    func failedSync() throws {
        let disk = SimulatedDisk()
        let files = disk.makeProcess()
        try prepare(files, .absent)
        disk.add(.next(.failLosingDirtyPages(code: EIO)) { $0.isSync })
        #expect(throws: StorageError.self) { try ObjectFixture.write(pages, in: store(files)) }
        #expect(try files.status(id.path) == nil)
        _ = try ObjectFixture.write(pages, in: store(files))
        let image = disk.crashImage(keepingUnsynced: false).makeProcess()
        try check(image, .absent, isPublished: true)
    }

    @Test("A fault in reading its own file says nothing about the object that stands there")
    func faultOfItsOwnFile() throws {
        let disk = SimulatedDisk()
        let files = disk.makeProcess()
        try prepare(files, .equal)
        disk.keepTranscript()
        disk.add(
            .next(.fail(code: EIO)) { call in
                if case .read(path: "", _, _) = call { true } else { false }
            })
        do throws(StorageError) {
            _ = try ObjectFixture.publish(pages, in: store(files))
            Issue.record("published over a file that cannot be read")
        } catch {
            guard case .fileSystem(let failure) = error else { throw error }
            #expect(failure.code == EIO && failure.path.isEmpty)
        }
        let transcript = disk.takeTranscript()
        #expect(!transcript.contains("rename") && !transcript.contains(".replacement"))
        #expect(try ObjectFixture.read(id, in: store(files)) == pages)
    }

    @Test("An object that reads well from the cache only is damaged, and verify says so")
    func verifyReadsTheMedium() throws {
        let disk = SimulatedDisk()
        let files = disk.makeProcess()
        try prepare(files, .absent)
        disk.add(.next(.lose) { if case .write = $0 { true } else { false } })
        let store = store(files)
        let reader = try store.open(ObjectFixture.write(pages, in: store).id)
        #expect(try reader.page(0, role: .node).withBytes { Array($0) } == pages[0])
        do throws(StorageError) {
            try reader.verify()
            Issue.record("it was read from the cache")
        } catch {
            #expect(error.isDamage, "\(error)")
        }
    }

    @Test("An object whose file was replaced while it was open is verified as what stands there")
    func verifyOpensAnew() throws {
        let disk = SimulatedDisk()
        let files = disk.makeProcess()
        try prepare(files, .equal)
        let reader = try store(files).open(id)
        try files.remove(id.path)
        #expect(throws: StorageError.self) { try reader.verify() }
        var damaged = bytes
        damaged[200] ^= 1
        try put(damaged, at: id.path, files)
        #expect(throws: StorageError.self) { try reader.verify() }
        try files.remove(id.path)
        try put(bytes, at: id.path, files)
        try reader.verify()
    }

    @Test("The order of calls of publishing, reusing and replacing is this")
    func order() throws {
        #expect(
            try transcript(.absent) == """
                create temporary in objects
                write (temporary) 0+ALL
                begin writeback (temporary) 0+ALL
                sync (temporary)
                link PATH
                sync folder FOLDER
                """)
        #expect(
            try transcript(.equal) == """
                create temporary in objects
                write (temporary) 0+ALL
                begin writeback (temporary) 0+ALL
                sync (temporary)
                link PATH
                open PATH
                byte count PATH
                read PATH 0+262144
                read (temporary) 0+ALL
                sync PATH
                sync folder FOLDER
                """)
        #expect(
            try transcript(.damaged) == """
                create temporary in objects
                write (temporary) 0+ALL
                begin writeback (temporary) 0+ALL
                sync (temporary)
                link PATH
                open PATH
                byte count PATH
                read PATH 0+262144
                read (temporary) 0+ALL
                link PATH.replacement
                rename PATH.replacement to PATH, replacing
                sync folder FOLDER
                """)
    }

    private func transcript(_ before: Before) throws -> String {
        let disk = SimulatedDisk()
        let files = disk.makeProcess()
        try prepare(files, before)
        disk.keepTranscript()
        _ = try ObjectFixture.write(pages, in: store(files))
        var transcript = disk.takeTranscript()
        for (text, word) in [
            (id.path, "PATH"), (ObjectFolder(of: id.address).path, "FOLDER"),
            ("0+\(bytes.count)", "0+ALL"),
        ] {
            transcript = transcript.split(separator: text, omittingEmptySubsequences: false)
                .joined(separator: word)
        }
        return transcript.split(separator: "\n").joined(separator: "\n")
    }
}
