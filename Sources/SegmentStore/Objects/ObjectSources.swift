// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, objects. Objects are many and descriptors are few: a bounded number stays
// open, the others are opened again when a page of them must be read.

/// Opens sources and keeps those used of late. Thread-safe.
final class ObjectSources: Sendable {
    fileprivate struct Entry {
        let id: ObjectID
        let source: any ObjectSource
        var wasUsed: Bool
    }

    fileprivate struct State {
        var places: [ObjectID: Int] = [:]
        var ring: [Entry] = []
        var hand = 0
    }

    let backend: any ObjectBackend
    private let countMax: Int
    private let state = Locked(State())

    init(backend: any ObjectBackend, countMax: Int) {
        precondition(countMax > 0)
        self.backend = backend
        self.countMax = countMax
    }

    /// An open source of the object; damage where there is none, for what is asked for here is
    /// what something reaches.
    func source(of id: ObjectID) throws(StorageError) -> any ObjectSource {
        let open = state.withLock { state -> (any ObjectSource)? in
            guard let place = state.places[id] else { return nil }
            state.ring[place].wasUsed = true
            return state.ring[place].source
        }
        if let open { return open }
        let source: any ObjectSource
        do throws(StorageError) {
            source = try backend.open(id)
        } catch {
            throw error.isNotFound ? id.damage(at: nil, "it is missing") : error
        }
        // What this pushes out closes after the lock is left.
        let closing = state.withLock { $0.keep(source, of: id, countMax: countMax) }
        withExtendedLifetime(closing) {}
        return source
    }

    /// Opens the object anew when it is next asked for.
    func forget(_ id: ObjectID) {
        let closing = state.withLock { state in
            state.places[id].map { state.remove(at: $0) }
        }
        withExtendedLifetime(closing) {}
    }
}

extension ObjectSources.State {
    /// Returns the source to close.
    fileprivate mutating func keep(
        _ source: any ObjectSource, of id: ObjectID, countMax: Int
    ) -> (any ObjectSource)? {
        if places[id] != nil { return nil }
        var closing: (any ObjectSource)?
        if ring.count >= countMax {
            while true {
                if hand >= ring.count { hand = 0 }
                guard ring[hand].wasUsed else { break }
                ring[hand].wasUsed = false
                hand += 1
            }
            closing = remove(at: hand)
        }
        places[id] = ring.count
        ring.append(.init(id: id, source: source, wasUsed: false))
        return closing
    }

    fileprivate mutating func remove(at place: Int) -> any ObjectSource {
        let entry = ring[place]
        let last = ring.removeLast()
        places[entry.id] = nil
        if place < ring.count {
            ring[place] = last
            places[last.id] = place
        }
        return entry.source
    }
}
