// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. Parses, runs one command, and turns how it ended into an
// exit status and, where it failed, one sentence on standard error.
import ArgumentParser
import Glibc

@main
enum Main {
    static func main() {
        // Before anything else is opened; where even that fails nobody could be told.
        guard StandardDescriptors.fillGaps() else { exit(ExitStatus.other.rawValue) }
        // A reader that goes away shows as EPIPE in a write, which ends the command quietly.
        signal(SIGPIPE, SIG_IGN)
        // A limit on file sizes shows as an error of the write, which can be told.
        signal(SIGXFSZ, SIG_IGN)
        exit(run(Array(CommandLine.arguments.dropFirst())).rawValue)
    }

    private static func run(_ arguments: [String]) -> ExitStatus {
        if let fault = Arguments.fault() { return report(fault, on: Console()) }
        var parsed: any ParsableCommand
        do {
            parsed = try Forkctl.parseAsRoot(arguments)
        } catch {
            return report(parserError: error)
        }
        let console = Console()
        do {
            guard let command = parsed as? any ConsoleCommand else {
                try parsed.run()
                return .ok
            }
            let status = try command.run(on: console)
            try console.output.flush()
            return status
        } catch let failure as CommandFailure {
            return report(failure, on: console)
        } catch {
            // `forkctl` alone and `help` end as a request of the parser.
            if Forkctl.exitCode(for: error).isSuccess { return report(parserError: error) }
            return report(CommandFailure(error), on: console)
        }
    }

    /// Requests for help end well, on standard output; all else is a fault of usage.
    private static func report(parserError error: any Error) -> ExitStatus {
        let text = Forkctl.fullMessage(for: error)
        if Forkctl.exitCode(for: error).isSuccess {
            let console = Console()
            console.output.print(text)
            do throws(CommandFailure) {
                try console.output.flush()
                return .ok
            } catch {
                return report(error, on: console)
            }
        }
        Console().complain(ParserMessage(text).text)
        return .badInput
    }

    private static func report(_ failure: CommandFailure, on console: Console) -> ExitStatus {
        if failure.isClosedPipe { return .ok }
        if let fault = failure.outputFault, let done = console.done {
            console.complain("\(done); only the output could not be written: \(fault)")
            return .partlyDone
        }
        // What was printed before the failure is true: let it be read first. Where it cannot be
        // written either, the first failure is still the one to tell.
        do throws(CommandFailure) { try console.output.flush() } catch { console.output.discard() }
        console.complain(Arguments.cuttingLongValues(in: failure.sentence))
        return failure.status
    }
}
