// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, words. Everything that a caller of the engine can be told, one sentence each.
public import SegmentStore

/// Why the engine did not do what was asked: a closed code for programs, a sentence for people.
///
/// The sentence says what happened, to what, and what to do. Whatever the code, the store is as
/// before or as after the operation, never between (invariant 8).
public struct ForkError: Error, Hashable, Sendable {
    /// The kinds of failure; the command line gives each its exit code.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// A malformed name, point, line, duration or combination of options.
        case invalid
        /// More than a documented limit allows.
        case tooLarge
        /// No such fork, stream, event, store or point.
        case notFound
        /// The fork's time is over; it takes no append and gives no view (invariant 9).
        case expired
        /// The name is taken, or the store exists.
        case alreadyExists
        /// The stream is not at the expected version.
        case wrongVersion
        /// Something changed underneath: the operation may be tried again.
        case changed
        /// Held by another process, which the sentence names.
        case busy
        /// Waited as long as asked.
        case timedOut
        /// Not allowed here: `main` dropped, a read-only folder, a refused file system.
        case denied
        /// The disk, or a quota, is full.
        case noSpace
        /// Bytes on disk are not what was written (invariant 10).
        case damaged
        /// The store was written by a newer format version.
        case newerFormat
        /// Some of what was asked was done, and the sentence says what.
        case partlyDone
        /// A call to the system failed in some other way.
        case system
    }

    public let code: Code
    public let message: String
    /// What failed below, where something did.
    public let underlying: StorageError?

    public init(_ code: Code, _ message: String, underlying: StorageError? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }
}

extension ForkError: CustomStringConvertible {
    public var description: String { message }
}

extension ForkError {
    /// Lifts a failure of the floor below, keeping its kind.
    public init(_ error: StorageError) {
        switch error {
        case .fileSystem where error.isNoSpace:
            self.init(
                .noSpace, "\(error): free space, or run 'forkctl drop' and 'forkctl gc'",
                underlying: error)
        case .fileSystem where error.isReadOnly:
            self.init(
                .denied, "\(error): forkctl needs a store it can write; copy it first",
                underlying: error)
        case .fileSystem, .poisoned:
            self.init(.system, "\(error)", underlying: error)
        case .damaged:
            self.init(
                .damaged, "\(error): run 'forkctl verify' to see what it touches",
                underlying: error)
        case .newerFormat:
            self.init(.newerFormat, "\(error)", underlying: error)
        case .limit:
            self.init(.tooLarge, "\(error)", underlying: error)
        }
    }
}

/// Runs work of the floor below, lifting what it throws.
@inlinable
package func lifting<Result: ~Copyable>(
    _ body: () throws(StorageError) -> Result
) throws(ForkError) -> Result {
    do throws(StorageError) {
        return try body()
    } catch {
        throw ForkError(error)
    }
}
