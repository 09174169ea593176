// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting. Repairs that are cut short: the next one comes to the same end, and what was damaged
// is kept (invariants 8 and 10).
import ForkEngine
import SegmentStore

extension MaintenanceScript {
    static let repairs = [
        repair("repair a segment that nothing can bring back") { stage in
            try fill(stage)
            try stage.collect()
            return try stage.world.disk.strikeObject(of: .segment)
        },
        repair("repair a segment that its journal still holds") { stage in
            try fill(stage)
            return try stage.world.disk.strikeObject(of: .segment)
        },
        repair("repair a run") { stage in
            try fill(stage)
            return try stage.world.disk.strikeObject(of: .run)
        },
        repair("repair lost nodes") { stage in
            try fill(stage)
            try stage.collect()
            return try stage.world.disk.strikeObject(of: .nodes)
        },
        repair("repair a lost journal") { stage in
            try stage.append("main", count: 4)
            try stage.append("main", count: 4)
            try stage.create("child", from: "main")
            try stage.append("child", count: 2)
            try stage.close("main")
            try stage.close("child")
            return try stage.world.disk.strikeJournal()
        },
    ]

    /// Two flushes, and a child with a flush of its own; nobody writes.
    private static func fill(_ stage: CrashStage) throws {
        try stage.append("main", count: 30)
        try stage.flush("main")
        try stage.append("main", count: 5)
        try stage.flush("main")
        try stage.create("child", from: "main", at: 20)
        try stage.append("child", count: 3)
        try stage.flush("child")
        try stage.append("child")
        try stage.close("child")
        try stage.close("main")
    }

    /// `damage`: fills the store, damages a file of it and says which.
    private static func repair(
        _ description: String, _ damage: @escaping @Sendable (CrashStage) throws -> String
    ) -> MaintenanceScript {
        MaintenanceScript(description: description) { explorer, fault in
            let stage = try CrashStage(seed: explorer.seed)
            try stage.stopBeforeCommits()
            let path = try damage(stage)
            let disk = stage.world.disk
            // A journal that a power cut brings back would bring back events, too.
            try disk.makeProcess().syncFolder(StoreLayout.journals)
            let bytes = try disk.bytes(of: path)
            try stage.restart()
            let twin = stage.world.afterCrash(disk.killImage(), isPowerCut: false)
            _ = try twin.start().store.repair()
            let end = try RepairedEnd(of: twin)
            if let fault { disk.add(fault) }
            var isDone = false
            let images = CheckedImages()
            let report = try explorer.explore(disk) { _ in
                _ = try stage.store.repair()
                isDone = true
            } check: { image in
                let machine = stage.machine(after: image)
                guard images.isNew(machine.fingerprint, isDone: isDone) else { return }
                try machine.requireKept(bytes, of: path)
                let again = try machine.start().store.repair()
                if isDone, !again.items.isEmpty {
                    throw ModelMismatch("a repair that was done left \(again.items)")
                }
                try machine.requireKept(bytes, of: path)
                try end.require(of: machine)
                _ = try machine.start().store.collect()
                try end.require(of: machine)
            }
            return images.completing(report)
        }
    }
}

/// What a repair comes to.
private struct RepairedEnd: Equatable {
    /// Of each fork each event, by position; nil where it is lost.
    var forks: [String: [String?]] = [:]
    var knownLosses: [String] = []

    init(of machine: EngineWorld) throws {
        let store = try machine.start().store
        let report = try store.verify()
        guard report.isSound, report.unknownPaths.isEmpty else {
            throw ModelMismatch("verify finds \(report.damages) and \(report.unknownPaths)")
        }
        knownLosses = report.knownLosses.compactMap(\.path)
        for fork in try store.list().forks {
            let view = try store.view(at: Point(.named(ForkName(fork.name))))
            forks[fork.name] = try (0..<view.head.rawValue).map { number in
                try Self.line(at: Position(number), of: view)
            }
        }
    }

    func require(of machine: EngineWorld) throws {
        let found = try RepairedEnd(of: machine)
        guard found == self else {
            throw ModelMismatch("the repair comes to \(found), not to \(self)")
        }
    }

    private static func line(at position: Position, of view: View) throws -> String? {
        var line: String?
        do throws(ForkError) {
            try view.scan(position..<position.advanced(by: 1)) { (event) throws(ForkError) in
                let stream = String(decoding: event.stream, as: UTF8.self)
                let data = String(decoding: event.data, as: UTF8.self)
                let sequence = try view.sequence(of: event)
                line = "\(stream)/\(event.version) \(sequence) \(data)"
                return true
            }
        } catch {
            guard error.code == .damaged else { throw error }
        }
        return line
    }
}

extension EngineWorld {
    /// The damaged bytes are where they were, or in quarantine.
    fileprivate func requireKept(_ bytes: [UInt8], of path: String) throws {
        let files = disk.makeProcess()
        var places = [path]
        if try files.status(StoreLayout.quarantine) != nil {
            places += try files.list(StoreLayout.quarantine).map {
                "\(StoreLayout.quarantine)/\($0)"
            }
        }
        for place in places where try files.status(place) != nil {
            if try disk.bytes(of: place) == bytes { return }
        }
        throw ModelMismatch("the damaged bytes of \(path) are nowhere")
    }
}

extension SimulatedDisk {
    fileprivate func bytes(of path: String) throws -> [UInt8] {
        let file = try makeProcess().open(path, for: .read)
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Int(try file.byteCount()), alignment: 8)
        defer { buffer.deallocate() }
        return Array(buffer.prefix(try file.read(into: buffer, at: 0)))
    }

    /// Turns over a bit near the end of the first object of a kind.
    fileprivate func strikeObject(of kind: ObjectKind) throws -> String {
        let files = makeProcess()
        for folder in ObjectFolder.all {
            for name in try files.list(folder.path).sorted()
            where ObjectID(fileName: name)?.kind == kind {
                let path = "\(folder.path)/\(name)"
                try flipBit(3, of: path, at: try bytes(of: path).count - 9)
                return path
            }
        }
        throw WorldError("there is no \(kind)")
    }

    /// Turns over a bit in the middle of what is written of the first journal.
    fileprivate func strikeJournal() throws -> String {
        let names = try makeProcess().list(StoreLayout.journals).sorted()
        guard let name = names.first else { throw WorldError("there is no journal") }
        let path = "\(StoreLayout.journals)/\(name)"
        let end = try bytes(of: path).lastIndex { $0 != 0 } ?? 0
        try flipBit(3, of: path, at: end * 3 / 4)
        return path
    }
}
