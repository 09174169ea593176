// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, tail. The streams that a tail's events belong to.

/// One stream of a tail.
package struct TailStream: Hashable, Sendable {
    package let hash: StreamHash
    package let name: [UInt8]
    /// The versions that the tail holds.
    package var versions: Range<Version>
}

extension Tail {
    /// All streams with events here, in the order of index runs: by key, then by name.
    /// O(events + streams log streams).
    package func streams() -> [TailStream] {
        var found: [TailStream] = []
        for slice in slices {
            let (layer, bounds) = (slice.layer, slice.bounds)
            for index in bounds {
                let entry = layer.chunks.entry(index).pointee
                // The stream's first event in this slice stands for it.
                if entry.hasPrevious, bounds.contains(entry.previous) { continue }
                let name = EventRecord(verifiedAt: entry.record).stream
                guard let last = layer.latest(hash: entry.hash, name: name, in: bounds) else {
                    continue
                }
                let end = layer.chunks.entry(last).pointee.version.advanced(by: 1)
                found.append(
                    TailStream(
                        hash: entry.hash, name: Array(name),
                        versions: entry.version..<end))
            }
        }
        // Slices come in the order of positions, so a stream's parts are in order of versions.
        found.sort { $0.isBefore($1) }
        var streams: [TailStream] = []
        for stream in found {
            if let last = streams.last, last.hash == stream.hash, last.name == stream.name {
                streams[streams.count - 1].versions =
                    last.versions.lowerBound..<stream.versions.upperBound
            } else {
                streams.append(stream)
            }
        }
        extendLifetime(slices)
        return streams
    }
}

extension TailStream {
    fileprivate func isBefore(_ other: TailStream) -> Bool {
        if hash.key != other.hash.key { return hash.key < other.hash.key }
        if name != other.name { return name.lexicographicallyPrecedes(other.name) }
        return versions.lowerBound < other.versions.lowerBound
    }
}
