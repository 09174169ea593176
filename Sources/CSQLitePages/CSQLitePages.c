/* SPDX-License-Identifier: Apache-2.0
 * See the header. The shape is that of SQLite's own layers (its `cksumvfs`, `vfsstat`): a file of
 * ours stands before a file of the system's in the same allocation, and passes calls on. */
#include "CSQLitePages.h"
#include "CSQLitePagesLog.h"

#include <CXXHash.h>
#include <string.h>

const char *const csqlitepages_existing = "forkctl";
const char *const csqlitepages_new = "forkctl-new";

enum { role_database, role_log };

typedef struct {
    sqlite3_file base;
    int role;
    int is_new;
    csqlitepages_log_place place;
    /* The system's file follows. */
} checked_file;

static sqlite3_vfs *system_layer;

static sqlite3_file *below(sqlite3_file *file) {
    return (sqlite3_file *)((checked_file *)file + 1);
}

/* MARK: What was refused */

static _Thread_local csqlitepages_fault last_fault;

int csqlitepages_refuse(const char *reason, int64_t offset, int is_log) {
    last_fault = (csqlitepages_fault){.reason = reason, .offset = offset, .is_log = is_log};
    return SQLITE_IOERR_DATA;
}

csqlitepages_fault csqlitepages_take_fault(void) {
    csqlitepages_fault fault = last_fault;
    last_fault = (csqlitepages_fault){0};
    return fault;
}

/* MARK: Pages of the database file */

/* SQLite reads and writes the database by whole pages, but for its head of 100 bytes, which it
 * reads again with its page, and 16 bytes of it that no WAL database asks for. */
static int is_page(int count, sqlite3_int64 offset) {
    return count >= 512 && count <= 65536 && (count & (count - 1)) == 0 && offset % count == 0;
}

static uint64_t page_checksum(const uint8_t *page, int count, sqlite3_int64 offset) {
    uint64_t number = (uint64_t)(offset / count) + 1;
    return forkctl_hash64_seeded(page, (size_t)count - CSQLITEPAGES_RESERVED, number);
}

static int read_database(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
    int code = below(file)->pMethods->xRead(below(file), bytes, count, offset);
    if (code != SQLITE_OK || !is_page(count, offset)) return code;
    const uint8_t *page = bytes;
    uint64_t stored = 0;
    for (int index = 0; index < CSQLITEPAGES_RESERVED; index++) {
        stored |= (uint64_t)page[count - CSQLITEPAGES_RESERVED + index] << (8 * index);
    }
    if (stored == page_checksum(page, count, offset)) return SQLITE_OK;
    return csqlitepages_refuse("a page does not match its checksum", offset, 0);
}

static int write_database(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    sqlite3_file *target = below(file);
    if (!is_page(count, offset)) return target->pMethods->xWrite(target, bytes, count, offset);
    /* SQLite's own copy stays as it is: the WAL's checksums were computed over it. */
    uint8_t page[65536];
    memcpy(page, bytes, (size_t)count);
    uint64_t checksum = page_checksum(page, count, offset);
    for (int index = 0; index < CSQLITEPAGES_RESERVED; index++) {
        page[count - CSQLITEPAGES_RESERVED + index] = (uint8_t)(checksum >> (8 * index));
    }
    return target->pMethods->xWrite(target, page, count, offset);
}

/* MARK: A file's calls */

static int file_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
    checked_file *checked = (checked_file *)file;
    if (checked->role == role_database) return read_database(file, bytes, count, offset);
    return csqlitepages_read_log(below(file), &checked->place, bytes, count, offset);
}
static int file_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    if (((checked_file *)file)->role == role_database) {
        return write_database(file, bytes, count, offset);
    }
    return below(file)->pMethods->xWrite(below(file), bytes, count, offset);
}
static int file_close(sqlite3_file *file) {
    return below(file)->pMethods->xClose(below(file));
}
static int file_truncate(sqlite3_file *file, sqlite3_int64 size) {
    return below(file)->pMethods->xTruncate(below(file), size);
}
static int file_sync(sqlite3_file *file, int flags) {
    return below(file)->pMethods->xSync(below(file), flags);
}
static int file_size(sqlite3_file *file, sqlite3_int64 *size) {
    const checked_file *checked = (const checked_file *)file;
    if (checked->role == role_log && !checked->is_new) {
        return csqlitepages_log_size(below(file), size);
    }
    return below(file)->pMethods->xFileSize(below(file), size);
}
static int file_lock(sqlite3_file *file, int level) {
    return below(file)->pMethods->xLock(below(file), level);
}
static int file_unlock(sqlite3_file *file, int level) {
    return below(file)->pMethods->xUnlock(below(file), level);
}
static int file_check_reserved_lock(sqlite3_file *file, int *is_reserved) {
    return below(file)->pMethods->xCheckReservedLock(below(file), is_reserved);
}
static int file_control(sqlite3_file *file, int operation, void *argument) {
    return below(file)->pMethods->xFileControl(below(file), operation, argument);
}
static int file_sector_size(sqlite3_file *file) {
    return below(file)->pMethods->xSectorSize(below(file));
}
static int file_characteristics(sqlite3_file *file) {
    return below(file)->pMethods->xDeviceCharacteristics(below(file));
}
static int file_map_index(
    sqlite3_file *file, int region, int size, int extend, void volatile **memory) {
    return below(file)->pMethods->xShmMap(below(file), region, size, extend, memory);
}
static int file_lock_index(sqlite3_file *file, int first, int count, int flags) {
    return below(file)->pMethods->xShmLock(below(file), first, count, flags);
}
static void file_index_barrier(sqlite3_file *file) {
    below(file)->pMethods->xShmBarrier(below(file));
}
static int file_unmap_index(sqlite3_file *file, int removes) {
    return below(file)->pMethods->xShmUnmap(below(file), removes);
}

/* Version 2: the WAL's index, and no memory-mapped pages. */
static const sqlite3_io_methods file_calls = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_reserved_lock,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = file_map_index,
    .xShmLock = file_lock_index,
    .xShmBarrier = file_index_barrier,
    .xShmUnmap = file_unmap_index,
};

/* MARK: The layer's calls */

static int layer_open(
    sqlite3_vfs *layer, const char *name, sqlite3_file *file, int flags, int *opened_flags) {
    if ((flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) == 0) {
        return system_layer->xOpen(system_layer, name, file, flags, opened_flags);
    }
    checked_file *checked = (checked_file *)file;
    memset(checked, 0, sizeof *checked);
    checked->role = flags & SQLITE_OPEN_WAL ? role_log : role_database;
    checked->is_new = strcmp(layer->zName, csqlitepages_new) == 0;
    /* A store's WAL is made with the store and stays: to make another would be to forget what was
     * committed in it. It also spares the first commit of each process a sync of the folder. */
    int must_exist = checked->role == role_log && !checked->is_new;
    if (must_exist) {
        int exists = 0;
        int code = system_layer->xAccess(system_layer, name, SQLITE_ACCESS_EXISTS, &exists);
        if (code != SQLITE_OK) return code;
        if (!exists) return csqlitepages_refuse("it is missing", 0, 1);
        flags &= ~SQLITE_OPEN_CREATE;
    }
    int code = system_layer->xOpen(system_layer, name, below(file), flags, opened_flags);
    if (code == SQLITE_OK) file->pMethods = &file_calls;
    return code;
}
static int layer_delete(sqlite3_vfs *layer, const char *name, int syncs_folder) {
    (void)layer;
    return system_layer->xDelete(system_layer, name, syncs_folder);
}
static int layer_access(sqlite3_vfs *layer, const char *name, int flags, int *answer) {
    (void)layer;
    return system_layer->xAccess(system_layer, name, flags, answer);
}
static int layer_full_path(sqlite3_vfs *layer, const char *name, int size, char *path) {
    (void)layer;
    return system_layer->xFullPathname(system_layer, name, size, path);
}
static int layer_randomness(sqlite3_vfs *layer, int count, char *bytes) {
    (void)layer;
    return system_layer->xRandomness(system_layer, count, bytes);
}
static int layer_sleep(sqlite3_vfs *layer, int microseconds) {
    (void)layer;
    return system_layer->xSleep(system_layer, microseconds);
}
static int layer_time(sqlite3_vfs *layer, double *days) {
    (void)layer;
    return system_layer->xCurrentTime(system_layer, days);
}
static int layer_last_error(sqlite3_vfs *layer, int size, char *text) {
    (void)layer;
    return system_layer->xGetLastError ? system_layer->xGetLastError(system_layer, size, text) : 0;
}

static int register_layer(sqlite3_vfs *layer, const char *name) {
    *layer = (sqlite3_vfs){
        .iVersion = 1,
        .szOsFile = (int)sizeof(checked_file) + system_layer->szOsFile,
        .mxPathname = system_layer->mxPathname,
        .zName = name,
        .xOpen = layer_open,
        .xDelete = layer_delete,
        .xAccess = layer_access,
        .xFullPathname = layer_full_path,
        .xRandomness = layer_randomness,
        .xSleep = layer_sleep,
        .xCurrentTime = layer_time,
        .xGetLastError = layer_last_error,
    };
    return sqlite3_vfs_register(layer, 0);
}

int csqlitepages_register(void) {
    static sqlite3_vfs existing, new_file;
    system_layer = sqlite3_vfs_find(NULL);
    if (system_layer == NULL) return SQLITE_ERROR;
    int code = register_layer(&existing, csqlitepages_existing);
    return code == SQLITE_OK ? register_layer(&new_file, csqlitepages_new) : code;
}
