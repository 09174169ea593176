// SPDX-License-Identifier: Apache-2.0
// forknight: the figures of docs/reliability.md as one program: `--change` for every change, `--night`
// for a long night that may be stopped and gone on with.
import Glibc

@main
enum Main {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if let status = MachineRole.play(arguments) { exit(status) }
        do {
            exit(try run(NightOptions(arguments)))
        } catch {
            Descriptors.write("forknight: \(error)\n", to: 2)
            exit(2)
        }
    }

    private static func run(_ options: NightOptions) throws -> Int32 {
        switch options.action {
        case .worker:
            try WorkerLoop.run()
            return 0
        case .replay(let name): return replay(name)
        case .list:
            for part in NightParts.all { print(part.name) }
            return 0
        case .run: return try Conductor(options).run()
        }
    }

    private static func replay(_ name: RoundName) -> Int32 {
        let tally = name.run { part, round throws in try part.replay(round) }
        for failure in tally.failures { print(failure) }
        print("\(name.text): \(tally.units) units, \(tally.failures.count) failures")
        return tally.failures.isEmpty ? 0 : 1
    }
}
