// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. Which forkctl this is.
import CBuildInformation
import ForkEngine

enum BuildVersion {
    static let number = "0.1.0"

    /// The version of the store's format that this build writes, and the newest that it reads.
    static let formatNumber = StoreLayout.formatVersion

    /// The commit it was built from; "unknown" where the build was not told.
    static var commit: String { String(cString: forkctl_build_commit()) }

    static var text: String { "forkctl \(number) (commit \(commit), format \(formatNumber))" }
}
