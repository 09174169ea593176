// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, objects.

/// Names an object: its address and what it holds.
package struct ObjectID: Hashable, Comparable, Sendable {
    package let address: ObjectAddress
    package let kind: ObjectKind

    package init(address: ObjectAddress, kind: ObjectKind) {
        self.address = address
        self.kind = kind
    }

    package static func < (left: ObjectID, right: ObjectID) -> Bool {
        (left.address, left.kind) < (right.address, right.kind)
    }

    /// The file's name: "<32 hex digits>.<kind>".
    package var fileName: String { address.hex + "." + kind.name }

    /// Where the object lies in the store: "objects/ab/<32 hex digits>.<kind>".
    package var path: String { ObjectFolder(of: address).path + "/" + fileName }

    /// Reads a file's name; nil where it is not exactly one that `fileName` gives.
    package init?(fileName: String) {
        let parts = fileName.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = ObjectAddress(hex: parts[0]),
            let kind = ObjectKind(name: parts[1])
        else { return nil }
        self.init(address: address, kind: kind)
    }
}

extension ObjectID: CustomStringConvertible {
    package var description: String { path }
}

/// One of the 256 folders of objects, by the highest byte of their addresses.
package struct ObjectFolder: Hashable, Comparable, Sendable {
    package static let root = "objects"
    package static let all = (0...UInt8.max).map { ObjectFolder(number: $0) }

    package let number: UInt8

    package init(number: UInt8) { self.number = number }

    package init(of address: ObjectAddress) {
        number = UInt8(truncatingIfNeeded: address.high >> 56)
    }

    private static let names = (0...UInt8.max).map { number in
        (number < 16 ? "0" : "") + String(number, radix: 16)
    }
    private static let paths = names.map { root + "/" + $0 }
    private static let knownNames = Set(names)

    /// Whether one of the folders has this name.
    package static func isName(_ name: String) -> Bool { knownNames.contains(name) }

    /// Two hex digits.
    package var name: String { Self.names[Int(number)] }

    package var path: String { Self.paths[Int(number)] }

    package static func < (left: ObjectFolder, right: ObjectFolder) -> Bool {
        left.number < right.number
    }
}
