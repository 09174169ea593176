// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, rules. The steps that checks are made of.
package import ForkEngine
import SegmentStore

extension RuleProcess {
    /// Appends one event for each number, each a batch, over three streams.
    @discardableResult
    package func append(_ numbers: Range<Int>, with writer: Writer) throws -> Writer {
        for number in numbers {
            _ = try writer.append(.numbered(number, stream: "s\(number % 3)"))
        }
        return writer
    }

    /// Opens the fork, appends, and leaves the writer open.
    package func write(_ numbers: Range<Int>, to fork: String = "main") throws -> Writer {
        try append(numbers, with: store.openWriter(named(fork)))
    }

    package func fork(_ name: String, from: String = "main", expiry: Expiry = .never) throws {
        _ = try store.create(NewFork(name: named(name), from: point(from), expiry: expiry))
    }

    /// Everything in a fork, one line an event.
    package func history(of fork: String) throws -> [String] {
        try store.view(at: point(fork)).transcript()
    }

    /// Everything in every fork that is not expired, by name.
    package func histories() throws -> [String: [String]] {
        var all: [String: [String]] = [:]
        let names = try store.catalog.read { catalog throws(ForkError) -> [String] in
            var names: [String] = []
            try catalog.forEachFork(from: .main) { row throws(ForkError) in
                names.append(row.name)
                return true
            }
            return names
        }
        for name in names { all[name] = try history(of: name) }
        return all
    }
}

extension RuleWorld {
    /// The lines that `RuleProcess.append` makes of a range, where nothing else was appended.
    package static func lines(_ numbers: Range<Int>) -> [String] {
        numbers.map { "\($0) s\($0 % 3)/\($0 / 3) {\"n\":\($0)}" }
    }

    /// The paths below a folder, by a process that is nobody's saboteur.
    package func files(in folder: String) throws -> [String] {
        let fileSystem = disk.makeProcess()
        guard folder == StoreLayout.objects else {
            return try fileSystem.list(folder).map { "\(folder)/\($0)" }
        }
        return try fileSystem.list(folder).flatMap { name in
            try fileSystem.list("\(folder)/\(name)").map { "\(folder)/\(name)/\($0)" }
        }
    }

    package func bytes(of path: String) throws -> [UInt8] {
        let file = try disk.makeProcess().open(path, for: .read)
        let byteCount = Int(try file.byteCount())
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 8)
        defer { buffer.deallocate() }
        return Array(buffer.prefix(try file.read(into: buffer, at: 0)))
    }

    /// Puts other bytes in a file's place.
    package func replace(_ path: String, with bytes: [UInt8]) throws {
        let file = try disk.makeProcess().open(path, for: .readWrite)
        try file.resize(to: 0)
        try bytes.span.withUnsafeBytes { (bytes) throws(StorageError) in
            try file.write(bytes, at: 0)
        }
        try file.sync()
    }

    /// Turns over a bit of the event with this number, in the one journal that holds it.
    package func damageEvent(_ number: Int) throws {
        let text = Array("{\"n\":\(number)}".utf8)
        for path in try files(in: StoreLayout.journals) {
            let bytes = try bytes(of: path)
            guard bytes.count >= text.count else { continue }
            for start in 0...(bytes.count - text.count)
            where bytes[start..<start + text.count].elementsEqual(text) {
                return try disk.flipBit(3, of: path, at: start)
            }
        }
        throw RuleBroken("no journal holds event \(number)")
    }

    /// Where the data of the event with this number begins in a journal's bytes.
    package func startOfEvent(_ number: Int, in bytes: [UInt8]) throws -> Int {
        let text = Array("{\"n\":\(number)}".utf8)
        for start in 0...max(0, bytes.count - text.count)
        where bytes[start...].starts(with: text) { return start }
        throw RuleBroken("the journal does not hold event \(number)")
    }

    /// Everything that a store may hold, and its size.
    package func inventory() throws -> [String] {
        try [StoreLayout.objects, StoreLayout.journals, StoreLayout.pins].flatMap { folder in
            try files(in: folder)
        }
    }
}
