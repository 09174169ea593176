// SPDX-License-Identifier: Apache-2.0
// What the first event of a fork costs: its journal is a new file.
import Glibc

struct FirstEventProbe {
    let folder: String

    func run() {
        var samples = Samples()
        var yardstick = Yardstick(folder: folder)
        let bytes = noise(4096)
        let rounds = 300
        let home = "\(folder)/journals"
        mkdir(home, 0o755)
        for index in 0..<rounds {
            let spare = RawFile("\(home)/spare.\(index)")
            spare.fill(byteCount: 4096)
        }
        syncFolder(home)
        syncFolder(folder)
        for round in 0..<rounds {
            samples.add("y", yardstick.measure())
            samples.add(
                "new file, write, sync",
                timed {
                    let file = RawFile("\(home)/new.\(round)")
                    file.write(bytes, at: 0)
                    file.sync()
                })
            samples.add(
                "new file, write, sync, folder sync",
                timed {
                    let file = RawFile("\(home)/both.\(round)")
                    file.write(bytes, at: 0)
                    file.sync()
                    syncFolder(home)
                })
            samples.add(
                "spare renamed, write, sync",
                timed {
                    _ = checked(
                        "rename", rename("\(home)/spare.\(round)", "\(home)/used.\(round)"))
                    let file = RawFile("\(home)/used.\(round)", O_RDWR | O_CLOEXEC)
                    file.write(bytes, at: 0)
                    file.sync()
                })
        }
        samples.report("first event of a fork")
        for round in 0..<rounds {
            for name in ["new", "both", "used"] { unlink("\(home)/\(name).\(round)") }
        }
        rmdir(home)
        unlink("\(folder)/yardstick")
    }
}
