// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, simulated disk. All files and folders of a disk by number: a value whose copy
// shares every inode until one of the two changes it, since most of an image never does.

struct InodeTable: Sendable {
    /// `@unchecked Sendable`: changed only while one table alone refers to it.
    private final class Box: @unchecked Sendable {
        var inode: SimulatedInode

        init(_ inode: SimulatedInode) { self.inode = inode }
    }

    private var boxes: [Box?] = []

    /// Every number ever given, also those that are free again.
    var numbers: Range<Int> { 0..<boxes.count }

    func contains(_ number: Int) -> Bool { boxes[number] != nil }

    /// An inode that is there.
    subscript(number: Int) -> SimulatedInode {
        _read {
            guard let box = boxes[number] else { preconditionFailure("a freed inode") }
            yield box.inode
        }
        _modify {
            if !isKnownUniquelyReferenced(&boxes[number]), let box = boxes[number] {
                boxes[number] = Box(box.inode)
            }
            guard let box = boxes[number] else { preconditionFailure("a freed inode") }
            yield &box.inode
        }
    }

    /// Returns the new inode's number; numbers are not used again.
    mutating func append(_ inode: SimulatedInode) -> Int {
        boxes.append(Box(inode))
        return boxes.count - 1
    }

    mutating func remove(_ number: Int) { boxes[number] = nil }
}
