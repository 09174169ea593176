// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, races. What an actor does with the engine, written into the ledger as it calls
// and as it returns.
package import ForkEngine
import SegmentStore

/// One actor's process, and its hand on the store.
package final class RaceHand: Sendable {
    package let actor: Int
    let world: RaceWorld
    package let process: RaceProcess
    package let ledger: RaceLedger
    private let kept = Locked(Kept())

    private struct Kept {
        var writers: [String: Writer] = [:]
        var views: [HeldView] = []
    }

    /// A view, and what it read first; nil: nothing yet.
    struct HeldView: Sendable {
        let view: View
        let lines: [RaceLine]?
    }

    package init(actor: Int, world: RaceWorld, ledger: RaceLedger) throws {
        self.actor = actor
        self.world = world
        self.ledger = ledger
        process = try world.start(actor: actor)
    }

    package var store: Store { process.store }
    var views: [HeldView] { kept.withLock { $0.views } }

    package func writer(of fork: String) -> Writer? { kept.withLock { $0.writers[fork] } }

    /// Lets go of all that it holds.
    func letGo() { kept.withLock { $0 = Kept() } }

    // MARK: Calls

    /// Runs a call that may be refused with one of these codes. Nil: it was, or the actor was
    /// killed. Anything else is a fault.
    @discardableResult
    package func attempt<Answer>(
        _ what: String, mayFail codes: Set<ForkError.Code>, _ body: () throws -> Answer
    ) -> Answer? {
        do {
            let answer = try body()
            ledger.answer(actor, "\(what): done")
            return answer
        } catch let error as ForkError {
            if process.isKilled {
                ledger.answer(actor, "\(what): killed")
            } else if codes.contains(error.code) {
                ledger.answer(actor, "\(what): \(error.code)")
            } else {
                ledger.blame("\(what) failed: \(error)")
            }
        } catch {
            ledger.blame("\(what) failed: \(error)")
        }
        return nil
    }

    @discardableResult
    package func open(
        _ fork: String, mayFail codes: Set<ForkError.Code> = [.busy, .notFound, .expired, .changed]
    ) -> Writer? {
        let name = ForkName.raced(fork)
        let writer = attempt("open \(fork)", mayFail: codes) { try store.openWriter(name) }
        guard let writer else { return nil }
        kept.withLock { $0.writers[fork] = writer }
        return writer
    }

    /// Appends events, one batch, by the writer that is open.
    package func append(
        _ count: Int = 1, to fork: String, stream: String = "s",
        expecting: ExpectedVersion = .any,
        mayFail codes: Set<ForkError.Code> = [
            .notFound, .expired, .changed, .wrongVersion, .busy,
        ]
    ) {
        guard let writer = writer(of: fork) else { return }
        let (append, data) = ledger.call(actor, writer.fork, stream, count: count, expecting)
        let wasExpired = isExpired(writer.fork)
        let result: AppendResult
        do throws(ForkError) {
            let batch = AppendBatch()
            for text in data {
                try batch.add(
                    stream: stream, type: "raced", data: Array(text.utf8), time: world.time.now())
            }
            result = try writer.append(
                batch, expecting: [Expectation(stream: stream, version: expecting)])
        } catch {
            let isKilled = process.isKilled
            let isCertain = [.wrongVersion, .expired].contains(error.code) && !isKilled
            ledger.end(append, isCertain ? .refused(error.code) : .unknown)
            if !isKilled, !codes.contains(error.code) {
                ledger.blame("append to \(fork) failed: \(error)")
            }
            return ledger.answer(actor, "append: \(isKilled ? "killed" : "\(error.code)")")
        }
        let range = result.positions.lowerBound.rawValue..<result.positions.upperBound.rawValue
        if process.isKilled { return ledger.end(append, .unknown) }
        ledger.end(append, .acknowledged(range))
        ledger.answer(actor, "append \(fork): \(range)")
        if wasExpired { ledger.blame("an append to \(fork) that was expired was acknowledged") }
        // Between the word and here nobody else has had a turn.
        if world.catalogDisk.committed.forks[writer.fork.rawValue] == nil {
            ledger.blame("an append to \(fork) was acknowledged behind its drop")
        }
    }

    private func isExpired(_ fork: ForkID) -> Bool {
        guard let expires = world.catalogDisk.committed.forks[fork.rawValue]?.expires else {
            return false
        }
        return world.time.now() >= expires
    }

    package func flush(
        _ fork: String, mayFail codes: Set<ForkError.Code> = [.notFound, .changed]
    ) {
        guard let writer = writer(of: fork) else { return }
        attempt("flush \(fork)", mayFail: codes) { try writer.flush() }
    }

    package func close(
        _ fork: String, mayFail codes: Set<ForkError.Code> = [.notFound, .changed]
    ) {
        guard let writer = kept.withLock({ $0.writers.removeValue(forKey: fork) }) else { return }
        attempt("close \(fork)", mayFail: codes) { try writer.close() }
    }

    /// Makes a fork of another one's head, or of a position of it.
    package func create(
        _ name: String, from parent: String, at position: Int? = nil, expiry: Expiry = .never,
        mayFail codes: Set<ForkError.Code> = [.notFound, .expired, .alreadyExists, .busy]
    ) {
        let call = ledger.tick()
        let parentID = world.catalogDisk.committed.fork(named: parent)?.id
        let made = attempt("create \(name)", mayFail: codes) {
            let point = try Point(parent + (position.map { "@\($0)" } ?? ""))
            return try store.create(
                NewFork(name: .raced(name), from: point, expiry: expiry))
        }
        guard made?.isNew == true, let parentID else { return }
        let back = ledger.tick()
        // What it inherited, read when all is over by who audits.
        let isOfHead = position == nil
        ledger.note(
            RaceChild(
                name: name, parent: parentID, call: isOfHead ? call : nil, back: back,
                mayGo: expiry != .never))
    }

    package func drop(
        _ fork: String, mayFail codes: Set<ForkError.Code> = [.notFound, .busy]
    ) {
        ledger.noteDrop(of: fork)
        attempt("drop \(fork)", mayFail: codes) { _ = try store.drop(.raced(fork)) }
    }

    package func collect(mayFail codes: Set<ForkError.Code> = [.busy]) {
        attempt("collect", mayFail: codes) { _ = try store.collect() }
    }

    /// Opens a view of the whole fork, reads all of it, and holds it to the end.
    package func view(
        _ fork: String,
        mayFail codes: Set<ForkError.Code> = [.notFound, .expired, .busy, .changed]
    ) {
        let call = ledger.tick()
        let read = attempt("view \(fork)", mayFail: codes) {
            () -> (view: View, lines: [RaceLine]) in
            let view = try store.view(at: Point(.named(.raced(fork))))
            return (view, try view.lines())
        }
        guard let (view, lines) = read else { return }
        ledger.answer(actor, "\(lines.count) events")
        ledger.see("a view of \(fork)", view.fork, lines, call: call)
        kept.withLock { $0.views.append(HeldView(view: view, lines: lines)) }
    }

    /// Opens a view of the whole fork, and holds it unread to the end: what was read once could be
    /// answered from memory.
    package func hold(_ fork: String) {
        let view = attempt("hold \(fork)", mayFail: [.notFound]) {
            try store.view(at: Point(.named(.raced(fork))))
        }
        guard let view else { return }
        kept.withLock { $0.views.append(HeldView(view: view, lines: nil)) }
    }

    /// Reads all held views again: each answers what it did.
    package func reread() {
        for held in views {
            attempt("read again", mayFail: []) {
                let lines = try held.view.lines()
                if let known = held.lines, lines != known {
                    throw RaceFault("a view of \(known) reads \(lines)")
                }
            }
        }
    }

    /// Time goes on to the very instant at which the fork expires.
    package func letExpire(_ fork: String) {
        guard let row = world.catalogDisk.committed.fork(named: fork), let expires = row.expires
        else { return }
        let left = expires.rawValue - world.time.now().rawValue
        if left > 0 { world.time.step(nanoseconds: left) }
    }

    package func verify() {
        // A writer that is starting, or stopped there, is told and waited for only so long.
        let report = attempt("verify", mayFail: [.partlyDone]) { try store.verify() }
        if let report, !report.isSound { ledger.blame("unsound: \(report.damages)") }
    }
}

/// A fork that was made while others ran.
struct RaceChild: Sendable {
    let name: String
    let parent: ForkID
    let call: Int?
    let back: Int
    /// Whether its time may end.
    let mayGo: Bool
}

extension ForkName {
    /// Names of scenarios are short words.
    static func raced(_ text: String) -> ForkName {
        do throws(TextError) {
            return try ForkName(text)
        } catch {
            preconditionFailure("a scenario names a fork '\(text)'")
        }
    }
}

extension View {
    /// All events in their order, with sequences and places checked (invariants 2 and 3).
    func lines() throws -> [RaceLine] {
        var lines: [RaceLine] = []
        var sequences: [UInt8: UInt64] = [:]
        var fault: String?
        try scan(.zero..<head) { (event) throws(ForkError) in
            let stream = String(decoding: event.stream, as: UTF8.self)
            let data = String(decoding: event.data, as: UTF8.self)
            if event.position.rawValue != UInt64(lines.count) {
                fault = "position \(event.position) after \(lines.count) events"
            }
            let partition = event.streamHash.partition.rawValue
            let sequence = try sequence(of: event)
            if sequence != sequences[partition, default: 0] {
                fault = "sequence \(sequence) in partition \(partition) of \(name)"
            }
            sequences[partition] = sequence + 1
            lines.append("\(stream)/\(event.version) \(data)")
            return true
        }
        if UInt64(lines.count) != head.rawValue { fault = "\(lines.count) events below \(head)" }
        if let fault { throw RaceFault(fault) }
        return lines
    }
}
