// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting. One call through the file-system seam: what is counted, written into
// transcripts, made to fail, and where threads may be switched.
package import SegmentStore

/// A call with its arguments. A file without a name has the path "".
package enum FileSystemCall: Hashable, Sendable {
    case open(path: String, access: FileAccess)
    case create(path: String)
    case createTemporary(folder: String)
    case link(path: String)
    case rename(path: String, newPath: String, replacing: Bool)
    case remove(path: String)
    case createFolder(path: String)
    case removeFolder(path: String)
    case list(folder: String)
    case status(path: String)
    case syncFolder(path: String)
    case map(path: String, wordCount: Int)

    case read(path: String, offset: UInt64, byteCount: Int)
    case write(path: String, offset: UInt64, byteCount: Int)
    case sync(path: String)
    case beginWriteback(path: String, offset: UInt64, byteCount: UInt64)
    case dropCache(path: String)
    case byteCount(path: String)
    case resize(path: String, byteCount: UInt64)
    case linkCount(path: String)
    case lock(path: String, range: Range<UInt64>, mode: LockMode)
    case unlock(path: String, range: Range<UInt64>)

    case loadWord(path: String, index: Int)
    case storeWord(path: String, index: Int)
    case compareExchangeWord(path: String, index: Int)

    /// Whether the call can change what a crash leaves behind.
    package var changesDisk: Bool {
        switch self {
        case .create, .createTemporary, .link, .rename, .remove, .createFolder, .removeFolder,
            .syncFolder, .map, .write, .sync, .resize, .storeWord, .compareExchangeWord:
            true
        case .open, .list, .status, .read, .beginWriteback, .dropCache, .byteCount, .linkCount,
            .lock, .unlock, .loadWord:
            false
        }
    }

    package var isSync: Bool {
        switch self {
        case .sync, .syncFolder: true
        default: false
        }
    }

    package var isWrite: Bool {
        if case .write = self { true } else { false }
    }

    package var isWordCall: Bool {
        switch self {
        case .loadWord, .storeWord, .compareExchangeWord: true
        default: false
        }
    }

    /// Whether the call can fail at all.
    package var canFail: Bool {
        switch self {
        case .beginWriteback, .dropCache, .loadWord, .storeWord, .compareExchangeWord: false
        default: true
        }
    }

    /// The path it is about; of a rename, the old one.
    package var path: String {
        switch self {
        case .open(let path, _), .create(let path), .createTemporary(let path), .link(let path),
            .rename(let path, _, _), .remove(let path), .createFolder(let path),
            .removeFolder(let path), .list(let path), .status(let path), .syncFolder(let path),
            .map(let path, _), .read(let path, _, _), .write(let path, _, _), .sync(let path),
            .beginWriteback(let path, _, _), .dropCache(let path), .byteCount(let path),
            .resize(let path, _), .linkCount(let path), .lock(let path, _, _),
            .unlock(let path, _), .loadWord(let path, _), .storeWord(let path, _),
            .compareExchangeWord(let path, _):
            path
        }
    }
}

extension FileSystemCall: CustomStringConvertible {
    /// One line of a transcript: "write journals/1.0 4096+300".
    package var description: String {
        let path = self.path.isEmpty ? "(temporary)" : self.path
        return switch self {
        case .open(_, let access): "open \(path)" + (access == .read ? "" : " for writing")
        case .create: "create \(path)"
        case .createTemporary(let folder): "create temporary in \(folder.isEmpty ? "." : folder)"
        case .link: "link \(path)"
        case .rename(_, let newPath, let replacing):
            "rename \(path) to \(newPath)" + (replacing ? ", replacing" : "")
        case .remove: "remove \(path)"
        case .createFolder: "create folder \(path)"
        case .removeFolder: "remove folder \(path)"
        case .list(let folder): "list \(folder.isEmpty ? "." : folder)"
        case .status: "status \(path)"
        case .syncFolder(let folder): "sync folder \(folder.isEmpty ? "." : folder)"
        case .map(_, let wordCount): "map \(path) \(wordCount) words"
        case .read(_, let offset, let byteCount): "read \(path) \(offset)+\(byteCount)"
        case .write(_, let offset, let byteCount): "write \(path) \(offset)+\(byteCount)"
        case .sync: "sync \(path)"
        case .beginWriteback(_, let offset, let byteCount):
            "begin writeback \(path) \(offset)+\(byteCount)"
        case .dropCache: "drop cache \(path)"
        case .byteCount: "byte count \(path)"
        case .resize(_, let byteCount): "resize \(path) to \(byteCount)"
        case .linkCount: "link count \(path)"
        case .lock(_, let range, let mode):
            "lock \(path) \(range.lowerBound)..<\(range.upperBound) \(mode)"
        case .unlock(_, let range):
            "unlock \(path) \(range.lowerBound)..<\(range.upperBound)"
        case .loadWord(_, let index): "load \(path) word \(index)"
        case .storeWord(_, let index): "store \(path) word \(index)"
        case .compareExchangeWord(_, let index): "compare and exchange \(path) word \(index)"
        }
    }
}
