// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, reading. What printing a side's events needs beside the events.
public import SegmentStore

extension Difference.Side {
    /// The id of an event that `forEachEvent` lent.
    public func id(of event: EventReference) throws(ForkError) -> EventID {
        try view.id(of: event)
    }

    /// The event's number in its partition on this side, from 0.
    public func sequence(of event: EventReference) throws(ForkError) -> UInt64 {
        try view.sequence(of: event)
    }
}
