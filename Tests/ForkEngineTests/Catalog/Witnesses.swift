// SPDX-License-Identifier: Apache-2.0
// What threads of a test tell each other.
import SegmentStore

final class Counter: Sendable {
    private let value = Locked(0)

    /// The value after adding.
    func add(_ difference: Int) -> Int {
        value.withLock {
            $0 += difference
            return $0
        }
    }
}

final class Log<Entry: Sendable>: Sendable {
    private let entries = Locked<[Entry]>([])

    var all: [Entry] { entries.withLock { $0 } }

    func append(_ entry: Entry) { entries.withLock { $0.append(entry) } }
    func removeAll() { entries.withLock { $0.removeAll() } }
}
