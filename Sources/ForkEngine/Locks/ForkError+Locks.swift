// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, locks. What is said of a lock that could not be had: by whom it is held.
package import SegmentStore

extension File {
    /// Who is in the way of a lock, as a subject: "process 12", "processes 12 and 15".
    package func lockHolderText(of range: Range<UInt64>, against mode: LockMode) -> String {
        let processes = lockHolders(of: range, against: mode).map { "\($0)" }
        guard let last = processes.last else { return "another process" }
        guard processes.count > 1 else { return "process \(last)" }
        return "processes " + processes.dropLast().joined(separator: ", ") + " and \(last)"
    }
}

extension ForkError {
    /// Nothing was begun, since `holder` has held a lock all the time, and should have let it go
    /// long ago.
    package static func stands(
        _ holder: String, _ work: String, milliseconds: Int
    ) -> ForkError {
        ForkError(
            .timedOut,
            "\(holder) \(work), and has held this up for \(milliseconds / 1_000) s: let it go on"
                + " or end it, and try again")
    }
}
