// SPDX-License-Identifier: Apache-2.0
// Ways to hurt a store, and what must hold once it is repaired.
import ForkEngine
import ForkTesting
import SegmentStore
import Testing

enum RepairWorld {
    enum Damage: String, CaseIterable, Sendable {
        case missing, truncated, header, page, end

        func strike(_ path: String, in world: RuleWorld) throws {
            let bytes = try world.bytes(of: path)
            switch self {
            case .missing: try world.disk.makeProcess().remove(path)
            case .truncated: try world.replace(path, with: Array(bytes.prefix(bytes.count / 2)))
            case .header: try world.disk.flipBit(3, of: path, at: 4)
            case .page: try world.disk.flipBit(3, of: path, at: 20)
            case .end: try world.disk.flipBit(3, of: path, at: bytes.count - 9)
            }
        }
    }

    /// Every fork, read by a process of its own.
    static func histories(_ world: RuleWorld) throws -> [String: [String]] {
        try DamageWorld.start(world.afterKill()).histories()
    }

    /// Every event of every fork that can be read, by position.
    static func readable(_ world: RuleWorld) throws -> [String: [String?]] {
        let process = try DamageWorld.start(world)
        var all: [String: [String?]] = [:]
        for name in try DamageWorld.names(process) {
            let view = try process.store.view(at: point(name))
            all[name] = try (0..<view.head.rawValue).map { number in
                try DamageWorld.unlessDamaged { try line(at: Position(number), of: view) } ?? nil
            }
        }
        return all
    }

    private static func line(at position: Position, of view: View) throws -> String? {
        var line: String?
        try view.scan(position..<position.advanced(by: 1)) { (event) throws(ForkError) in
            let stream = String(decoding: event.stream, as: UTF8.self)
            let data = String(decoding: event.data, as: UTF8.self)
            line = "\(event.position) \(stream)/\(event.version) \(data)"
            return true
        }
        return line
    }

    /// What is not told to be lost is as in `plain`, what is told is not there, and the store is
    /// sound, is collected, and takes events.
    static func check(
        _ world: RuleWorld, _ plain: [String: [String]], _ report: RepairReport, _ what: Comment
    ) throws {
        let found = try DamageWorld.start(world).store.verify()
        #expect(found.isSound, "\(found.damages.map(\.description)): \(what)")
        #expect(found.unknownPaths.isEmpty && !found.files.isEmpty, what)
        _ = try DamageWorld.start(world).store.collect()
        let process = try DamageWorld.start(world)
        #expect(try process.store.verify().isSound, what)
        let readable = try readable(world)
        #expect(Set(readable.keys) == Set(plain.keys), what)
        for (name, lines) in plain {
            let losses = report.losses.filter { $0.fork == name }
            let end = losses.filter(\.isCut).map { Int($0.from.rawValue) }.min() ?? lines.count
            let events = readable[name] ?? []
            #expect(events.count == end, "\(name): \(what)")
            let holes = losses.filter { !$0.isCut }
            for (number, event) in events.enumerated() {
                if let event { #expect(event == lines[number], "\(name): \(what)") }
                let position = Position(UInt64(number))
                let isTold = holes.contains { hole in
                    hole.to.map { (hole.from..<$0).contains(position) } ?? false
                }
                #expect(event != nil || isTold, "\(name) at \(number): \(what)")
            }
            for hole in holes {
                guard let to = hole.to else { continue }
                let part = events[Int(hole.from.rawValue)..<Int(to.rawValue)]
                #expect(part.count(where: { $0 == nil }) == hole.eventCount.map(Int.init), what)
                let named = hole.streams.reduce(0) { $0 + ($1.to.rawValue - $1.from.rawValue) }
                // A cut through a segment whose tables are lost shows in its positions alone.
                #expect(hole.eventCount.map { named >= $0 } ?? false, what)
            }
            guard holes.isEmpty else { continue }
            let writer = try process.store.openWriter(named(name))
            _ = try writer.append(.numbered(900, stream: "after"))
            try writer.flush()
            try writer.close()
            #expect(try process.store.view(at: point(name)).head == Position(UInt64(end) + 1))
        }
        #expect(try DamageWorld.start(world).store.verify().isSound, what)
    }

    typealias Case = (world: RuleWorld, plain: [String: [String]])

    static func lostSegment() throws -> Case { try damaged(".segment") }
    static func lostNodes() throws -> Case { try damaged(".nodes") }

    private static func damaged(_ suffix: String) throws -> Case {
        let world = try DamageWorld.world()
        let plain = try histories(world)
        // A journal that a power cut brings back would bring back events, too.
        try world.disk.makeProcess().syncFolder(StoreLayout.journals)
        let path = try #require(
            try world.files(in: StoreLayout.objects).first { $0.hasSuffix(suffix) })
        // What a power cut does not undo.
        try Damage.end.strike(path, in: world)
        return (world, plain)
    }

    static func lostJournal() throws -> Case {
        let world = try RuleWorld()
        let process = try world.start()
        let main = try process.write(0..<8)
        try process.fork("child")
        try main.close()
        process.kill()
        let plain = try histories(world)
        try world.damageEvent(6)
        return (world.afterKill(), plain)
    }
}

extension RuleWorld {
    /// The paths of all files, with their bytes as far as nobody maps them.
    func everyFile() throws -> [String] {
        let files = disk.makeProcess()
        var found: [String] = []
        var waiting = ["."]
        while let folder = waiting.popLast() {
            for name in try files.list(folder) {
                let path = folder == "." ? name : "\(folder)/\(name)"
                guard let status = try files.status(path) else { continue }
                if status.isFolder { waiting.append(path) }
                found.append("\(path) \(status.byteCount)")
            }
        }
        return found.sorted()
    }

    /// Runs `body` in a process that is killed before its change number `number`; whether it was.
    func kills(_ process: RuleProcess, atChange number: Int, _ body: () throws -> Void) -> Bool {
        let count = Shared(0)
        let isKilled = Shared(false)
        disk.add(
            Fault(.kill) { call, _ in
                guard call.changesDisk, !call.isWordCall else { return false }
                defer { count.value += 1 }
                if count.value == number { isKilled.value = true }
                return count.value == number
            })
        do { try body() } catch {}
        disk.removeFaults()
        process.kill()
        return isKilled.value
    }
}
