// SPDX-License-Identifier: Apache-2.0
// What counts as a promise of a writer whose disk loses its power.
import Foundation
import Testing

@testable import forknight

@Suite struct LedgerTests {
    /// A writer that was told 5, then 9, and began 12, and was cut at the instant `cut`.
    private func ledger(cut: UInt64, _ body: (Ledger) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "ledger-\(UUID().uuidString)"
        defer { unlink(path) }
        var writer = try Ledger(path)
        for (head, instant) in [(5, 100), (9, 200)] as [(UInt64, UInt64)] {
            try writer.begin("main", head)
            try writer.acknowledge("main", head, at: instant)
        }
        try writer.begin("main", 12)
        try Ledger.tellCut(at: cut, in: path)
        try body(try Ledger(path))
    }

    private func isFine(_ ledger: Ledger, _ head: UInt64) -> Bool {
        var ledger = ledger
        return (try? ledger.settle(["main": head], isFinal: true)) != nil
    }

    @Test func anAnswerFromBeforeTheCutIsAPromise() throws {
        try ledger(cut: 201) { ledger in
            #expect(ledger.promiseCount == 2 && ledger.lateCount == 0)
            #expect([9, 12].allSatisfy { isFine(ledger, $0) })
            #expect([0, 5, 8, 10].allSatisfy { !isFine(ledger, $0) })
        }
    }

    @Test func anAnswerFromBehindTheCutIsNone() throws {
        try ledger(cut: 200) { ledger in
            #expect(ledger.promiseCount == 1 && ledger.lateCount == 1)
            #expect([5, 9, 12].allSatisfy { isFine(ledger, $0) })
            #expect([0, 4, 8, 10].allSatisfy { !isFine(ledger, $0) })
        }
    }

    /// The next writer's answers have a cut of their own.
    @Test func aCutEndsOneWriterOnly() throws {
        try ledger(cut: 200) { ledger in
            var next = ledger
            try next.settle(["main": 9], isFinal: true)
            try next.begin("main", 10)
            try next.acknowledge("main", 10, at: 300)
            let again = try Ledger(ledger.path)
            #expect(again.lateCount == 1)
            #expect(isFine(again, 10) && !isFine(again, 9))
        }
    }
}
