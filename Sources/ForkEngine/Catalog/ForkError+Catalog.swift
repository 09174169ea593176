// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, catalog. Sentences that both catalogs say alike.

extension ForkError {
    /// The row's generation is not the one that the caller read (rule 6), or the row is gone.
    package static func forkChanged(_ name: String) -> ForkError {
        ForkError(.changed, "fork '\(name)' was changed meanwhile: try again")
    }

    package static func nameTaken(_ name: String) -> ForkError {
        ForkError(.alreadyExists, "there is a fork '\(name)' already")
    }

    /// An id from a counter was given twice: a bug, or a catalog that went back in time.
    package static func idTaken(_ what: String) -> ForkError {
        ForkError(.system, "\(what) exists already, and its number is never given twice")
    }
}

extension ForkRow {
    /// The generation that the row has once it is changed.
    package func generationAfterChange() throws(ForkError) -> UInt64 {
        let (generation, overflows) = generation.addingReportingOverflow(1)
        guard !overflows else { throw ForkError(.tooLarge, "fork '\(name)' changed too often") }
        return generation
    }
}
