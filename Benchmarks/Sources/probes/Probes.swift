// SPDX-License-Identifier: Apache-2.0
// Asks the machine the questions that the design rests on; docs/decisions/0001-probes.md has the
// answers. Raw system calls, so that nothing but the disk is measured, but for two that ask what
// was built since.
import Glibc

@main
enum Probes {
    static let usage = """
        usage: probes journal <folder>        append latency, alone and beside a 20 MB object
               probes first-event <folder>    the first event of a fork
               probes point-reads <folder>    dependent reads in a file of 1 GiB
               probes store-point-reads <folder>
                                              the same through stores of 10^6 and 10^7 streams
               probes create <folder> <forkctl>
                                              the command, by frames in the catalog's log
               probes full-disk <folder> <in-place|copied>
                                              fills the disk, then stores to a mapped file
               probes power-cut-write <folder> <kind> <round>
               probes power-cut-check <folder> <kind> <round>
               probes power-cut <mount point> stop the file system where it is (ext4, xfs)
        """

    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard let command = arguments.first, let folder = arguments.dropFirst().first else {
            print(usage)
            exit(64)
        }
        let rest = Array(arguments.dropFirst(2))
        switch (command, rest.count) {
        case ("journal", 0): JournalProbe(folder: folder).run()
        case ("first-event", 0): FirstEventProbe(folder: folder).run()
        case ("point-reads", 0): PointReadProbe(folder: folder).run()
        case ("store-point-reads", 0): try StorePointReadProbe(folder: folder).run()
        case ("create", 1): try CreateProbe(folder: folder, forkctl: rest[0]).run()
        case ("full-disk", 1): FullDiskProbe(folder: folder, inPlace: rest[0] == "in-place").run()
        case ("power-cut-write", 2): PowerCutProbe(folder, rest[0], rest[1]).write()
        case ("power-cut-check", 2): PowerCutProbe(folder, rest[0], rest[1]).check()
        case ("power-cut", 0): PowerCutProbe.cut(mountPoint: folder)
        default:
            print(usage)
            exit(64)
        }
    }
}
