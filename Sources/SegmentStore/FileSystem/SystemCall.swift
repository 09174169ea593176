// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, file-system seam. The one place where a result of -1 becomes an error.
import Glibc

/// Makes a system call, again while a signal interrupts it, and throws its errno.
@inline(__always)
@discardableResult
func systemCall<Number: SignedInteger>(
    _ operation: StaticString, on path: @autoclosure () -> String, _ call: () -> Number
) throws(StorageError) -> Number {
    while true {
        let result = call()
        if result >= 0 { return result }
        let code = errno
        if code != EINTR { throw .failed(operation, on: path(), code: code) }
    }
}

extension StorageError {
    static func failed(_ operation: StaticString, on path: String, code: Int32) -> StorageError {
        .fileSystem(FileSystemFailure(operation: "\(operation)", path: path, code: code))
    }
}
