// SPDX-License-Identifier: Apache-2.0
// Floor: ForkEngine, store. Files without which a store does not open, and which hold nothing that
// outlives a process or a boot: they may be made anew where nobody has the store open.
package import SegmentStore

extension Store {
    /// Makes `locks`, `live` and `clock` again where they are missing, and tells which were. The
    /// caller knows that nobody has the store open: whoever has holds locks on files that are gone.
    ///
    /// A lost `live` forgets what killed writers of this boot had acknowledged, which their journals
    /// then tell alone; a lost `clock` begins at the machine's time.
    public static func remakeParts(at path: String) throws(ForkError) -> [String] {
        try lifting { () throws(StorageError) in
            try remakeParts(in: RealFileSystem(path: path))
        }
    }

    package static func remakeParts(
        in fileSystem: any FileSystem
    ) throws(StorageError) -> [String] {
        var made: [String] = []
        for name in [StoreLayout.locks, StoreLayout.live, StoreLayout.clock]
        where try fileSystem.status(name) == nil {
            _ = try fileSystem.create(name)
            made.append(name)
        }
        if !made.isEmpty { try fileSystem.syncFolder(".") }
        return made
    }
}
