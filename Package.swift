// swift-tools-version: 6.3
// SPDX-License-Identifier: Apache-2.0
// The floors of forkctl; docs/architecture.md draws them. Each target imports only what is below it.
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "forkctl",
    products: [
        .library(name: "SegmentStore", targets: ["SegmentStore"]),
        .library(name: "ForkEngine", targets: ["ForkEngine"]),
        .executable(name: "forkctl", targets: ["forkctl"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2")
    ],
    targets: [
        .systemLibrary(
            name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
        .systemLibrary(
            name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .target(name: "CXXHash"),
        .target(name: "CSQLitePages", dependencies: ["CSQLite", "CXXHash"]),
        .target(name: "CPlatform"),
        .target(
            name: "SegmentStore",
            dependencies: ["CLZ4", "CXXHash", "CPlatform"],
            swiftSettings: strict),
        .target(
            name: "ForkEngine",
            dependencies: ["SegmentStore", "CSQLite", "CSQLitePages"],
            swiftSettings: strict),
        .target(
            name: "CBuildInformation",
            cSettings: Context.environment["FORKCTL_COMMIT"].map {
                [.define("FORKCTL_COMMIT", to: $0)]
            } ?? []),
        .executableTarget(
            name: "forkctl",
            dependencies: [
                "ForkEngine", "SegmentStore", "CBuildInformation",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "forkstress",
            dependencies: ["ForkEngine", "SegmentStore"],
            path: "StressTests",
            swiftSettings: strict),
        .executableTarget(
            name: "forknight",
            dependencies: ["ForkTesting", "ForkEngine", "SegmentStore"],
            path: "NightTests",
            swiftSettings: strict),
        .target(
            name: "ForkTesting",
            dependencies: ["SegmentStore", "ForkEngine"],
            swiftSettings: strict),
        .testTarget(
            name: "SegmentStoreTests",
            dependencies: ["SegmentStore", "ForkTesting", "CXXHash"],
            swiftSettings: strict),
        .testTarget(
            name: "ForkTestingTests",
            dependencies: ["SegmentStore", "ForkTesting", "ForkEngine", "forknight"],
            swiftSettings: strict),
        .testTarget(
            name: "ForkEngineTests",
            dependencies: ["SegmentStore", "ForkEngine", "ForkTesting"],
            swiftSettings: strict),
        .testTarget(
            name: "forkctlTests",
            dependencies: ["forkctl", "ForkEngine", "SegmentStore"],
            swiftSettings: strict),
    ]
)

// For Fuzzing alone, a package of its own, which reaches only products.
if Context.environment["FORKCTL_FUZZ"] != nil {
    package.products.append(.library(name: "ForkTesting", targets: ["ForkTesting"]))
}
