// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. The exit statuses, which scripts rely on.

/// How a command ended. The numbers are a promise.
enum ExitStatus: Int32, CaseIterable {
    case ok = 0
    /// `diff --exit-code`: the sides differ.
    case differs = 1
    /// Waited as long as `--wait` allowed.
    case timedOut = 2
    /// Wrong usage or bad input: a malformed line, name, duration or point, something too large.
    case badInput = 3
    /// Not authenticated.
    case notAuthenticated = 4
    /// Denied, protected or read-only.
    case denied = 5
    /// Not found, or expired.
    case notFound = 6
    /// A taken name, an existing store, a wrong version, a plan that is stale.
    case conflict = 7
    /// A quota is used up, or the disk is full.
    case noSpace = 8
    /// Held by another process.
    case busy = 9
    /// Bytes on disk are not what was written.
    case damaged = 10
    /// Anything else, such as an interruption before anything was done.
    case other = 11
    /// Some of what was asked was done; or all of it, and only the output could not be written.
    case partlyDone = 12
}
