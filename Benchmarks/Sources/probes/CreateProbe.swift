// SPDX-License-Identifier: Apache-2.0
// What `forkctl create` costs as a process of its own, by the frames that stand in the catalog's
// log: who opens the catalog alone reads all of them.
import ForkEngine
import Glibc

struct CreateProbe {
    let folder: String
    /// The path of the command, linked statically (`make release`).
    let forkctl: String

    /// So many leave about 400 frames, when a checkpoint is due.
    private static let createCount = 105

    func run() throws {
        var samples = Samples()
        var yardstick = Yardstick(folder: folder)
        for round in 0..<8 {
            let path = "\(folder)/alone-\(round)"
            _ = try Store.initialize(at: path)
            measure(path, "alone", &samples, &yardstick)
            let other = "\(folder)/beside-\(round)"
            let store = try Store.initialize(at: other)
            withExtendedLifetime(store) {
                measure(
                    other, "beside a process that has the store open", &samples, &yardstick)
            }
            removeTree(path)
            removeTree(other)
        }
        samples.report("forkctl create")
        unlink("\(folder)/yardstick")
    }

    private func measure(
        _ path: String, _ title: String, _ samples: inout Samples, _ yardstick: inout Yardstick
    ) {
        for number in 0..<Self.createCount {
            samples.add("y", yardstick.measure())
            samples.add("forkctl version", timed { run([forkctl, "version"]) })
            let frames = frameCount(of: "\(path)/.forkctl/catalog-wal")
            let time = timed { run([forkctl, "create", "run-\(number)", "--store", path]) }
            for range in [0..<40, 180..<220, 355..<395] where range.contains(frames) {
                samples.add(
                    "create, \(title), \(range.lowerBound) to \(range.upperBound) frames", time)
            }
        }
    }

    private func run(_ arguments: [String]) {
        guard let status = spawn(arguments, output: "/dev/null"), status == 0 else {
            print("\(arguments.joined(separator: " ")) failed")
            exit(1)
        }
    }

    /// The frames of a log that were written since it was last begun: those that bear its salts.
    private func frameCount(of path: String) -> Int {
        let file = RawFile(path, O_RDONLY | O_CLOEXEC)
        let (headByteCount, frameHeadByteCount) = (32, 24)
        let head = file.read(byteCount: headByteCount, at: 0)
        guard head.count == headByteCount else { return 0 }
        let pageByteCount = head[8..<12].reduce(0) { $0 << 8 | Int($1) }
        let salts = head[16..<24]
        var count = 0
        while true {
            let offset = headByteCount + count * (frameHeadByteCount + pageByteCount)
            let frame = file.read(byteCount: frameHeadByteCount, at: offset)
            guard frame.count == frameHeadByteCount, frame[8..<16].elementsEqual(salts) else {
                return count
            }
            count += 1
        }
    }
}
