// SPDX-License-Identifier: Apache-2.0
// What one synced append to a journal costs, by how its space was made, alone and while an object
// of 20 MB is written on another thread, with and without early writeback.
import CProbes
import Glibc

struct JournalProbe {
    let folder: String

    private enum Space: String, CaseIterable {
        case writtenBefore = "space written before"
        case allocated = "space of fallocate"
        case growing = "growing file"
    }

    func run() {
        for (byteCount, rounds) in [(4096, 400), (240 * 1024, 80)] {
            let title = "append of \(byteCount / 1024) KiB"
            measure("\(title), alone", byteCount, rounds)
            for hints in [true, false] {
                let writer = ObjectWriter(folder: folder, hints: hints)
                measure(
                    "\(title), beside a 20 MB object \(hints ? "with" : "without") early writeback",
                    byteCount, rounds)
                let objects = writer.stop()
                print("  objects written meanwhile: \(objects)")
            }
        }
    }

    private func measure(_ title: String, _ byteCount: Int, _ rounds: Int) {
        var samples = Samples()
        var yardstick = Yardstick(folder: folder)
        let bytes = noise(byteCount)
        let written = RawFile("\(folder)/written")
        written.fill(byteCount: byteCount * rounds)
        let allocated = RawFile("\(folder)/allocated")
        _ = posix_fallocate(allocated.descriptor, 0, off_t(byteCount * rounds))
        _ = checked("fsync", fsync(allocated.descriptor))
        let growing = RawFile("\(folder)/growing")
        _ = checked("fsync", fsync(growing.descriptor))
        for round in 0..<rounds {
            samples.add("y", yardstick.measure())
            for space in Space.allCases {
                samples.add(
                    space.rawValue,
                    timed {
                        switch space {
                        case .writtenBefore:
                            written.write(bytes, at: round * byteCount)
                            written.sync()
                        case .allocated:
                            allocated.write(bytes, at: round * byteCount)
                            allocated.sync()
                        case .growing:
                            growing.write(bytes, at: round * byteCount)
                            growing.sync()
                        }
                    })
            }
        }
        samples.report(title)
        for name in ["written", "allocated", "growing", "yardstick"] { unlink("\(folder)/\(name)") }
    }
}

/// Writes objects of 20 MB one after the other until it is told to stop.
final class ObjectWriter: @unchecked Sendable {
    private let folder: String
    private let hints: Bool
    private var thread = pthread_t()
    /// Written by one thread, read by the other after the join; `isStopping` is only a hint.
    private nonisolated(unsafe) var isStopping = false
    private nonisolated(unsafe) var count = 0

    init(folder: String, hints: Bool) {
        self.folder = folder
        self.hints = hints
        let context = Unmanaged.passRetained(self).toOpaque()
        pthread_create(
            &thread, nil,
            { context in
                if let context {
                    Unmanaged<ObjectWriter>.fromOpaque(context).takeRetainedValue().write()
                }
                return nil
            }, context)
    }

    func stop() -> Int {
        isStopping = true
        pthread_join(thread, nil)
        return count
    }

    private func write() {
        let part = noise(1 << 20)
        while !isStopping {
            let file = RawFile("\(folder)/object")
            for index in 0..<20 {
                file.write(part, at: index << 20)
                if hints {
                    _ = probes_begin_writeback(file.descriptor, Int64(index) << 20, 1 << 20)
                }
            }
            file.sync()
            unlink("\(folder)/object")
            count += 1
            usleep(20_000)
        }
    }
}
