// swift-tools-version: 6.3
// SPDX-License-Identifier: Apache-2.0
// Measurements, apart from the package so that building it never builds them.
import PackageDescription

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
            swiftSettings: [
                .swiftLanguageMode(.v6),
                .treatAllWarnings(as: .error),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
            ]),
        .executableTarget(
            name: "probes",
            dependencies: ["CProbes"],
            swiftSettings: [
                .swiftLanguageMode(.v6),
                .treatAllWarnings(as: .error),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
            ]),
    ]
)
