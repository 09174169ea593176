// swift-tools-version: 6.3
// SPDX-License-Identifier: Apache-2.0
// Measurements, apart from the package so that building it never builds them.
import PackageDescription

let package = Package(
    name: "forkctl-benchmarks",
    targets: [
        .target(name: "CProbes"),
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
