// SPDX-License-Identifier: Apache-2.0
// Which check catches which planted fault: all against all. Minutes; asked for by FORKCTL_MATRIX=1.
import ForkTesting
import Foundation
import Testing

@Suite struct SabotageMatrixTests {
    @Test(.enabled(if: ProcessInfo.processInfo.environment["FORKCTL_MATRIX"] != nil))
    func everyFaultIsCaughtByItsOwnCheck() throws {
        for fault in Sabotage.allCases {
            var catchers: [String] = []
            for check in RuleCheck.all {
                let world = try RuleWorld(fault)
                let isCaught = check.verdict(in: world) != nil && world.saboteur.strikeCount > 0
                if isCaught { catchers.append(check.name) }
                #expect(isCaught || !check.faults.contains(fault), "\(check.name): \(fault)")
            }
            print("\(fault.rawValue): \(catchers.count)")
            for catcher in catchers { print("    \(catcher)") }
        }
    }
}
