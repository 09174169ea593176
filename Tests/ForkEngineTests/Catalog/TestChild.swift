// SPDX-License-Identifier: Apache-2.0
// Runs one test of this binary as a process of its own, so that it can be traced and killed.
import Glibc

enum TestChild {
    /// Set in a child: the folder that its parent made for it.
    static let folderVariable = "FORKCTL_TEST_CHILD_FOLDER"

    static var folder: String? { getenv(folderVariable).map { String(cString: $0) } }

    /// Starts the tests whose function is named `function`; through `tracer`, a command line
    /// that takes the child's behind its own. What the child prints goes to `folder`/output.
    static func start(
        _ function: String, folder: String, through tracer: [String] = []
    ) throws -> pid_t {
        let command =
            tracer + [
                "/proc/self/exe", "--testing-library", "swift-testing", "--filter", function,
            ]
        // The child's own image: a tracer is another one.
        let image = try realPath("/proc/self/exe")
        var words = command.map { strdup($0 == "/proc/self/exe" ? image : $0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = [strdup("\(folderVariable)=\(folder)")]
        for name in ["PATH", "HOME", "LD_LIBRARY_PATH", "TMPDIR"] {
            if let value = getenv(name) {
                variables.append(strdup("\(name)=\(String(cString: value))"))
            }
        }
        variables.append(nil)
        defer { for text in words + variables { free(text) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let flags = O_WRONLY | O_CREAT | O_APPEND
        posix_spawn_file_actions_addopen(&actions, 1, folder + "/output", flags, 0o644)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var child: pid_t = 0
        let code = posix_spawnp(
            &child, command[0] == "/proc/self/exe" ? image : command[0], &actions, nil, &words,
            &variables)
        guard code == 0 else { throw Failure(call: "posix_spawnp", code: code) }
        return child
    }

    /// The exit status; nil where a signal ended the child.
    static func wait(for child: pid_t) throws -> Int32? {
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 {
            guard errno == EINTR else { throw Failure(call: "waitpid", code: errno) }
        }
        return status & 0x7f == 0 ? (status >> 8) & 0xff : nil
    }

    /// Whether a command is there to be run.
    static func finds(_ command: String) -> Bool {
        let folders = getenv("PATH").map { String(cString: $0) } ?? ""
        return folders.split(separator: ":").contains { access("\($0)/\(command)", X_OK) == 0 }
    }

    static func text(of path: String) throws -> String {
        guard let file = fopen(path, "r") else { throw Failure(call: "fopen", code: errno) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(contentsOf: buffer[..<count])
        }
    }

    private static func realPath(_ path: String) throws -> String {
        guard let resolved = realpath(path, nil) else {
            throw Failure(call: "realpath", code: errno)
        }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    struct Failure: Error {
        var call: String
        var code: Int32
    }
}
