// SPDX-License-Identifier: Apache-2.0
// forkbench: the costs that must not grow, as ratios within one run (docs/performance.md).
import Glibc

@main
enum Main {
    static func main() {
        do {
            let options = try Options(CommandLine.arguments.dropFirst())
            let scratch = try Scratch(folder: options.folder)
            let report = try run(options, scratch)
            scratch.remove()
            if let path = options.json { try report.writeJSON(to: path) }
            exit(report.finish() ? 0 : 1)
        } catch {
            Console.line("forkbench: \(error)")
            exit(2)
        }
    }

    private static func run(_ options: Options, _ scratch: Scratch) throws -> Report {
        do {
            var report = Report(options, try Yardstick(folder: scratch.folder))
            let stores = try BaseStores(options, scratch)
            // The differences are first: they leave the stores' heads where they are.
            try report.measure(DiffGroup(stores))
            try report.measure(ForkGroup(stores, options, scratch))
            try report.measure(DepthGroup(options, scratch))
            return report
        } catch {
            scratch.remove()
            throw error
        }
    }
}
