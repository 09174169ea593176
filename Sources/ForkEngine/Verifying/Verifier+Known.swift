// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, verifying. Damage that a repair found and could not mend is no news.
import SegmentStore

extension Verifier {
    /// Every object in which damage was found.
    var damagedObjects: Set<ObjectID> { verification.damaged }

    /// The paths of damaged objects of which a repair found just this, and nothing to be done.
    func knownLosses() throws(ForkError) -> Set<String> {
        if verification.damaged.isEmpty { return [] }
        return try lifting { () throws(StorageError) in
            let known = try Quarantine(fileSystem: store.fileSystem).acknowledged()
            var paths: Set<String> = []
            for object in verification.damaged {
                guard let fault = known[object] else { continue }
                if try store.segments.fault(of: object) ?? "content" == fault {
                    paths.insert(object.path)
                }
            }
            return paths
        }
    }
}
