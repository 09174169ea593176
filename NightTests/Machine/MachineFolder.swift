// SPDX-License-Identifier: Apache-2.0
// NightTests, the real machine. A folder for one run, removed with its last reference.
import Glibc

/// A folder for one run, in memory where there is /dev/shm, else in /tmp.
final class MachineFolder: Sendable {
    let path: String

    init(inMemory: Bool = true) throws(MachineFailure) {
        let parent = inMemory && access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        var template = Array("\(parent)/forkctl-machine-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw MachineFailure("no folder can be made in \(parent): error \(errno)")
        }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// A folder in this one.
    func folder(_ name: String) throws(MachineFailure) -> String {
        let folder = "\(path)/\(name)"
        guard mkdir(folder, 0o755) == 0 || errno == EEXIST else {
            throw MachineFailure("\(folder) cannot be made: error \(errno)")
        }
        return folder
    }

    /// Copies a whole folder to `name` in this one.
    func copy(_ source: String, to name: String) throws(MachineFailure) -> String {
        let target = "\(path)/\(name)"
        try Program(arguments: ["/bin/cp", "-r", source, target], folder: path).succeed()
        return target
    }

    /// What cannot be removed stays: it is no failure of what was tested.
    static func remove(_ path: String) {
        var process: pid_t = 0
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("rm"), strdup("-rf"), strdup(path)]
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        guard posix_spawn(&process, "/bin/rm", nil, nil, &arguments, environ) == 0 else { return }
        var status: Int32 = 0
        waitpid(process, &status, 0)
    }

    deinit { Self.remove(path) }
}
