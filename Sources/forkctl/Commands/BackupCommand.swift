// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line.
import ArgumentParser
import ForkEngine

struct BackupCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the store to a folder, or what is new since the last time.",
        discussion: """
            All forks as of one moment, while others write. DIR is new, empty, or holds an earlier \
            backup of this store; then only new objects and journals that have grown are copied. \
            Whenever it is cut short, DIR holds the backup before, whole. Every file is verified \
            while it is copied, and what is there already is read again: what has rotted is copied \
            anew. What 'repair' knows to be lost is carried as it is. 'gc' waits meanwhile; nobody \
            else does.

            Example:
              forkctl backup /mnt/backup/orders
              forkctl restore /mnt/backup/orders /var/lib/orders
            """)

    @Argument(help: "The backup's folder.", completion: .directory)
    var dir: String

    @OptionGroup
    var storeOptions: StoreOptions

    @OptionGroup
    var output: OutputOptions

    func run(on console: Console) throws -> ExitStatus {
        let format = try output.format(of: .table, .json)
        let store = try storeOptions.open()
        var bar = ProgressBar(unit: "files", byteCountTotal: nil, on: console)
        defer { bar.erase() }
        let report = try store.backUp(to: dir) { progress in
            bar.update(count: progress.fileCount, byteCount: progress.byteCount)
        }
        bar.erase()
        console.done = "the backup is made"
        try BackupForm(kind: "Backup", path: dir, report: report).print(format, on: console)
        return .ok
    }
}

struct RestoreCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Make a store of a backup.",
        discussion: """
            The store is the folder .forkctl in DIR, as 'init' makes it; one that is there is never \
            touched. Every file is verified while it is copied, and where one is damaged nothing \
            is made: 'backup' mends the backup. Where the store is gone, --accept-damage makes what \
            is left, and ends with status 12; then 'repair' says what is lost. The new store is \
            another one than that which was backed up: both may go on.

            Example:
              forkctl restore /mnt/backup/orders /var/lib/orders
            """)

    @Argument(help: "The backup's folder.", completion: .directory)
    var backup: String

    @Argument(help: "The folder to make the store in.", completion: .directory)
    var dir = "."

    @Flag(help: "Take damaged files of the backup as they are: 'repair' is to follow.")
    var acceptDamage = false

    @OptionGroup
    var output: OutputOptions

    func run(on console: Console) throws -> ExitStatus {
        let format = try output.format(of: .table, .json)
        var bar = ProgressBar(unit: "files", byteCountTotal: nil, on: console)
        defer { bar.erase() }
        let report = try Store.restore(
            from: backup, at: dir, acceptsDamage: acceptDamage
        ) { progress in
            bar.update(count: progress.fileCount, byteCount: progress.byteCount)
        }
        bar.erase()
        console.done = "the store is restored"
        let path = dir == "." ? StoreFolder.name : "\(dir)/\(StoreFolder.name)"
        try BackupForm(kind: "Restore", path: path, report: report).print(format, on: console)
        return report.damageCount > 0 ? .partlyDone : .ok
    }
}
