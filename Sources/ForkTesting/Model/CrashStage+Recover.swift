// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, model. What must be so after whatever happened: all that is acknowledged is there,
// the store takes writes, collects and verifies.
import ForkEngine
import SegmentStore

extension CrashStage {
    /// All that is acknowledged is there, once, and at most what was under way besides; then the store
    /// takes writes, collects and verifies. `number` chooses how much is done.
    func recover(_ number: UInt64) throws {
        try boot()
        settle(for: try outcome())
        try requireSound()
        for fork in acknowledged.forks where !fork.isExpired(at: now) {
            try append(fork.name, count: 2)
        }
        if number % 3 == 0 { try collect() }
        try compare(with: acknowledged)
        guard number % 7 == 0 else { return }
        try flush("main")
        try restart()
        try collect()
        try compare(with: acknowledged)
        let again = try store.collect()
        guard again.removedObjectCount + again.removedJournalCount == 0 else {
            throw ModelMismatch("a second collection removed something")
        }
        try requireSound()
    }

    /// What is found: the model as it was, or one of the others that are allowed.
    func outcome() throws -> ReferenceModel { try found(among: [acknowledged] + alternatives) }

    /// The first of some models that is what is found.
    func found(among models: [ReferenceModel]) throws -> ReferenceModel {
        var mismatches: [String] = []
        for model in models {
            do {
                try compare(with: model)
                return model
            } catch let mismatch as ModelMismatch {
                mismatches.append("(\(mismatch))")
            }
        }
        throw ModelMismatch("none of the allowed: \(mismatches.joined(separator: ", "))")
    }

    /// Every fork that is not expired, every event.
    func compare(with model: ReferenceModel) throws {
        let listed = try store.list().forks.map(\.name)
        guard listed == model.forks.map(\.name) else {
            throw ModelMismatch("the forks are \(listed), not \(model.forks.map(\.name))")
        }
        for fork in model.forks where !fork.isExpired(at: now) {
            let count = try matchingCount(of: fork)
            let head = try store.view(at: Point(.named(ForkName(fork.name)))).head
            guard count == fork.head, head == Position(UInt64(fork.head)) else {
                throw ModelMismatch("\(fork.name) has \(head) events, not \(fork.head)")
            }
        }
    }

    /// How many events of the fork there are, all as the model has them; throws at any other.
    func matchingCount(of fork: ReferenceModel.Fork) throws -> Int {
        let view = try store.view(at: Point(.named(ForkName(fork.name))))
        var index = 0
        var mismatch: String?
        try view.scan(.zero..<view.head) { (event) throws(ForkError) in
            guard index < fork.head else {
                mismatch = "more than \(fork.head) events"
                return false
            }
            mismatch = event.mismatch(with: fork.events[index])
            index += 1
            return mismatch == nil
        }
        if let mismatch { throw ModelMismatch("\(fork.name): \(mismatch)") }
        return index
    }

    func requireSound() throws {
        let report = try store.verify()
        guard report.isSound, report.unknownPaths.isEmpty else {
            throw ModelMismatch("verify finds \(report.damages) and \(report.unknownPaths)")
        }
    }
}
