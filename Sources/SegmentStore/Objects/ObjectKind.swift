// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, objects.

/// What an object holds. The raw value is written in its bytes; the name is its file extension.
package enum ObjectKind: UInt8, CaseIterable, Comparable, Sendable {
    case segment = 1
    case run = 2
    case nodes = 3

    package var name: String {
        switch self {
        case .segment: "segment"
        case .run: "run"
        case .nodes: "nodes"
        }
    }

    package init?(name: some StringProtocol) {
        guard let kind = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = kind
    }

    package static func < (left: ObjectKind, right: ObjectKind) -> Bool {
        left.rawValue < right.rawValue
    }
}
