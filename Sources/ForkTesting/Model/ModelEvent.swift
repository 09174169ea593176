// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, model. One event as the reference model knows it.
package import SegmentStore

/// What an event says, before it has a place.
package struct ModelContent: Equatable, Sendable {
    /// Indexes of `ModelStream.all` and `ModelType.all`.
    package var stream: Int
    package var type: Int
    /// Nanoseconds since 1970.
    package var time: Int64
    package var data: [UInt8]
    package var metadata: [UInt8]?
    package var isJSON: Bool
    /// The id it is given; nil: the store derives one.
    package var id: EventID?

    package var byteCount: Int {
        ModelStream.all[stream].bytes.count + ModelType.all[type].bytes.count + data.count
            + (metadata?.count ?? 0)
    }

    /// Whether a retry of this event would be taken for `other`: time does not count.
    func isRetry(of other: ModelContent) -> Bool {
        var same = self
        same.time = other.time
        return id != nil && same == other
    }
}

/// An event in its place. Forks that share history share these very objects, so that identity
/// tells what is inherited.
package final class ModelEvent {
    package let content: ModelContent
    package let position: Int
    package let version: Int
    package let sequence: Int
    /// The id that the store derived, learned at first sight: it holds for ever, in every fork.
    package var learnedID: EventID?

    init(_ content: ModelContent, position: Int, version: Int, sequence: Int) {
        self.content = content
        self.position = position
        self.version = version
        self.sequence = sequence
    }
}
