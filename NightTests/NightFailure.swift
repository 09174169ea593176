// SPDX-License-Identifier: Apache-2.0
// forknight: why it cannot go on, or what a round found.

package struct NightFailure: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
