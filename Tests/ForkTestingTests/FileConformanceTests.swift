// SPDX-License-Identifier: Apache-2.0
// One suite for every disk: the bytes of a file, and words mapped from it.
import ForkTesting
import Glibc
import SegmentStore
import Testing

@Suite struct FileConformanceTests {
    @Test(arguments: Disk.allCases)
    func `reads stop at the end of the file`(disk: Disk) throws {
        try disk.run { files in
            let file = try files.create("file")
            #expect(try file.bytes() == [])
            try file.write([1, 2, 3, 4], at: 0)
            #expect(try file.bytes(at: 0, count: 3) == [1, 2, 3])
            #expect(try file.bytes(at: 2, count: 10) == [3, 4])
            #expect(try file.bytes(at: 4, count: 10) == [])
            #expect(try file.bytes(at: 1 << 40, count: 10) == [])
            #expect(try file.bytes(at: 0, count: 0) == [])
            #expect(errno { _ = try file.bytes(at: .max, count: 1) } == EINVAL)
            #expect(errno { _ = try file.bytes(at: 1 << 63, count: 1) } == EINVAL)
        }
    }

    @Test(arguments: Disk.allCases)
    func `a write beyond the end leaves zeros between`(disk: Disk) throws {
        try disk.run { files in
            let file = try files.create("file")
            try file.write([9], at: 6000)
            #expect(try file.byteCount() == 6001)
            #expect(try file.bytes() == [UInt8](repeating: 0, count: 6000) + [9])
            try file.write([8], at: 3)
            #expect(try file.byteCount() == 6001)
            #expect(try file.bytes(at: 2, count: 3) == [0, 8, 0])
            try file.write([], at: 9000)
            #expect(try file.byteCount() == 6001)
            #expect(errno { try file.write([1], at: 1 << 63) } == EINVAL)
        }
    }

    @Test(arguments: Disk.allCases)
    func `resize cuts, and grows with zeros`(disk: Disk) throws {
        try disk.run { files in
            let file = try files.create("file")
            try file.write([1, 2, 3, 4], at: 0)
            try file.resize(to: 2)
            #expect(try file.bytes() == [1, 2])
            try file.resize(to: 4)
            #expect(try file.bytes() == [1, 2, 0, 0])
            try file.resize(to: 0)
            #expect(try file.byteCount() == 0)
            #expect(errno { try file.resize(to: 1 << 63) } == EINVAL)
        }
    }

    @Test(arguments: Disk.allCases)
    func `large writes at odd places read back whole`(disk: Disk) throws {
        try disk.run { files in
            let file = try files.create("file")
            var expected = [UInt8](repeating: 0, count: 200_000)
            var generator = SeededGenerator(seed: 1)
            for _ in 0..<40 {
                let start = Int.random(in: 0..<190_000, using: &generator)
                let count = Int.random(in: 0..<10_000, using: &generator)
                let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
                expected.replaceSubrange(start..<start + count, with: bytes)
                try file.write(bytes, at: UInt64(start))
                if Bool.random(using: &generator) { try file.sync() }
            }
            try file.resize(to: 200_000)
            #expect(try file.bytes(count: 300_000) == expected)
            #expect(try file.bytes(at: 12_345, count: 777) == Array(expected[12_345..<13_122]))
        }
    }

    @Test(arguments: Disk.allCases)
    func `all open files of one name see the same bytes`(disk: Disk) throws {
        try disk.run { files in
            let writer = try files.create("file")
            let reader = try files.open("file", for: .read)
            try writer.write([5, 6], at: 0)
            #expect(try reader.bytes() == [5, 6])
            #expect(errno { try reader.write([1], at: 0) } == EBADF)
            #expect(errno { try reader.resize(to: 0) } == EINVAL)
            reader.dropCache()
            writer.beginWriteback(at: 0, byteCount: 2)
            writer.beginWriteback(at: .max, byteCount: .max)
            try reader.sync()
            #expect(try reader.bytes() == [5, 6])
        }
    }

    @Test(arguments: Disk.allCases)
    func `mapped words are shared, and the file's own bytes`(disk: Disk) throws {
        try disk.run { files in
            let file = try files.create("words")
            try file.write([1, 2], at: 0)
            let first = try files.map("words", wordCount: 4)
            let second = try files.map("words", wordCount: 2)
            #expect(try file.byteCount() == 32)
            #expect(second.count == 2)
            #expect(second.load(0) == 0x0201)
            first.store(0x0807_0605_0403_0201, at: 1)
            #expect(second.load(1) == 0x0807_0605_0403_0201)
            #expect(try file.bytes(at: 8, count: 8) == [1, 2, 3, 4, 5, 6, 7, 8])
            #expect(!second.compareExchange(1, expected: 0, desired: 9))
            #expect(second.compareExchange(1, expected: 0x0807_0605_0403_0201, desired: 9))
            #expect(first.load(1) == 9)
            try file.write([3], at: 8)
            #expect(first.load(1) == 3)
        }
    }
}
