// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line.
import ArgumentParser
import ForkEngine
import SegmentStore

struct TreeCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "tree",
        abstract: "Show which fork was made from which.",
        discussion: """
            A fork whose parent is gone stands at the left edge: it goes on by itself.

            Example:
              forkctl tree
            """)

    @OptionGroup
    var storeOptions: StoreOptions

    @OptionGroup
    var output: OutputOptions

    func run(on console: Console) throws -> ExitStatus {
        let format = try output.format(of: .table, .json, .name)
        let store = try storeOptions.open()
        let tree = ForkTree(try ForkSelection(store: store).all())
        switch format {
        case .json:
            try printJSON(tree, on: console)
        case .name:
            for node in tree.nodes { console.output.print(node.fork.name) }
        case .table, .ndjson:
            for node in tree.nodes {
                console.output.print(node.indent + text(of: node.fork))
                try console.output.flushIfLarge()
            }
        }
        return .ok
    }

    private func text(of fork: ForkDescription) -> String {
        var text = fork.name
        if fork.parent != nil {
            let place = fork.parentName == nil ? "parent gone, at \(fork.base)" : "@\(fork.base)"
            text += " (\(place), \(Quantity.count(fork.ownEventCount, "own event")))"
        } else {
            text += " (\(Quantity.count(fork.ownEventCount, "event")))"
        }
        return fork.state == .expired ? "\(text) expired" : text
    }

    private func printJSON(_ tree: ForkTree, on console: Console) throws(CommandFailure) {
        var json = JSONWriter(on: console, layout: .indented)
        try json.object { (json) throws(CommandFailure) in
            Envelope.begin("ForkNodeList", in: &json)
            try json.array("items") { (json) throws(CommandFailure) in
                for node in tree.nodes {
                    try json.object { (json) throws(CommandFailure) in
                        try ForkForm.members(of: node.fork, in: &json)
                        json.member("depth", UInt64(node.depth))
                    }
                    try console.output.flushIfLarge()
                }
            }
            json.null("next")
        }
        json.endText()
    }
}
