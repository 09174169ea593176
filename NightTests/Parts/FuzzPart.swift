// SPDX-License-Identifier: Apache-2.0
// forknight: the decoders of hostile bytes under libFuzzer and the address sanitizer (invariant 6).
import ForkTesting
import Glibc

/// A sitting of one decoder a round, over the corpus that `make fuzz` and other rounds have left.
struct FuzzPart: NightPart {
    let name = "fuzz"
    let unit = "runs"
    /// On every change `DecoderTests` runs the corpus.
    let onChange = NightGoal.nothing
    /// 20,000,000 of each decoder.
    let atNight = NightGoal.units(20_000_000 * Decoder.allCases.count)

    private static let runCount = 100_000
    private static let secondsMax = 45

    /// Where `Scripts/fuzz` builds and keeps what it learns, in a folder around this program.
    private static let folder: String? = {
        var parts = Program.own.split(separator: "/")
        while !parts.isEmpty {
            parts.removeLast()
            let folder = parts.map { "/\($0)" }.joined() + "/.build-fuzz"
            if access("\(folder)/build/release/forkfuzz", X_OK) == 0 { return folder }
        }
        return nil
    }()

    func obstacle() -> String? {
        Self.folder == nil ? "forkfuzz is not built: Scripts/fuzz --build" : nil
    }

    func run(_ number: UInt64) throws -> NightTally {
        let decoders = Decoder.allCases
        return try run(decoders[Int(number % UInt64(decoders.count))].rawValue, seed: number + 1)
    }

    /// Runs a decoder; what crashed it is kept, and named in the failure.
    func run(_ decoder: String, seed: UInt64) throws -> NightTally {
        guard let folder = Self.folder else { throw NightFailure(obstacle() ?? "") }
        let work = try MachineFolder()
        defer { withExtendedLifetime(work) {} }
        for kept in ["corpus", "crashes"] { mkdir("\(folder)/\(kept)", 0o755) }
        let corpus = "\(folder)/corpus/\(decoder)"
        mkdir(corpus, 0o755)
        let outcome = try Program(
            arguments: [
                "/usr/bin/env", "ASAN_OPTIONS=detect_leaks=0",
                "\(folder)/build/release/forkfuzz", decoder, "-runs=\(Self.runCount)",
                "-max_total_time=\(Self.secondsMax)", "-seed=\(seed)", "-max_len=4096",
                "-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1",
                "-artifact_prefix=\(folder)/crashes/\(decoder)-", corpus,
            ], folder: work.path
        ).run()
        let lines = outcome.error.split(separator: "\n")
        guard outcome.ending == .exited(0),
            let told = lines.first(where: { $0.hasPrefix("stat::number_of_executed_units:") }),
            let count = told.split(separator: " ").last.flatMap({ Int($0) })
        else {
            let reasons = lines.filter {
                $0.contains("Fatal error") || $0.contains("SUMMARY")
                    || $0.contains("Test unit written")
            }
            throw NightFailure(
                "\(decoder): \(outcome.ending): \(reasons.joined(separator: "; "))")
        }
        var tally = NightTally()
        tally.units = count
        tally.count(decoder, count)
        return tally
    }
}
