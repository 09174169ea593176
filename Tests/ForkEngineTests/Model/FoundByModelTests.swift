// SPDX-License-Identifier: Apache-2.0
// Bugs that model runs found, each as small as it can be told.
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

@Suite struct FoundByModelTests {
    /// A dry run passed over objects that a publisher had once found there already: `revived` is
    /// emptied by a collection, and a dry run empties nothing.
    @Test func rule9ADryRunListsWhatWasRevivedBeforeIt() throws {
        let world = try EngineWorld.layOut(seed: 1)
        let store = try world.start().store
        let main = try store.openWriter(.main)
        for number in 0..<3 {
            let batch = AppendBatch()
            try batch.add(
                stream: "s", type: "t", data: [UInt8(number)],
                time: Timestamp(nanoseconds: Int64(number)))
            _ = try main.append(batch)
        }
        for name in ["one", "two"] {
            _ = try store.create(NewFork(name: ForkName(name)))
            let writer = try store.openWriter(ForkName(name))
            // The inherited events become one segment, which the second fork finds there.
            try writer.flush()
            try writer.close()
        }
        try store.drop(ForkName("one"))
        try store.drop(ForkName("two"))
        let planned = try store.collect(isDryRun: true)
        let done = try store.collect()
        #expect(planned.removedObjectCount == done.removedObjectCount)
        #expect(done.removedObjectCount >= 3)
    }
}
