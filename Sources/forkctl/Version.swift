// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. Which forkctl this is.
import CBuildInformation

enum Version {
    static let number = "0.1.0"

    /// The version of the store's format that this build writes, and the newest that it reads.
    static let formatNumber = 1

    /// The commit it was built from; "unknown" where the build was not told.
    static var commit: String { String(cString: forkctl_build_commit()) }

    static var text: String { "forkctl \(number) (commit \(commit), format \(formatNumber))" }
}
