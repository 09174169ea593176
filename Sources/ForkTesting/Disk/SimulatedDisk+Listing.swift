// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, simulated disk. What stands on a disk, in words, for messages.
extension SimulatedDisk {
    /// Every path with its size in bytes, sorted, one a line; folders end in "/".
    package func listing() -> String {
        let state = state
        var lines: [String] = []
        func visit(_ folder: Int, _ prefix: String) {
            for (name, number) in state[inode: folder].folder.live.sorted(by: { $0.key < $1.key }) {
                let inode = state[inode: number]
                if inode.isFolder {
                    lines.append("\(prefix)\(name)/")
                    visit(number, "\(prefix)\(name)/")
                } else {
                    lines.append("\(prefix)\(name) \(inode.file.live.byteCount)")
                }
            }
        }
        visit(DiskState.root, "")
        return lines.map { $0 + "\n" }.joined()
    }
}
