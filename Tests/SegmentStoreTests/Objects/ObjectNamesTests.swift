// SPDX-License-Identifier: Apache-2.0
import SegmentStore
import Testing

@Suite("Object names")
struct ObjectNamesTests {
    let address = ObjectAddress(high: 0x0123_4567_89ab_cdef, low: 0xfedc_ba98_7654_3210)

    @Test("An address goes through text and bytes unchanged")
    func addressRoundTrips() {
        #expect(address.hex == "0123456789abcdeffedcba9876543210")
        #expect(ObjectAddress(hex: address.hex) == address)
        address.bytes.withUnsafeBytes { #expect(ObjectAddress($0, at: 0) == address) }
        #expect(address.bytes.first == 0x01 && address.bytes.last == 0x10)
    }

    @Test("Only 32 lower-case hex digits are an address")
    func addressTextIsExact() {
        for text in ["", "0123", address.hex + "0", "0123456789ABCDEFfedcba9876543210", "é"] {
            #expect(ObjectAddress(hex: text) == nil)
        }
    }

    @Test("An object's path names its folder, address and kind, and its file name reads back")
    func objectPath() {
        for kind in ObjectKind.allCases {
            let id = ObjectID(address: address, kind: kind)
            #expect(id.path == "objects/01/\(address.hex).\(kind.name)")
            #expect(ObjectID(fileName: id.fileName) == id)
        }
        #expect(ObjectID(fileName: address.hex + ".segment.replacement") == nil)
        #expect(ObjectID(fileName: address.hex) == nil)
        #expect(ObjectID(fileName: address.hex + ".other") == nil)
        #expect(ObjectFolder.all.count == 256)
        #expect(ObjectFolder(number: 7).path == "objects/07")
    }

    @Test("The hash of no bytes is the published XXH3-128 of no bytes")
    func knownHash() {
        let empty = ObjectAddress(of: UnsafeRawBufferPointer(start: nil, count: 0))
        #expect(empty.hex == "99aa06d3014798d86001c324468d497f")
    }
}
