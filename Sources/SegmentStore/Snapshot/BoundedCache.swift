// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, snapshots. What is open and may be asked for again, up to a number.

/// Keeps values by key; when full, one goes that was not asked for since the clock's hand last
/// passed it. Thread-safe; the values are let go outside the lock.
final class BoundedCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry {
        let key: Key
        let value: Value
        var wasUsed: Bool
    }

    private struct Ring {
        var places: [Key: Int] = [:]
        var entries: [Entry] = []
        var hand = 0
    }

    private let ring = Locked(Ring())
    private let countMax: Int

    init(countMax: Int) {
        precondition(countMax > 0)
        self.countMax = countMax
    }

    /// The value of `key`, made by `make` where it is not here. Two threads may make one at once;
    /// both get the first that was kept. `isKept`: whether a value may be given out again.
    func value(
        of key: Key, keptWhere isKept: (Value) -> Bool = { _ in true },
        make: () throws(StorageError) -> Value
    ) throws(StorageError) -> Value {
        if let value = find(key) { return value }
        let value = try make()
        return isKept(value) ? keep(value, for: key) : value
    }

    func holds(_ key: Key) -> Bool { find(key) != nil }

    private func find(_ key: Key) -> Value? {
        ring.withLock { ring in
            guard let place = ring.places[key] else { return nil }
            ring.entries[place].wasUsed = true
            return ring.entries[place].value
        }
    }

    private func keep(_ value: Value, for key: Key) -> Value {
        let (kept, evicted) = ring.withLock { ring -> (Value, Value?) in
            if let place = ring.places[key] { return (ring.entries[place].value, nil) }
            let entry = Entry(key: key, value: value, wasUsed: false)
            if ring.entries.count < countMax {
                ring.places[key] = ring.entries.count
                ring.entries.append(entry)
                return (value, nil)
            }
            // Ends: after one turn no entry is marked as used.
            while ring.entries[ring.hand].wasUsed {
                ring.entries[ring.hand].wasUsed = false
                ring.hand = (ring.hand + 1) % countMax
            }
            let evicted = ring.entries[ring.hand]
            ring.places[evicted.key] = nil
            ring.places[key] = ring.hand
            ring.entries[ring.hand] = entry
            ring.hand = (ring.hand + 1) % countMax
            return (value, evicted.value)
        }
        withExtendedLifetime(evicted) {}
        return kept
    }
}
