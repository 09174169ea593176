// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, verifying. The damages of a store, one a file, with what each touches, in
// bounded memory (invariant 10).
import SegmentStore

struct DamageLedger {
    /// What one fork loses by a damage.
    struct Touch {
        let fork: String
        /// The first position, and the one after the last; nil: not known.
        var from: Position?
        var to: Position?
        var streams = Streams.none

        /// Tells of these positions, if there are any.
        mutating func show(_ range: Range<Position>?) {
            guard let range, !range.isEmpty else { return }
            (from, to) = (range.lowerBound, range.upperBound)
        }

        enum Streams {
            case none
            case every
            case one(String)
            /// Those of an object in a root, below a cut: looked for when all forks are through.
            case object(ObjectID, ManifestRoot, below: Position)
        }
    }

    private struct Entry {
        var damage: VerificationReport.Damage
        /// Where most of a damaged object is seen, and how far.
        var widest: (object: ObjectID, root: ManifestRoot, cut: Position)?
    }

    private var entries: [Entry] = []
    /// By file, or by what is said where it is no file.
    private var indices: [String: Int] = [:]
    /// Damages beyond those that are kept.
    private var others: Set<String> = []

    static let damageCountMax = Verification.damageCountMax
    static let forkCountMax = 100

    var count: Int { entries.count + others.count }

    /// Notes damage, once a file.
    mutating func note(_ error: StorageError) {
        guard case .damaged(let damage) = error else { return }
        note("\(error)", path: damage.path)
    }

    mutating func note(_ description: String, path: String?) {
        let key = path ?? description
        guard indices[key] == nil, !others.contains(key) else { return }
        guard entries.count < Self.damageCountMax else {
            others.insert(key)
            return
        }
        indices[key] = entries.count
        entries.append(Entry(damage: .init(description: description, path: path)))
    }

    /// Adds what a fork loses by the damage of a file, or of what `key` says. One fork after the
    /// other: what is told of a fork twice is told of the fork that came last.
    mutating func touch(_ key: String, _ touch: Touch) {
        guard let index = indices[key] else { return }
        entries[index].damage.add(touch)
        switch touch.streams {
        case .none: break
        case .every: entries[index].damage.isEveryStream = true
        case .one(let stream): entries[index].damage.add(stream)
        case .object(let object, let root, let cut):
            if entries[index].widest.map({ $0.cut < cut }) ?? true {
                entries[index].widest = (object, root, cut)
            }
        }
    }

    /// The damages of those files, or of no file, with the streams that those of objects touch.
    ///
    /// `isOne`: of one fork, which a damage behind its cut is no part of.
    func damages(
        in segments: SegmentStore, isOne: Bool, where isWanted: (String) -> Bool
    ) throws(ForkError) -> [VerificationReport.Damage] {
        var damages: [VerificationReport.Damage] = []
        for entry in entries where isWanted(entry.damage.path ?? "") {
            var damage = entry.damage
            if let widest = entry.widest, !damage.isEveryStream {
                damage.add(
                    try lifting { () throws(StorageError) in
                        try segments.streams(
                            touchedBy: widest.object, in: widest.root, below: widest.cut)
                    })
                let isTouched = damage.isEveryStream || damage.streamCount > 0
                if isOne, !isTouched, widest.object.kind == .segment { continue }
            }
            if isOne, damage.forkCount == 0, damage.path != nil { continue }
            damages.append(damage)
        }
        return damages
    }
}

extension VerificationReport.Damage {
    fileprivate init(description: String, path: String?) {
        self.description = description
        self.path = path
    }

    fileprivate mutating func add(_ touch: DamageLedger.Touch) {
        if touched.last?.name == touch.fork { return }
        forkCount += 1
        guard touched.count < DamageLedger.forkCountMax else { return }
        touched.append(.init(name: touch.fork, from: touch.from, to: touch.to))
    }

    fileprivate mutating func add(_ stream: String) {
        if streams.contains(stream) { return }
        streamCount += 1
        if streams.count < TouchedStreams.nameCountMax { streams.append(stream) }
    }

    fileprivate mutating func add(_ found: TouchedStreams) {
        isEveryStream = found.isEvery
        streams = found.names.map { String(decoding: $0, as: UTF8.self) }
        streamCount = found.count
    }
}
