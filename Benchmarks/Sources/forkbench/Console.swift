// SPDX-License-Identifier: Apache-2.0
// forkbench: lines that are out at once, also where the output is a file, and numbers in them.
import Glibc

enum Console {
    static func line(_ text: String) {
        let bytes = Array((text + "\n").utf8)
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                write(1, $0.baseAddress.map { $0 + done }, bytes.count - done)
            }
            guard count > 0 else { return }
            done += count
        }
    }
}

extension Double {
    /// With so many digits after the point.
    func text(_ digitCount: Int = 1) -> String {
        guard isFinite else { return "-" }
        var unit = 1
        for _ in 0..<digitCount { unit *= 10 }
        let scaled = Int((self * Double(unit)).rounded())
        if digitCount == 0 { return "\(scaled)" }
        let fraction = String(scaled % unit)
        let zeros = String(repeating: "0", count: digitCount - fraction.count)
        return "\(scaled / unit).\(zeros)\(fraction)"
    }
}

extension Int {
    /// With a comma before each three digits.
    var grouped: String {
        var digits = String(self)
        var index = digits.endIndex
        while digits.distance(from: digits.startIndex, to: index) > 3 {
            index = digits.index(index, offsetBy: -3)
            digits.insert(",", at: index)
        }
        return digits
    }
}

extension String {
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, width - count))
    }

    func rightAligned(in width: Int) -> String {
        String(repeating: " ", count: Swift.max(0, width - count)) + self
    }
}
