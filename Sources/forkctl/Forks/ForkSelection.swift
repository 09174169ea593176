// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. Forks picked by label, page by page, in bounded memory.
import ForkEngine
import SegmentStore

/// The forks that a filter and label selectors pick, in the order of their creation.
struct ForkSelection {
    let store: Store
    var filter = ForkFilter()
    var selectors: [LabelSelector] = []

    private static let pageCount = 512

    /// Calls `body` with each fork from `first` on, until it answers false.
    func forEach(
        from first: ForkID = .main,
        _ body: (ForkDescription) throws(CommandFailure) -> Bool
    ) throws(CommandFailure) {
        var start: ForkID? = first
        while let from = start {
            let page: ForkPage
            do throws(ForkError) {
                page = try store.list(filter, from: from, limit: Self.pageCount)
            } catch {
                throw CommandFailure(error)
            }
            for fork in page.forks where selectors.allSatisfy({ $0.matches(fork.labels) }) {
                guard try body(fork) else { return }
            }
            start = page.next
        }
    }

    func all() throws(CommandFailure) -> [ForkDescription] {
        var forks: [ForkDescription] = []
        try forEach { (fork) throws(CommandFailure) in
            forks.append(fork)
            return true
        }
        return forks
    }
}

/// Expired forks keep what they hold until a collection; nothing runs in the background.
enum ExpiredForks {
    /// How many of the oldest forks `create` looks at, so that it costs the same in any store.
    private static let lookCount = 64

    static func tell(_ count: Int, isAtLeast: Bool = false, on console: Console) {
        guard count > 0 else { return }
        let subject = Quantity.count(UInt64(count), "expired fork")
        console.note(
            "\(isAtLeast ? "at least " : "")\(subject) \(count == 1 ? "waits" : "wait") for"
                + " 'forkctl gc'")
    }

    /// Tells of those among the oldest forks. What came before is done: no failure of it.
    static func tellOldest(of store: Store, on console: Console) {
        let oldest: ForkPage
        do throws(ForkError) {
            oldest = try store.list(limit: lookCount)
        } catch {
            return console.warn("the expired forks cannot be counted: \(error.message)")
        }
        tell(
            oldest.forks.count { $0.state == .expired }, isAtLeast: oldest.next != nil,
            on: console)
    }
}
