// swift-tools-version: 6.3
// SPDX-License-Identifier: Apache-2.0
// Measurements, apart from the package so that building it never builds them.
import PackageDescription

/// forkbench counts pages by the page cache, which is the package's own: it is compiled as a part of
/// that package, whose identity is the name of the folder that it lies in.
let outerPackage = String(Context.packageDirectory.split(separator: "/").dropLast().last ?? "")
    .lowercased()
    .map { $0.isLetter || $0.isNumber ? String($0) : "_" }.joined()

let package = Package(
    name: "forkctl-benchmarks",
    dependencies: [.package(name: "forkctl", path: "..")],
    targets: [
        .target(name: "CProbes"),
        .executableTarget(
            name: "forkbench",
            dependencies: [
                .product(name: "ForkEngine", package: "forkctl"),
                .product(name: "SegmentStore", package: "forkctl"),
            ],
            packageAccess: false,
            swiftSettings: [
                .swiftLanguageMode(.v6),
                .treatAllWarnings(as: .error),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .unsafeFlags(["-package-name", outerPackage]),
            ]),
        .executableTarget(
            name: "probes",
            dependencies: [
                "CProbes",
                .product(name: "ForkEngine", package: "forkctl"),
                .product(name: "SegmentStore", package: "forkctl"),
            ],
            swiftSettings: [
                .swiftLanguageMode(.v6),
                .treatAllWarnings(as: .error),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
            ]),
    ]
)
