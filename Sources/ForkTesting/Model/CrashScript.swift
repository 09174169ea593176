// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, model. The scripts that are cut short at every call. Small and exhaustive: most
// holes need three operations or fewer.

/// What is done before the crashes begin, and what they cut short.
package struct CrashScript: Sendable, CustomStringConvertible {
    package let description: String
    let setup: @Sendable (CrashStage) throws -> Void
    let script: @Sendable (CrashStage) throws -> Void
    /// Whether recoveries are cut short, too.
    var isNested = false

    /// Explores the script; throws what the first failing check found. `fault`: what is put wrong
    /// on purpose, on the script's own disk. `keepsNewNames`: a file's sync keeps its new name.
    /// `recoveriesOneIn`: how many recoveries are cut short; nil: as the script says.
    @discardableResult
    package func explore(
        _ explorer: CrashExplorer, seed: UInt64 = 7, keepsNewNames: Bool = false,
        recoveriesOneIn: UInt64? = nil, planting fault: Fault? = nil
    ) throws -> CrashReport {
        let stage = try CrashStage(seed: seed, keepsNewNames: keepsNewNames)
        try setup(stage)
        if let fault { stage.world.plant(fault) }
        return try stage.explore(
            explorer, recoveriesOneIn: recoveriesOneIn ?? (isNested ? 12 : 0), script: script)
    }

    /// A stage on which the crashes, or the faults, of the script may begin.
    func prepare(seed: UInt64) throws -> CrashStage {
        let stage = try CrashStage(seed: seed)
        try setup(stage)
        return stage
    }

    package static let all: [CrashScript] = [
        CrashScript(description: "append") { _ in
        } script: { stage in
            for _ in 0..<5 { try stage.append("main") }
        },
        CrashScript(description: "append a batch") { _ in
        } script: { stage in
            try stage.append("main", count: 5)
            try stage.append("main", count: 40)
            try stage.append("main", count: 2)
        },
        CrashScript(description: "create") { stage in
            try stage.append("main", count: 4)
        } script: { stage in
            try stage.create("trial", from: "main")
            try stage.append("trial", count: 2)
            try stage.append("main")
            try stage.create("past", from: "main", at: 2)
            try stage.append("past")
        },
        CrashScript(description: "create forks of forks") { stage in
            try stage.append("main", count: 3)
        } script: { stage in
            try stage.create("a", from: "main")
            try stage.append("a", count: 2)
            try stage.create("b", from: "a")
            try stage.append("b", count: 2)
            try stage.create("c", from: "b", at: 4)
            try stage.append("c")
            try stage.append("a")
        },
        CrashScript(description: "flush") { stage in
            try stage.append("main", count: 12)
        } script: { stage in
            try stage.flush("main")
            try stage.append("main", count: 3)
            try stage.flush("main")
        },
        CrashScript(description: "flush, merge and coalesce") { stage in
            for _ in 0..<4 {
                try stage.append("main", count: 3)
                try stage.flush("main")
            }
            try stage.append("main", count: 2)
        } script: { stage in
            try stage.flush("main")
            try stage.append("main")
        },
        CrashScript(description: "flush what a sibling flushed") { stage in
            try stage.append("main", count: 8)
            try stage.create("one", from: "main")
            try stage.create("two", from: "main")
            try stage.append("one", count: 2)
            try stage.append("two", count: 2)
            try stage.flush("one")
        } script: { stage in
            try stage.flush("two")
            try stage.drop("one")
            try stage.collect()
            try stage.append("two")
        },
        CrashScript(description: "take over what the parent flushed") { stage in
            try stage.append("main", count: 8)
            try stage.create("child", from: "main", at: 7)
            try stage.append("child", count: 2)
            try stage.flush("main")
        } script: { stage in
            try stage.flush("child")
            try stage.append("main", count: 2)
            try stage.flush("main")
            try stage.collect()
            try stage.append("child")
        },
        CrashScript(description: "flush a fork of the past") { stage in
            try stage.append("main", count: 8)
            try stage.flush("main")
            try stage.create("past", from: "main", at: 5)
            try stage.append("past", count: 2)
        } script: { stage in
            try stage.flush("past")
            try stage.append("past")
        },
        CrashScript(description: "drop a parent") { stage in
            try stage.append("main", count: 3)
            try stage.create("parent", from: "main")
            try stage.append("parent", count: 4)
            try stage.flush("parent")
            try stage.append("parent", count: 2)
            try stage.create("child", from: "parent")
            try stage.append("child", count: 2)
        } script: { stage in
            try stage.drop("parent")
            try stage.collect()
            try stage.append("child")
            try stage.flush("child")
        },
        CrashScript(description: "expire") { stage in
            try stage.append("main", count: 3)
            try stage.createExpiring("short", from: "main")
            try stage.append("short", count: 3)
            try stage.flush("short")
            try stage.close("short")
        } script: { stage in
            try stage.expire()
            try stage.append("main")
        },
        CrashScript(description: "collect, and collect again") { stage in
            for name in ["a", "b", "c"] {
                try stage.append("main", count: 4)
                try stage.flush("main")
                try stage.create(name, from: "main", at: 3)
                try stage.append(name, count: 3)
                try stage.flush(name)
                try stage.close(name)
            }
            try stage.drop("a")
            try stage.drop("c")
        } script: { stage in
            try stage.collect()
            try stage.append("b", count: 2)
            try stage.collect()
        },
        CrashScript(description: "recover") { stage in
            try stage.append("main", count: 5)
            try stage.create("trial", from: "main")
            try stage.append("trial", count: 3)
            try stage.append("main", count: 2)
            try stage.restart()
        } script: { stage in
            try stage.append("trial")
            try stage.append("main")
            try stage.close("main")
        }.nested(),
    ]

    private func nested() -> CrashScript {
        var result = self
        result.isNested = true
        return result
    }

    init(
        description: String, setup: @escaping @Sendable (CrashStage) throws -> Void,
        script: @escaping @Sendable (CrashStage) throws -> Void
    ) {
        self.description = description
        self.setup = setup
        self.script = script
    }
}
