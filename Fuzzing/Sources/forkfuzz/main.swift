// SPDX-License-Identifier: Apache-2.0
// forkfuzz: one decoder, named by the first argument, under libFuzzer, whose own arguments follow.
import ForkTesting
import Glibc

/// With the name "canary" whatever begins with an "f" fails, so that failures are seen to be told.
let isCanary = CommandLine.arguments.dropFirst().first == "canary"

private func decoder(named name: String) -> Decoder {
    if isCanary { return .base64 }
    if let decoder = Decoder(rawValue: name) { return decoder }
    for decoder in Decoder.allCases { print(decoder.rawValue) }
    exit(name == "--list" ? 0 : 64)
}

let fuzzed = decoder(named: CommandLine.arguments.dropFirst().first ?? "")

@_silgen_name("LLVMFuzzerRunDriver")
func runDriver(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

// libFuzzer sees the arguments without the decoder's name.
var arguments = [CommandLine.arguments[0]] + CommandLine.arguments.dropFirst(2)
var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
pointers.append(nil)
var count = Int32(arguments.count)
let status = pointers.withUnsafeMutableBufferPointer { buffer in
    var base = buffer.baseAddress
    return runDriver(&count, &base) { bytes, count in
        if isCanary, count > 0, bytes?.pointee == 0x66 { fatalError("the canary") }
        do throws(DecodingFault) {
            try fuzzed.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
        } catch {
            // Told as a trap is, with the input that did it.
            fatalError("\(error)")
        }
        return 0
    }
}
exit(status)
