// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, snapshots. How large what a flush makes becomes; tests make it tiny.

/// What decides how events are divided into segments, and which are coalesced. A store uses
/// `standard` always: the bytes of a root depend on these limits too.
package struct PublishLimits: Sendable {
    /// Events of one segment, and logical bytes, unless one event alone has more.
    package var segmentEventCount = EventLimits.segmentEventCount
    package var segmentByteCount: UInt64 = 64 << 20
    /// A segment with fewer events, and with fewer bytes as an object, than these is small.
    package var smallEventCount: UInt64 = 64 << 10
    package var smallByteCount: UInt64 = 16 << 20
    package var nodes = NodeLimits.standard

    package init() {}

    package static let standard = PublishLimits()
}
