// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting. Backups, restores and repairs, cut short at every call that changes the disk they
// write to: what they were made of is there still, or what they make is (invariant 8).
import SegmentStore

/// One of them, with what is there before it.
package struct MaintenanceScript: Sendable, CustomStringConvertible {
    package let description: String
    /// `fault`: what is put wrong on purpose, on the disk that is written.
    let body: @Sendable (_ explorer: CrashExplorer, _ fault: Fault?) throws -> CrashReport

    /// Explores the script; throws what the first failing check found.
    @discardableResult
    package func explore(
        _ explorer: CrashExplorer, planting fault: Fault? = nil
    ) throws -> CrashReport {
        try body(explorer, fault)
    }

    package static let all = backups + [restore] + repairs

    /// The script of this name, of those in `all`.
    package static func named(_ description: String) throws -> MaintenanceScript {
        guard let found = all.first(where: { $0.description == description }) else {
            throw WorldError("no script is called '\(description)'")
        }
        return found
    }
}

/// Images that were checked, each once with what was allowed there.
final class CheckedImages {
    private var checked: Set<UInt64> = []
    private var fingerprints: Set<UInt64> = []

    var count: Int { checked.count }

    func isNew(_ print: UInt64, isDone: Bool) -> Bool {
        fingerprints.insert(print)
        return checked.insert(mixed(print, isDone ? 1 : 0)).inserted
    }

    /// The report, with what was checked.
    func completing(_ report: CrashReport) -> CrashReport {
        var report = report
        report.checkedStates = checked.count
        report.fingerprints = fingerprints
        return report
    }
}
