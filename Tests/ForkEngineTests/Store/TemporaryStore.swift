// SPDX-License-Identifier: Apache-2.0
// A store in a folder of its own, gone with the test.
import Foundation
import ForkEngine
import SegmentStore

final class TemporaryStore {
    let path: String
    let store: Store

    init() throws {
        path = NSTemporaryDirectory() + "forkctl-test-" + UUID().uuidString
        store = try Store.initialize(at: path)
    }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            print("left behind: \(path): \(error)")
        }
    }

    /// Another hold on the same store, as a second process has it.
    func reopen() throws -> Store { try Store.open(at: path) }
}
