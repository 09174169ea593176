// SPDX-License-Identifier: Apache-2.0
// What the judge of failing commands takes for one sentence.
import Testing

@testable import forknight

@Suite struct ToldFailureTests {
    private func isTold(_ name: String, _ status: Int32, _ error: String, _ output: String = "")
        throws -> Bool
    {
        let command = try #require(InjectionCommand.all.first { $0.name == name })
        return command.isTold(
            ProgramOutcome(waitStatus: status << 8, output: output, error: error), status)
    }

    @Test func aFailureIsOneSentence() throws {
        #expect(try isTold("append next", 11, "error: no\n"))
        for wrong in [
            "", "error: no", "no\n", "error: no\nerror: nor\n", "error: no\nmore\n", "\n",
        ] {
            #expect(try !isTold("append next", 11, wrong), "\(wrong)")
        }
    }

    @Test func onlyWhatACommandTellsAlwaysMayStandBeside() throws {
        #expect(try isTold("export", 11, "reading doomed@1103\nerror: no\n"))
        #expect(try !isTold("list", 11, "reading doomed@1103\nerror: no\n"))
        #expect(try !isTold("export", 11, "reading doomed@1103\n"))
    }

    @Test func aVerificationTellsOfDamageInItsReport() throws {
        let report = "damaged: journals/1\n1 fork, 2 objects, 1 journal: 1 damage found\n"
        #expect(try isTold("verify", 10, "", report))
        #expect(try isTold("verify", 10, "nothing reaches 1 file: 'forkctl gc'\n", report))
        #expect(try isTold("verify", 10, "error: the catalog is damaged\n"))
        #expect(try !isTold("verify", 11, "", report))
        #expect(try !isTold("verify", 10, "", "all is well\n"))
        #expect(try !isTold("verify", 10, "what else\n", report))
        #expect(try !isTold("list", 10, "", report))
    }
}
