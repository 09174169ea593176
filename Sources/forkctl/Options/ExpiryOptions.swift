// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. How long a new fork lives: at most one of three options.
import ArgumentParser
import ForkEngine
import SegmentStore

struct ExpiryOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Expire so long from now: 90s, 15m, 1d12h, 2w.", valueName: "duration"),
        transform: { try DurationText.parse($0) })
    var ttl: Duration?

    @Option(
        help: ArgumentHelp(
            "Expire at this time (2026-10-01T12:00:00Z) or date (UTC).", valueName: "time"),
        transform: { try Instant.parse($0) })
    var expiresAt: Timestamp?

    @Flag(help: "Never expire. This is the default.")
    var noExpiry = false

    private var count: Int {
        (ttl == nil ? 0 : 1) + (expiresAt == nil ? 0 : 1) + (noExpiry ? 1 : 0)
    }

    /// Whether any of them was given.
    var isGiven: Bool { count > 0 }

    func validate() throws {
        if count > 1 {
            throw ValidationError("give one of --ttl, --expires-at and --no-expiry")
        }
    }

    func expiry() throws(CommandFailure) -> Expiry {
        if let expiresAt { return .at(expiresAt) }
        guard let ttl else { return .never }
        // A duration as text is whole seconds, of which 64 bits of nanoseconds hold all.
        guard let seconds = UInt64(exactly: ttl.components.seconds) else {
            throw .usage("a time to live is not negative")
        }
        return .after(nanoseconds: seconds * 1_000_000_000)
    }
}
