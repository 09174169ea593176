// swift-tools-version: 6.3
// SPDX-License-Identifier: Apache-2.0
// The decoders of hostile bytes under libFuzzer, apart from the package so that building it never
// builds them. `make fuzz` gives the sanitizers; without them this does not link.
import PackageDescription

/// The decoders are the package's own: forkfuzz is compiled as a part of it, whose identity is the
/// name of the folder that it lies in.
let outerPackage = String(Context.packageDirectory.split(separator: "/").dropLast().last ?? "")
    .lowercased()
    .map { $0.isLetter || $0.isNumber ? String($0) : "_" }.joined()

let package = Package(
    name: "forkctl-fuzzing",
    dependencies: [.package(name: "forkctl", path: "..")],
    targets: [
        .executableTarget(
            name: "forkfuzz",
            dependencies: [.product(name: "ForkTesting", package: "forkctl")],
            packageAccess: false,
            swiftSettings: [
                .swiftLanguageMode(.v6),
                .treatAllWarnings(as: .error),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .unsafeFlags(["-package-name", outerPackage]),
            ])
    ]
)
