// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, journal. How far ahead of its end a journal is filled with zeros.

/// The steps by which a journal's file grows ahead of its frames.
///
/// A sync of bytes that overwrite written ones takes no change of the file's size or extents:
/// about two thirds of the time of a sync that grows the file. Zeros are really written:
/// space that is only promised still changes its extents at the first write. They go out with
/// the group that needs them and share its sync, which is a growing one either way; a sync of
/// their own would only add to that group's wait. Steps end at 4 MiB, since the group that takes
/// one waits for its zeros too: a quarter of 64 MiB would be a stall of 16 ms and more.
package struct JournalSpace: Sendable {
    /// Where the file may end after growing to hold `end` bytes: 4 K, 16 K, 64 K, then by
    /// 64 K to 1 MiB, then by a quarter, at most 4 MiB, in whole 64 K.
    package static func grownByteCount(toHold end: UInt64) -> UInt64 {
        let step: UInt64 = 64 << 10
        if end <= 4 << 10 { return 4 << 10 }
        if end <= 16 << 10 { return 16 << 10 }
        if end <= step { return step }
        let wanted = end <= 1 << 20 ? end : end + min(end / 4, 4 << 20)
        return (wanted + step - 1) / step * step
    }
}
