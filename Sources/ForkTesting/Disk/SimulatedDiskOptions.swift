// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, simulated disk. What kind of disk it is.

package struct SimulatedDiskOptions: Sendable {
    /// ENOSPC beyond this; nil without limit. Counted in pages of 4 KiB, one of them for each file
    /// and folder.
    package var byteCountMax: Int?

    /// Whether a sync of a file also makes durable that it has the names given to it since, as
    /// ext4, xfs and btrfs do in practice and POSIX does not promise.
    package var fileSyncKeepsNewNames = false

    package init(byteCountMax: Int? = nil, fileSyncKeepsNewNames: Bool = false) {
        self.byteCountMax = byteCountMax
        self.fileSyncKeepsNewNames = fileSyncKeepsNewNames
    }

    var pageCountMax: Int? { byteCountMax.map { $0 / SimulatedPage.byteCount } }
}
