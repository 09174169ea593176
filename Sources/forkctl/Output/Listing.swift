// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. One result or many, in whichever format was asked for.

/// The first two members of every JSON document that forkctl prints.
enum Envelope {
    static let apiVersion = "forkctl/v1"

    static func begin(_ kind: String, in json: inout JSONWriter) {
        json.member("apiVersion", apiVersion)
        json.member("kind", kind)
    }
}

/// Prints items as they come: rows of a table, an enveloped list, lines of NDJSON, or names.
struct Listing {
    /// How one kind of item is shown.
    struct Form<Item>: Sendable {
        /// The kind of one item, as in "Fork"; a list is a "ForkList".
        let kind: String
        let columns: [TableWriter.Column]
        let cells: @Sendable (Item) -> [String]
        let members: @Sendable (Item, inout JSONWriter) throws(CommandFailure) -> Void
        /// What `-o name` prints; nil where items have no name.
        var name: (@Sendable (Item) -> String)?
        /// What the document of a list says of all of them, before `items`.
        var listMembers: (@Sendable (inout JSONWriter) -> Void)?
    }

    /// Prints all items that `source` hands over.
    ///
    /// - Parameter source: calls its argument with each item, and returns the cursor at which
    ///   a next page begins; nil where there is none.
    static func print<Item>(
        _ form: Form<Item>, as format: OutputFormat, on console: Console,
        _ source: (_ item: (Item) throws(CommandFailure) -> Void) throws -> String?
    ) throws {
        switch format {
        case .table: try printTable(form, on: console, source)
        case .json: try printList(form, on: console, source)
        case .ndjson:
            var json = JSONWriter(on: console, layout: .line)
            let next = try source { (item) throws(CommandFailure) in
                try json.object { (json) throws(CommandFailure) in
                    try form.members(item, &json)
                }
                json.endText()
                try console.output.flushIfLarge()
            }
            try tell(next, on: console)
        case .name:
            let next = try source { (item) throws(CommandFailure) in
                console.output.print(form.name?(item) ?? "")
                try console.output.flushIfLarge()
            }
            try tell(next, on: console)
        }
    }

    private static func printTable<Item>(
        _ form: Form<Item>, on console: Console,
        _ source: (_ item: (Item) throws(CommandFailure) -> Void) throws -> String?
    ) throws {
        var table = TableWriter(form.columns, on: console)
        let next = try source { (item) throws(CommandFailure) in
            try table.row(form.cells(item))
        }
        try table.finish()
        try tell(next, on: console)
    }

    private static func printList<Item>(
        _ form: Form<Item>, on console: Console,
        _ source: (_ item: (Item) throws(CommandFailure) -> Void) throws -> String?
    ) throws {
        // The items are written between the halves of the document, so that none is held.
        var json = JSONWriter(on: console, layout: .indented)
        var failure: (any Error)?
        try json.object { (json) throws(CommandFailure) in
            Envelope.begin(form.kind + "List", in: &json)
            form.listMembers?(&json)
            var next: String?
            try json.array("items") { (json) throws(CommandFailure) in
                do {
                    next = try source { (item) throws(CommandFailure) in
                        try json.object { (json) throws(CommandFailure) in
                            try form.members(item, &json)
                        }
                        try console.output.flushIfLarge()
                    }
                } catch let ended as CommandFailure {
                    throw ended
                } catch {
                    failure = error
                }
            }
            if let next { json.member("next", next) } else { json.null("next") }
        }
        if let failure { throw failure }
        json.endText()
    }

    /// JSON lists carry the cursor themselves; elsewhere it is told to who watches.
    private static func tell(_ next: String?, on console: Console) throws(CommandFailure) {
        guard let next else { return }
        try console.output.flush()
        console.note("more: go on with --after \(next)")
    }
}
