// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, store. What lies in a store's folders.
import SegmentStore

/// The files of a store, by what their names say they are.
struct StoreListing {
    var objects: [ObjectID] = []
    /// What a crash left of an object that was being replaced.
    var leftovers: [String] = []
    var journals: [JournalID] = []
    /// What killed processes left in `temporary/`.
    var temporaries: [String] = []
    /// Paths that no store makes.
    var foreign: [String] = []
}

extension Store {
    func listFiles() throws(ForkError) -> StoreListing {
        try lifting { () throws(StorageError) in
            var listing = StoreListing()
            for folder in ObjectFolder.all {
                let content = try segments.objects.list(folder)
                listing.objects.append(contentsOf: content.objects)
                listing.leftovers.append(contentsOf: content.leftovers)
                listing.foreign.append(contentsOf: content.foreign)
            }
            for name in try fileSystem.list(StoreLayout.journals) {
                if let journal = JournalID(fileName: name) {
                    listing.journals.append(journal)
                } else {
                    listing.foreign.append("\(StoreLayout.journals)/\(name)")
                }
            }
            listing.temporaries = try TemporaryFiles.sweep(fileSystem, removing: false)
            for name in try fileSystem.list(".") where !StoreLayout.names.contains(name) {
                listing.foreign.append(name)
            }
            return listing
        }
    }
}
