// SPDX-License-Identifier: Apache-2.0
// What one operation asks of the file system and of the catalog, as text that people review: in
// which order things are written, synced, named and committed.
import ForkEngine
import ForkTesting
import SegmentStore

/// The calls of one process from now on, and those on other disks.
final class Transcript: Sendable {
    private let lines = Locked<[String]>([])
    init() {}

    init(of process: RuleProcess, in world: RuleWorld) {
        watch(world.disk, process: process.fileSystem.process)
        process.step.watch { [lines = Weak(self)] step in lines.value?.add(step) }
    }

    /// Adds the calls of one process on a disk, or of all; each line begins with `label`.
    func watch(_ disk: SimulatedDisk, as label: String = "", process: Int? = nil) {
        disk.hooks.beforeCall = { [lines = Weak(self)] caller, call in
            if process == nil || caller == process { lines.value?.add(call, label) }
        }
    }

    private func add(_ call: FileSystemCall, _ label: String) {
        // Every look at the clock moves its floor; where a fork's slot lies does not matter.
        if call.path == StoreLayout.clock, call.isWordCall { return }
        switch call {
        case .loadWord: return
        case .storeWord(let path, _): add(label + "store \(path)")
        case .compareExchangeWord(let path, _): add(label + "compare and exchange \(path)")
        default: add("\(label)\(call)")
        }
    }

    func add(_ step: SimulatedCatalog.Step) {
        switch step {
        case .beforeRead: add("catalog: read")
        case .beforeWrite: add("catalog: begin")
        case .beforeCommit: return
        case .afterCommit: add("catalog: commit")
        case .waitingToWrite: add("catalog: wait")
        }
    }

    private func add(_ line: String) { lines.withLock { $0.append(line) } }

    /// The lines, where the same in turn stand once with their number, and objects have numbers
    /// instead of addresses.
    func text() -> String {
        var names: [Substring: String] = [:]
        var counts: [Substring: Int] = [:]
        var folded: [(line: String, count: Int)] = []
        for line in lines.withLock({ $0 }) {
            let line = line.split(separator: " ", omittingEmptySubsequences: false).map { word in
                guard word.hasPrefix("objects/") else { return String(word) }
                guard let dot = word.firstIndex(of: ".") else { return "objects/.." }
                let kind = word[word.index(after: dot)...]
                if let name = names[word] { return name }
                counts[kind, default: 0] += 1
                names[word] = "\(kind)-\(counts[kind] ?? 0)"
                return names[word] ?? ""
            }.joined(separator: " ")
            if folded.last?.line == line {
                folded[folded.count - 1].count += 1
            } else {
                folded.append((line, 1))
            }
        }
        return folded.map { $0.line + ($0.count > 1 ? "  (\($0.count) times)" : "") + "\n" }
            .joined()
    }
}

/// A reference that does not keep what it refers to.
private struct Weak<Object: AnyObject & Sendable>: Sendable {
    weak let value: Object?
    init(_ value: Object) { self.value = value }
}
