// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. What `diff` compares, found out from its arguments.
import ForkEngine
import SegmentStore

/// Two points and the sides of their difference that are shown, own side first.
struct Comparison {
    let own: Point
    let other: Point
    /// `A..B` shows what B has, and nothing of A.
    var showsOther = true
    /// What is to be said of the choice.
    var note: String?

    init(
        _ first: String?, _ second: String?, in store: Store
    ) throws {
        let current = try ForkOptions.environment()
        guard let first else {
            try self.init(against: Point(.named(current)), in: store)
            return
        }
        if let second {
            self.init(own: try Point(first), other: try Point(second))
        } else {
            switch try PointRange(first) {
            case .againstParent(let point): try self.init(against: point, in: store)
            case .oneSide(let point, let since):
                self.init(own: point, other: since, showsOther: false)
            case .bothSides(let left, let right): self.init(own: left, other: right)
            }
        }
        self = try resolved(in: store, current: current)
    }

    private init(own: Point, other: Point, showsOther: Bool = true, note: String? = nil) {
        self.own = own
        self.other = other
        self.showsOther = showsOther
        self.note = note
    }

    /// A fork against its parent's head; against its own base where the parent gives no view.
    private init(against point: Point, in store: Store) throws {
        guard case .named(let name) = point.reference else {
            throw CommandFailure.usage(
                "^parent means something only beside a fork, as in a..^parent")
        }
        let fork = try store.describe(name)
        guard fork.parent != nil else {
            throw CommandFailure.usage(
                "fork '\(name)' was made from no other: name what to compare it with, as in"
                    + " \(name)...other")
        }
        if let parentName = fork.parentName {
            let parent = try ForkName(fromCatalog: parentName)
            if try store.describe(parent).state == .active {
                self.init(own: point, other: Point(.named(parent)))
                return
            }
        }
        let fate = fork.parentName.map { "'\($0)', the parent of '\(name)', is expired" }
        self.init(
            own: point, other: Point(.named(name), at: .position(fork.base)),
            note: "\(fate ?? "the parent of '\(name)' is gone"): compared with its base,"
                + " position \(fork.base)")
    }

    /// `^parent` is the parent of the fork on the other side.
    private func resolved(in store: Store, current: ForkName) throws(CommandFailure) -> Comparison {
        func resolve(_ point: Point, beside other: Point) throws(CommandFailure) -> Point {
            var fork = current
            if case .named(let name) = other.reference { fork = name }
            return try PointResolver(store: store, fork: fork).resolve(point)
        }
        return Comparison(
            own: try resolve(own, beside: other), other: try resolve(other, beside: own),
            showsOther: showsOther, note: note)
    }

    func difference(in store: Store) throws(ForkError) -> Difference {
        try store.difference(from: own, to: other)
    }

    /// The sides that are shown.
    func sides(of difference: Difference) -> [Difference.Side] {
        showsOther ? [difference.left, difference.right] : [difference.left]
    }
}
