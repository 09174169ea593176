// SPDX-License-Identifier: Apache-2.0
// Floor: SegmentStore, file-system seam. Who holds a lock, for the sentence that says whom one
// waited for. The lock calls do not tell of locks of open files; /proc does, file by file.
import Glibc

extension RealFile {
    /// Of processes that this one may look at: none where it may not, or where /proc is missing.
    func lockHolders(of range: Range<UInt64>, against mode: LockMode) -> [Int32] {
        var own = stat()
        guard fstat(descriptor, &own) == 0 else { return [] }
        let ownPlace = "/proc/\(getpid())/fd/\(descriptor)"
        return Self.numbers(in: "/proc").filter { process in
            let folder = "/proc/\(process)"
            return Self.numbers(in: "\(folder)/fd").contains { number in
                let place = "\(folder)/fd/\(number)"
                var other = stat()
                guard place != ownPlace, stat(place, &other) == 0,
                    other.st_ino == own.st_ino, other.st_dev == own.st_dev
                else { return false }
                return HeldRange.all(at: "\(folder)/fdinfo/\(number)").contains {
                    $0.range.overlaps(range) && (mode == .exclusive || $0.isExclusive)
                }
            }
        }
    }

    /// The names in a folder that are numbers, in order; none where it cannot be read.
    private static func numbers(in folder: String) -> [Int32] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var numbers: [Int32] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) {
                    String(cString: $0)
                }
            }
            if let number = Int32(name) { numbers.append(number) }
        }
        return numbers.sorted()
    }
}

/// A lock of an open file, as the system shows it:
/// `lock:  1: OFDLCK ADVISORY  WRITE -1 fe:00:16220438 3 3`, whose last byte is `EOF` where it has
/// no end.
private struct HeldRange {
    let range: Range<UInt64>
    let isExclusive: Bool

    private init?(_ line: Substring) {
        let words = line.split { $0 == " " || $0 == "\t" }
        guard words.count >= 8, words[0] == "lock:",
            let first = UInt64(words[words.count - 2])
        else { return nil }
        let last = UInt64(words[words.count - 1]) ?? .max - 1
        guard first <= last, last < .max else { return nil }
        range = first..<last + 1
        isExclusive = words[4] == "WRITE"
    }

    static func all(at path: String) -> [HeldRange] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 8)
        defer { buffer.deallocate() }
        let count = max(0, read(descriptor, buffer.baseAddress, buffer.count))
        return String(decoding: buffer.prefix(count), as: UTF8.self).split(separator: "\n")
            .compactMap { HeldRange($0) }
    }
}
