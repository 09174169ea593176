// SPDX-License-Identifier: Apache-2.0
// Other programs.
import Glibc

/// Runs a program to its end; its exit status, nil where it could not be run or was killed.
func spawn(_ arguments: [String], output: String? = nil) -> Int32? {
    let vector = arguments.map { strdup($0) } + [nil]
    defer { vector.forEach { free($0) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let output { posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY, 0) }
    var process = pid_t()
    guard posix_spawnp(&process, arguments[0], &actions, nil, vector, environ) == 0 else {
        return nil
    }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 { guard errno == EINTR else { return nil } }
    return status & 0x7f == 0 ? status >> 8 & 0xff : nil
}

func removeTree(_ path: String) { _ = spawn(["rm", "-rf", path]) }
