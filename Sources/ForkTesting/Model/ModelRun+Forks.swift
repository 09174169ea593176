// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, model. Steps that make forks, drop them and let them expire.
import ForkEngine
import SegmentStore

extension ModelRun {
    /// Makes a fork at `place` of a random fork, in both, and holds what is told to the model.
    func create(at choose: (Fork) -> (place: Point.Place, cut: Int), expiry: Expiry = .never) throws
    {
        if model.forks.count >= Self.forkCountMax { try drop() }
        let parent = pickFork()
        let (place, cut) = choose(parent)
        var name = freeName()
        if let expired = model.forks.first(where: { $0.isExpired(at: now()) }),
            random.chance(oneIn: 2)
        {
            // The name of an expired fork is free, and the fork goes with it.
            name = expired.name
        }
        let point = Point(.named(try self.name(parent)), at: place)
        note("\(name) from \(point), cut \(cut)")
        let created = try pickProcess().store.create(
            NewFork(name: ForkName(name), from: point, expiry: expiry))
        if let retired = model.fork(named: name) {
            model.drop(retired.serial)
            try dismiss(retired.serial)
        }
        let fork = model.create(
            name, from: parent, cut: cut, expires: expiry.instant(from: now()))
        forkIDs[fork.serial] = created.fork.id
        try requireEqual(created.isNew, true, "whether \(name) is new")
        try compare(created.fork, with: fork)
    }

    func createFromHead() throws {
        try create { (.head, $0.head) }
    }

    func createFromPosition() throws {
        try create { fork in
            let cut = random.upTo(fork.head)
            return (.position(Position(UInt64(cut))), cut)
        }
    }

    func createFromTime() throws {
        try create { pickTime(in: $0) }
    }

    func createWithExpiry() throws {
        let span = 1 + Int64(random.below(300)) * 1_000_000_000
        let present = now()
        guard present.clamped(adding: span) < .max - ModelClock.step else {
            return try refuseToExpireBeyondTheEnd()
        }
        let expiry: Expiry =
            random.chance(oneIn: 2)
            ? .after(nanoseconds: UInt64(span)) : .at(Timestamp(rawValue: present + span))
        try create(at: { pickPlace(in: $0) }, expiry: expiry)
    }

    /// No instant is left that lies beyond the clock's: said, and nothing is made.
    private func refuseToExpireBeyondTheEnd() throws {
        let store = pickProcess().store
        try requireFailure(.invalid, "an expiry beyond what 64 bits hold") {
            _ = try store.create(
                NewFork(name: ForkName(freeName()), expiry: .after(nanoseconds: UInt64(Int64.max))))
        }
    }

    /// Drops any fork but `main`, expired or not; its writer may be live, and finds out.
    func drop() throws {
        if model.forks.count == 1 { try createFromHead() }
        guard let fork = random.pick(Array(model.forks.dropFirst())) else { return }
        note("drop \(fork.name)")
        let process = pickProcess()
        let dropped = try process.store.drop(name(fork))
        try requireEqual(dropped.id, forkIDs[fork.serial] ?? .main, "the fork that was dropped")
        model.drop(fork.serial)
        if random.chance(oneIn: 2) { try useAfterDrop(fork) }
        try dismiss(fork.serial)
    }

    /// What was never acknowledged is in no fork, and who asks is told that it is gone.
    private func useAfterDrop(_ fork: Fork) throws {
        if let held = writers[fork.serial] {
            let code: ForkError.Code = fork.isExpired(at: now()) ? .expired : .notFound
            try requireFailure(code, "an append to the dropped \(fork.name)") {
                _ = try held.writer.append(Self.batch(contents(1, withIDs: false)))
            }
        }
        try requireFailure(.notFound, "a view of the dropped \(fork.name)") {
            _ = try pickProcess().store.view(at: Point(.named(name(fork))))
        }
    }

    // MARK: Time

    func letTimePass() throws {
        world.time.step(nanoseconds: Int64(random.below(60)) * 1_000_000_000)
        try compareClock()
    }

    /// The wall clock steps either way; the store's never goes back, nor far ahead (rule 14).
    func moveWallClock() throws {
        let wall = world.time.now().rawValue
        let hour = ClockKind.hour
        let step = Int64(random.below(3_000)) * 1_000_000_000
        let moved: Int64
        switch random.below(9) {
        case 0: moved = wall.clamped(adding: -hour - step)
        case 1: moved = wall.clamped(adding: -step)
        case 2: moved = wall.clamped(adding: 24 * 365 * hour)
        case 3: moved = 0
        case 4: moved = random.chance(oneIn: 2) ? .min : -step
        case 5: moved = random.chance(oneIn: 4) ? .max : wall.clamped(adding: step)
        case 6:
            world.time.suspend(nanoseconds: 8 * hour + step)
            return try compareClock()
        default: moved = now().clamped(adding: step / 100)
        }
        world.time.setWall(Timestamp(rawValue: moved))
        try compareClock()
    }

    /// Steps to the instant of the clock at which the next fork expires, or to the one before.
    func expire() throws {
        let present = now()
        if !model.forks.contains(where: { $0.expires != nil && !$0.isExpired(at: present) }) {
            try createWithExpiry()
        }
        let pending = model.forks.compactMap(\.expires).filter { $0 > present }
        guard let next = pending.min() else { return }
        let step = ModelClock.step
        let due = (next + step - 1) / step * step - Int64(random.below(2)) * step
        world.time.step(nanoseconds: due - present)
        // The wall clock drifts, or was moved: it must say what is meant.
        world.time.setWall(Timestamp(rawValue: due))
        try compareClock()
        guard let fork = model.forks.first(where: { $0.expires == next }) else { return }
        let isExpired = options.fault == .expiresLate ? false : fork.isExpired(at: now())
        note("\(fork.name) \(isExpired ? "expired" : "about to expire")")
        if isExpired {
            try useExpired(fork)
        } else {
            _ = try pickProcess().store.view(at: Point(.named(name(fork))))
        }
    }

    private func compareClock() throws {
        for process in processes {
            let expected = now()
            try requireEqual(process.store.clock.now().rawValue, expected, "the store's clock")
        }
    }

    /// Invariant 9: an expired fork accepts no append and gives no new view.
    func useExpired(_ fork: Fork) throws {
        let point = Point(.named(try name(fork)))
        let store = pickProcess().store
        try requireFailure(.expired, "a view of the expired \(fork.name)") {
            _ = try store.view(at: point)
        }
        try requireFailure(.expired, "a fork of the expired \(fork.name)") {
            _ = try store.create(NewFork(name: ForkName(freeName()), from: point))
        }
        if let held = writers[fork.serial] {
            try requireFailure(.expired, "an append to the expired \(fork.name)") {
                _ = try held.writer.append(Self.batch(contents(1, withIDs: false)))
            }
        } else {
            try requireFailure(.expired, "a writer of the expired \(fork.name)") {
                _ = try store.openWriter(name(fork))
            }
        }
        try requireEqual(
            try store.describe(name(fork)).state, .expired, "the state of \(fork.name)")
    }
}

extension Expiry {
    func instant(from now: Int64) -> Int64? {
        switch self {
        case .never: nil
        case .after(let nanoseconds): now + Int64(nanoseconds)
        case .at(let instant): instant.rawValue
        }
    }
}
