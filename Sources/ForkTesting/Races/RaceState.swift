// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, races. Which ends of runs are the same: what is so need not be audited twice.
import ForkEngine
import SegmentStore

extension RaceWorld {
    /// All that an audit can see, in one text: catalog, live words, files by their names with what
    /// is written and what is durable, and what the actors were told.
    func state(_ ledger: RaceLedger) -> String {
        let committed = catalogDisk.committed
        var lines = ledger.all.answers.sorted()
        lines += committed.forks.values.sorted { $0.id.rawValue < $1.id.rawValue }
            .map { "\($0.id) \($0.name) \($0.snapshot) \($0.liveJournal) \($0.epoch)" }
        lines.append("\(committed.overlays.count) \(committed.revived.count)")
        lines.append("\(catalogDisk.hasGhost)")
        lines.append(words.map(StoreLayout.live, wordCount: LiveSlots.wordCount).text)
        lines.append(disk.contentText)
        return lines.joined(separator: "\n")
    }
}

extension MappedWords {
    fileprivate var text: String {
        var text = ""
        forEachNonZero { text += "\($0)=\($1) " }
        return text
    }
}

extension SimulatedDisk {
    /// Each file by its name, with the hashes of what it holds and of what is sure to stay.
    fileprivate var contentText: String {
        let state = state
        var lines: [String] = []
        func visit(_ folder: Int, _ prefix: String) {
            let names = state[inode: folder].folder
            if names.live.isEmpty { return }
            for (name, number) in names.live {
                let inode = state[inode: number]
                if inode.isFolder {
                    visit(number, "\(prefix)\(name)/")
                } else {
                    let isSure = names.durable[name] == number
                    lines.append(
                        "\(prefix)\(name) \(inode.file.live.hash) \(inode.file.durable.hash)"
                            + " \(isSure) \(inode.locks.count)")
                }
            }
        }
        visit(DiskState.root, "")
        return lines.sorted().joined(separator: "\n")
    }
}
