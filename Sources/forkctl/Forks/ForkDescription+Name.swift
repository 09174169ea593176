// SPDX-License-Identifier: Apache-2.0
// Floor: forkctl, the command line. Names that the catalog holds, as names again.
import ForkEngine

extension ForkDescription {
    /// The fork's name; the catalog only ever took valid ones.
    func checkedName() throws(ForkError) -> ForkName { try ForkName(fromCatalog: name) }
}

extension ForkName {
    init(fromCatalog text: String) throws(ForkError) {
        do throws(TextError) {
            try self.init(text)
        } catch {
            throw ForkError(
                .damaged, "the catalog holds a fork's name that is none: \(error.sentence)")
        }
    }
}
