// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. `--store`: where the store lies.
import ArgumentParser
import ForkEngine
import Glibc

struct StoreOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The store's folder, or the folder that holds it.",
            discussion: "Default: FORKCTL_STORE, else the nearest .forkctl upward.",
            valueName: "dir"),
        completion: .directory)
    var store: String?

    /// The store's folder, which exists.
    func folder() throws(CommandFailure) -> String {
        if let store {
            guard !store.isEmpty else {
                throw .usage(
                    "--store is empty: name a folder, or leave it out for the nearest store")
            }
            return try StoreFolder.found(at: store, namedBy: "--store")
        }
        if let store = Console.environment("FORKCTL_STORE") {
            return try StoreFolder.found(at: store, namedBy: "FORKCTL_STORE")
        }
        return try StoreFolder.foundUpward(from: ".")
    }

    func open() throws -> Store { try Store.open(at: try folder()) }
}

/// Finds stores by their folder's name and the file `format` in it.
enum StoreFolder {
    static let name = StoreLayout.folder
    private static let mark = StoreLayout.format

    /// `path` where it is a store, or the store that it holds.
    static func found(at path: String, namedBy source: String) throws(CommandFailure) -> String {
        if try isStore(path) { return path }
        let inner = joined(path, name)
        if try isStore(inner) { return inner }
        for folder in [path, inner] where isNameless(folder) { throw nameless(folder) }
        throw CommandFailure(
            .notFound,
            "\(path) (\(source)) is no store and holds none: 'forkctl init \(path)' makes one")
    }

    /// The store in folder `start`, or in the nearest folder above it.
    static func foundUpward(from start: String) throws(CommandFailure) -> String {
        var folder = start
        var seen = identity(of: folder)
        while true {
            let candidate = joined(folder, name)
            if try isStore(candidate) { return candidate }
            if isNameless(candidate) { throw nameless(candidate) }
            folder = joined(folder, "..")
            // Above the root is the root again.
            let parent = identity(of: folder)
            guard let parent, parent != seen else { break }
            seen = parent
        }
        throw CommandFailure(
            .notFound,
            "no store in this folder or above it: 'forkctl init' makes one, --store or"
                + " FORKCTL_STORE names one elsewhere")
    }

    /// Whether a folder has all that makes a store but its file `format`.
    private static func isNameless(_ folder: String) -> Bool {
        let parts = [StoreLayout.catalog, StoreLayout.objects, StoreLayout.journals]
        return identity(of: joined(folder, mark)) == nil
            && parts.allSatisfy { identity(of: joined(folder, $0)) != nil }
    }

    private static func nameless(_ folder: String) -> CommandFailure {
        CommandFailure(
            .damaged,
            "the store '\(folder)' has lost its file '\(mark)': make it again with the line"
                + " '\(StoreLayout.formatLine.dropLast())'")
    }

    /// Only what is known to be missing is missing: a disk that answers otherwise may hold a store.
    private static func isStore(_ folder: String) throws(CommandFailure) -> Bool {
        let path = joined(folder, mark)
        var status = stat()
        if stat(path, &status) == 0 { return status.st_mode & S_IFMT == S_IFREG }
        let code = errno
        switch code {
        case ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG: return false
        // Above this folder lies what is nobody's business here.
        case EACCES: return false
        default:
            throw CommandFailure(
                .other,
                "whether there is a store at '\(folder)' cannot be told: "
                    + String(cString: strerror(code)))
        }
    }

    private struct Identity: Equatable {
        let device: UInt
        let number: UInt
    }

    private static func identity(of folder: String) -> Identity? {
        var status = stat()
        guard stat(folder, &status) == 0 else { return nil }
        return Identity(device: UInt(status.st_dev), number: UInt(status.st_ino))
    }

    private static func joined(_ folder: String, _ name: String) -> String {
        folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }
}
