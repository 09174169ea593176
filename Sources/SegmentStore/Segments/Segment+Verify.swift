// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, segments. Holds everything a segment says against everything else it says.
// Reads never need this; `verify` and tests do.

extension Segment {
    /// Reads all of the segment, past the cache, and throws damage at the first contradiction:
    /// order of streams and types, gapless versions and positions (invariant 3), order by position,
    /// counts, zones and totals. The address of the object is `ObjectReader.verify`'s.
    package func verify() throws(StorageError) {
        try verifyStreams()
        try verifyTypes()
        try verifyRows()
        try verifyOrderCounts()
    }

    private func verifyStreams() throws(StorageError) {
        var cursor = makeStreamCursor()
        var count = 0
        var row: UInt32 = 0
        var key: UInt64 = 0
        var name: [UInt8] = []
        while let stream = try cursor.next() {
            let isAfter =
                stream.hash.key > key
                || stream.hash.key == key
                    && name.withUnsafeBytes({ ByteOrder.compare($0, stream.name) < 0 })
            guard count == 0 || isAfter else { throw contradiction("streams are out of order") }
            guard stream.firstRow == row,
                footer.partition(ofRow: Int(row)) == stream.hash.partition
            else { throw contradiction("stream \(count) is not where its partition is") }
            (key, name) = (stream.hash.key, Array(stream.name))
            row += stream.count
            count += 1
        }
        guard count == streamCount, Int(row) == eventCount else {
            throw contradiction("its streams are not as many as it says")
        }
    }

    private func verifyTypes() throws(StorageError) {
        var before: [UInt8] = []
        var total: UInt64 = 0
        try forEachType { (number, name, count) throws(StorageError) in
            let order = before.withUnsafeBytes { ByteOrder.compare($0, name) }
            guard order < 0, count > 0, count <= UInt64(eventCount) else {
                throw contradiction("type \(number) is out of order, or has no event")
            }
            before = Array(name)
            total += count
            return true
        }
        guard total == UInt64(eventCount) else {
            throw contradiction("its types have not as many events as it has")
        }
    }

    private func verifyRows() throws(StorageError) {
        var names = SegmentScanNames(self)
        var totals = totalsBefore
        let typeCounts = ScratchArray<UInt64>(count: footer.typeCount)
        var stream: UInt32?
        var positionBefore = Position.zero
        for number in 0..<footer.blockCount {
            let page = try blockPage(number, retention: .passing)
            defer { withExtendedLifetime(page) {} }
            let block = try block(number, in: page)
            var zone = SegmentZone(
                firstRow: footer.blockFirstRow(number), earliest: .max, latest: .min, types: 0)
            for index in 0..<block.rowCount {
                let row = zone.firstRow + UInt32(index)
                var decoded = try self.row(index, of: block, number: number)
                decoded.stream = try names.streamNumber(ofRow: Int(row))
                let position = try position(index, of: block, number: number)
                // Each row's position leads back to it, so all rows together have all positions.
                guard try self.row(at: position) == row,
                    stream != decoded.stream || positionBefore < position
                else { throw contradiction("row \(row) and its position disagree") }
                (stream, positionBefore) = (decoded.stream, position)
                let event = try event(
                    decoded, row: row, position: position, stream: names.stream(decoded.stream),
                    type: names.type(decoded.type))
                zone.earliest = Swift.min(zone.earliest, event.time)
                zone.latest = Swift.max(zone.latest, event.time)
                zone.types |= 1 << UInt64(decoded.type & 63)
                typeCounts[Int(decoded.type)] += 1
                totals.bytes &+= event.logicalByteCount
                totals.latestTime = Swift.max(totals.latestTime, event.time)
                if event.version == .zero { totals.streams &+= 1 }
            }
            guard zone == footer.zone(ofBlock: number) else {
                throw contradiction("block \(number) is not as its zone says")
            }
        }
        guard totals.bytes == footer.bytesAfter, totals.latestTime == footer.latestAfter,
            totals.streams == footer.streamsAfter
        else { throw contradiction("its totals are not those of its events") }
        try forEachType { (number, _, count) throws(StorageError) in
            guard typeCounts[number] == count else {
                throw contradiction("type \(number) has not as many events as it says")
            }
            return true
        }
    }

    private func verifyOrderCounts() throws(StorageError) {
        typealias Format = SegmentFormat.Order
        var counts = [UInt32](repeating: 0, count: Partition.count)
        for index in 0..<eventCount {
            let number = index / Format.pagePositionCount
            let page = try orderPage(number)
            defer { withExtendedLifetime(page) {} }
            let order = try order(number, in: page)
            let place = index % Format.pagePositionCount
            if place % Format.groupPositionCount == 0 {
                for partition in UInt8(0)..<UInt8(Partition.count) {
                    let count = order.count(of: Partition(partition), beforeGroupOf: place)
                    guard count == counts[Int(partition)] else {
                        throw contradiction("partition \(partition) is counted wrongly")
                    }
                }
            }
            let row = order.row(place)
            try check(row: row)
            counts[Int(footer.partition(ofRow: Int(row)).rawValue)] += 1
        }
    }

    private func contradiction(_ reason: String) -> StorageError {
        id.damage(at: nil, "it contradicts itself: \(reason)")
    }
}
