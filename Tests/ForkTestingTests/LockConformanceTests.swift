// SPDX-License-Identifier: Apache-2.0
// One suite for every disk: locks belong to an open file (rule 1).
import ForkTesting
import Glibc
import SegmentStore
import Testing

@Suite struct LockConformanceTests {
    @Test(arguments: Disk.allCases)
    func `two open files exclude each other, range by range`(disk: Disk) throws {
        try disk.run { files in
            let first = try files.create("lock")
            let second = try files.open("lock", for: .readWrite)
            #expect(try first.lock(0..<10, .exclusive, waiting: .never))
            #expect(try !second.lock(9..<11, .exclusive, waiting: .never))
            #expect(try !second.lock(0..<1, .shared, waiting: .never))
            #expect(try second.lock(10..<11, .exclusive, waiting: .never))
            #expect(try first.lock(0..<10, .exclusive, waiting: .forever))
            try first.unlock(0..<5)
            #expect(try second.lock(0..<5, .exclusive, waiting: .never))
            #expect(try !second.lock(4..<6, .exclusive, waiting: .never))
            try first.unlock(0..<UInt64.max)
            #expect(try second.lock(0..<UInt64.max, .exclusive, waiting: .never))
            #expect(try !first.lock(1 << 62..<1 << 63, .shared, waiting: .never))
        }
    }

    @Test(arguments: Disk.allCases)
    func `shared locks stand together and convert both ways`(disk: Disk) throws {
        try disk.run { files in
            let first = try files.create("lock")
            let second = try files.open("lock", for: .readWrite)
            #expect(try first.lock(0..<8, .shared, waiting: .never))
            #expect(try second.lock(0..<8, .shared, waiting: .never))
            #expect(try !first.lock(0..<8, .exclusive, waiting: .never))
            // The failed conversion kept what was held.
            #expect(try !second.lock(0..<8, .exclusive, waiting: .never))
            try second.unlock(0..<8)
            #expect(try first.lock(2..<4, .exclusive, waiting: .never))
            #expect(try second.lock(0..<2, .shared, waiting: .never))
            #expect(try second.lock(4..<8, .shared, waiting: .never))
            #expect(try !second.lock(3..<5, .shared, waiting: .never))
            #expect(try first.lock(2..<4, .shared, waiting: .never))
            #expect(try second.lock(3..<5, .shared, waiting: .never))
        }
    }

    @Test(arguments: Disk.allCases)
    func `locks go with their open file and no other`(disk: Disk) throws {
        try disk.run { files in
            let first = try files.create("lock")
            do {
                let second = try files.open("lock", for: .readWrite)
                #expect(try second.lock(0..<1, .exclusive, waiting: .never))
                #expect(try first.lock(1..<2, .exclusive, waiting: .never))
                #expect(try !first.lock(0..<1, .shared, waiting: .never))
            }
            #expect(try first.lock(0..<1, .exclusive, waiting: .never))
            let third = try files.open("lock", for: .readWrite)
            #expect(try !third.lock(0..<1, .exclusive, waiting: .never))
            #expect(try !third.lock(1..<2, .exclusive, waiting: .never))
        }
    }

    @Test(arguments: Disk.allCases)
    func `a wait ends at its deadline`(disk: Disk) throws {
        try disk.run { files in
            let first = try files.create("lock")
            let second = try files.open("lock", for: .readWrite)
            #expect(try first.lock(0..<1, .exclusive, waiting: .never))
            #expect(try !second.lock(0..<1, .exclusive, waiting: .atMost(milliseconds: 5)))
            #expect(try !second.lock(0..<1, .exclusive, waiting: .atMost(milliseconds: 0)))
            try first.unlock(0..<1)
            #expect(try second.lock(0..<1, .exclusive, waiting: .atMost(milliseconds: 0)))
        }
    }

    @Test(arguments: Disk.allCases)
    func `a lock needs an open mode that fits it`(disk: Disk) throws {
        try disk.run { files in
            _ = try files.create("lock")
            let reader = try files.open("lock", for: .read)
            #expect(try reader.lock(0..<1, .shared, waiting: .never))
            #expect(
                errno { _ = try reader.lock(0..<1, .exclusive, waiting: .never) } == EBADF)
        }
    }

    @Test(arguments: Disk.allCases)
    func `who is in the way of a lock is named`(disk: Disk) throws {
        try disk.run { files in
            let first = try files.create("lock")
            let (second, third) = try (
                files.open("lock", for: .readWrite), files.open("lock", for: .readWrite)
            )
            _ = try files.create("other").lock(0..<9, .exclusive, waiting: .never)
            #expect(first.lockHolders(of: 0..<9, against: .exclusive) == [])
            #expect(try second.lock(2..<4, .shared, waiting: .never))
            let holder = first.lockHolders(of: 0..<9, against: .exclusive)
            #expect(holder.count == 1)
            #expect(first.lockHolders(of: 3..<4, against: .exclusive) == holder)
            #expect(first.lockHolders(of: 4..<9, against: .exclusive) == [])
            #expect(first.lockHolders(of: 0..<9, against: .shared) == [])
            #expect(second.lockHolders(of: 0..<9, against: .exclusive) == [])
            // One process, through however many open files.
            #expect(try third.lock(5..<UInt64.max, .exclusive, waiting: .never))
            #expect(first.lockHolders(of: 0..<9, against: .exclusive) == holder)
            #expect(first.lockHolders(of: 1 << 40..<1 << 41, against: .shared) == holder)
            if disk == .real { #expect(holder == [getpid()]) }
        }
    }
}
