// SPDX-License-Identifier: Apache-2.0
// Every read of a snapshot against the plain array.
import ForkTesting
import Testing

@testable import SegmentStore

struct SnapshotComparison {
    let snapshot: Snapshot
    /// All events below the cut.
    let events: [PlainEvent]

    private var streams: [String: [PlainEvent]] { Dictionary(grouping: events, by: \.stream) }

    /// Compares everything: all streams and versions, and random ranges and filters.
    func run(_ random: inout SeededGenerator) throws {
        try compareStreams(&random)
        try compareScans(&random)
        try compareSums(&random)
    }

    private func plain(_ event: EventReference) throws(StorageError) -> PlainEvent {
        let expected = events[Int(event.position.rawValue)]
        let read = PlainEvent(event, id: expected.id, overlay: expected.overlay)
        #expect(try snapshot.id(of: event) == expected.id)
        return read
    }

    private func compareStreams(_ random: inout SeededGenerator) throws {
        let byStream = streams
        let names = (0..<12).map { "stream-\($0 % 7)/\($0)" } + ["", "stream-1", "nothing"]
        for name in names.filter({ !$0.isEmpty }) {
            let own = byStream[name] ?? []
            let hash = PlainEvent(
                position: 0, stream: name, version: 0, overlay: OverlayID(1), &random
            ).hash
            let bytes = Array(name.utf8)
            let next = try bytes.withUnsafeBytes { try snapshot.nextVersion(of: hash, name: $0) }
            #expect(next == (own.isEmpty ? nil : Version(UInt64(own.count))))
            for version in [0, own.count / 2, own.count - 1, own.count, own.count + 1]
            where version >= 0 {
                var found: PlainEvent?
                let isThere = try bytes.withUnsafeBytes { name in
                    try snapshot.withEvent(of: hash, name: name, version: Version(UInt64(version)))
                    { (event) throws(StorageError) in found = try plain(event) }
                }
                #expect(isThere == (version < own.count))
                #expect(found == (version < own.count ? own[version] : nil))
            }
            for reverse in [false, true] {
                let from = Int.random(in: 0...(own.count + 1), using: &random)
                let to = Int.random(in: from...(own.count + 2), using: &random)
                let limit = Bool.random(using: &random) ? Int.max : 2
                var read: [PlainEvent] = []
                let isAtEnd = try bytes.withUnsafeBytes { name in
                    try snapshot.readStream(
                        of: hash, name: name,
                        versions: Version(UInt64(from))..<Version(UInt64(to)), reverse: reverse
                    ) { (event) throws(StorageError) in
                        read.append(try plain(event))
                        return read.count < limit
                    }
                }
                var expected = Array(own[min(from, own.count)..<min(to, own.count)])
                if reverse { expected.reverse() }
                #expect(isAtEnd == (expected.count < limit))
                #expect(read == Array(expected.prefix(limit)))
            }
        }
        try compareBatch(names.filter { !$0.isEmpty }, byStream)
        for prefix in ["", "stream-1", "stream-3/", "x"] {
            var found: [String: UInt64] = [:]
            try Array(prefix.utf8).withUnsafeBytes { prefix in
                try snapshot.forEachStream(prefix: prefix) {
                    (hash, name, count) throws(StorageError) in
                    let name = String(decoding: name, as: UTF8.self)
                    #expect(found[name] == nil)
                    #expect(byStream[name]?.first?.hash == hash)
                    found[name] = count
                    return true
                }
            }
            let expected = byStream.filter { $0.key.hasPrefix(prefix) }
            #expect(found == expected.mapValues { UInt64($0.count) })
        }
    }

    private func compareBatch(_ names: [String], _ byStream: [String: [PlainEvent]]) throws {
        let bytes = names.map { Array($0.utf8) }
        let joined = Array(bytes.joined())
        var versions = [Version?](repeating: Version(9), count: names.count)
        try joined.withUnsafeBytes { joined in
            var offset = 0
            var queries: [StreamQuery] = []
            for name in bytes {
                let slice = UnsafeRawBufferPointer(rebasing: joined[offset..<(offset + name.count)])
                queries.append(StreamQuery(StreamHash(of: slice), name: slice))
                offset += name.count
            }
            try queries.withUnsafeBufferPointer { queries in
                try versions.withUnsafeMutableBufferPointer { versions in
                    try snapshot.nextVersions(of: queries, into: versions)
                }
            }
        }
        #expect(versions == names.map { byStream[$0].map { Version(UInt64($0.count)) } })
    }

    private func compareScans(_ random: inout SeededGenerator) throws {
        for round in 0..<8 {
            let from = round == 0 ? 0 : Int.random(in: 0...events.count, using: &random)
            let to =
                round == 0
                ? events.count + 5 : Int.random(in: from...(events.count + 2), using: &random)
            var filter = SegmentFilter()
            if round % 3 == 1 { filter.types = [Array("made".utf8), Array("none".utf8)] }
            if round % 4 == 2 {
                filter.partition = events.randomElement(using: &random)?.hash.partition
            }
            if round % 5 == 3 {
                filter.since = events.randomElement(using: &random)
                    .map { Timestamp(nanoseconds: $0.time) }
            }
            if round % 5 == 4 {
                filter.until = events.randomElement(using: &random)
                    .map { Timestamp(nanoseconds: $0.time) }
            }
            let limit = round % 2 == 0 ? Int.max : 3
            let reverse = round % 3 == 0
            var read: [PlainEvent] = []
            let isAtEnd = try snapshot.scan(
                Position(UInt64(from))..<Position(UInt64(to)), reverse: reverse, filter: filter
            ) { (event) throws(StorageError) in
                read.append(try plain(event))
                return read.count < limit
            }
            var expected = events[min(from, events.count)..<min(to, events.count)].filter { event in
                (filter.types == nil || event.type == "made")
                    && (filter.partition == nil || event.hash.partition == filter.partition)
                    && (filter.since.map { event.time >= $0.rawValue } ?? true)
                    && (filter.until.map { event.time < $0.rawValue } ?? true)
            }
            if reverse { expected.reverse() }
            #expect(read == Array(expected.prefix(limit)))
            #expect(isAtEnd == (expected.count < limit))
        }
        if let event = events.randomElement(using: &random) {
            let read = try snapshot.withEvent(at: Position(event.position)) {
                (event) throws(StorageError) in try plain(event)
            }
            #expect(read == event)
        }
    }

    private func compareSums(_ random: inout SeededGenerator) throws {
        for round in 0..<4 {
            let at = round == 0 ? events.count : Int.random(in: 0...events.count, using: &random)
            let below = events[..<at]
            let totals = try snapshot.totals(at: Position(UInt64(at)))
            #expect(totals.events == UInt64(at))
            #expect(totals.bytes == below.reduce(0) { $0 + $1.logicalByteCount })
            #expect(totals.streams == UInt64(Set(below.map(\.stream)).count))
            #expect(totals.latestTime.rawValue == below.map(\.time).max() ?? .min)
            let types = Dictionary(grouping: below, by: \.type).mapValues { UInt64($0.count) }
            let counted = totals.types.map { counts in
                Dictionary(
                    uniqueKeysWithValues: counts.map {
                        (String(decoding: $0.name, as: UTF8.self), $0.count)
                    })
            }
            #expect(counted == types)
            for number in 0..<UInt8(Partition.count) {
                let partition = Partition(number)
                let count = UInt64(below.filter { $0.hash.partition == partition }.count)
                #expect(totals.sequences[Int(number)] == count)
                if number % 8 == 0 || below.last?.hash.partition == partition {
                    let sequence = try snapshot.sequence(
                        of: partition, before: Position(UInt64(at)))
                    #expect(sequence == count)
                }
            }
            let time = (events.randomElement(using: &random)?.time ?? 0) + Int64(round - 2)
            let expected = events.firstIndex { $0.time > time } ?? events.count
            let found = try snapshot.position(at: Timestamp(nanoseconds: time))
            #expect(found == Position(UInt64(expected)))
        }
        #expect(try snapshot.position(at: .max) == snapshot.cut)
        #expect(try snapshot.position(at: .min) == .zero)
    }
}
