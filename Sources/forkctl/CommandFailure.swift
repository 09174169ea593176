// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. A failed command: its sentence and its exit status.
import ForkEngine
import SegmentStore

struct CommandFailure: Error {
    let status: ExitStatus
    /// What happened, to what, and what to do.
    let sentence: String
    /// The reader of standard output went away: no failure, nothing to say.
    let isClosedPipe: Bool
    /// Why the output could not be written, where only that failed: what was done before is done.
    let outputFault: String?

    init(_ status: ExitStatus, _ sentence: String, outputFault: String? = nil) {
        self.status = status
        self.sentence = sentence
        isClosedPipe = false
        self.outputFault = outputFault
    }

    private init(closedPipe: Void) {
        status = .ok
        sentence = ""
        isClosedPipe = true
        outputFault = nil
    }

    static let closedPipe = CommandFailure(closedPipe: ())

    /// A failure of usage that the parser cannot see.
    static func usage(_ sentence: String) -> CommandFailure { CommandFailure(.badInput, sentence) }
}

extension CommandFailure {
    /// Any error that a command may end with.
    init(_ error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let error as ForkError: self.init(error)
        case let error as TextError: self.init(.badInput, error.sentence)
        case let error as StorageError: self.init(error)
        default: self.init(.other, "\(error)")
        }
    }

    init(_ error: ForkError) {
        let status: ExitStatus =
            switch error.code {
            case .invalid, .tooLarge: .badInput
            case .notFound, .expired: .notFound
            case .alreadyExists, .wrongVersion, .changed: .conflict
            case .busy: .busy
            case .timedOut: .timedOut
            case .denied: .denied
            case .noSpace: .noSpace
            case .damaged: .damaged
            case .partlyDone: .partlyDone
            case .newerFormat, .system: .other
            }
        self.init(status, error.message)
    }

    private init(_ error: StorageError) {
        let status: ExitStatus =
            switch error {
            case .damaged: .damaged
            case .fileSystem where error.isNoSpace: .noSpace
            case .fileSystem where error.isReadOnly: .denied
            case .fileSystem, .poisoned, .newerFormat: .other
            case .limit: .badInput
            }
        self.init(status, "\(error)")
    }
}
