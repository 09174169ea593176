// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. Forks in the order in which a tree of them is drawn.
import ForkEngine

/// Every fork behind its parent, siblings in the order of their creation. Built without recursion:
/// chains of forks may be as deep as anybody makes them.
struct ForkTree {
    struct Node {
        let fork: ForkDescription
        let depth: Int
        /// What stands left of the name.
        let indent: String
    }

    private(set) var nodes: [Node] = []

    /// `forks`: in the order of their creation.
    init(_ forks: [ForkDescription]) {
        let known = Set(forks.map(\.id))
        var children: [ForkID: [ForkDescription]] = [:]
        var roots: [ForkDescription] = []
        for fork in forks {
            if let parent = fork.parent, known.contains(parent) {
                children[parent, default: []].append(fork)
            } else {
                roots.append(fork)
            }
        }
        // The next to be drawn is the last.
        var stack = roots.reversed().map { Pending(fork: $0, depth: 0, margin: "", isLast: true) }
        while let next = stack.popLast() {
            let isRoot = next.depth == 0
            let branch = isRoot ? "" : next.isLast ? "└─ " : "├─ "
            nodes.append(Node(fork: next.fork, depth: next.depth, indent: next.margin + branch))
            let margin = isRoot ? "" : next.margin + (next.isLast ? "   " : "│  ")
            let own = children[next.fork.id] ?? []
            for (index, child) in own.enumerated().reversed() {
                stack.append(
                    Pending(
                        fork: child, depth: next.depth + 1, margin: margin,
                        isLast: index == own.count - 1))
            }
        }
    }

    private struct Pending {
        let fork: ForkDescription
        let depth: Int
        let margin: String
        let isLast: Bool
    }
}
