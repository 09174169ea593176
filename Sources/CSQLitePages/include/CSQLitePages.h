/* SPDX-License-Identifier: Apache-2.0
 * Floor: C, beside CSQLite. A layer between SQLite and the disk that lets no byte through that is
 * not what was written (invariant 6).
 *
 * SQLite checks its WAL once, when it recovers it, and its database file never. This layer ends
 * each page of the database file with a checksum, verifies each page and each WAL frame whenever
 * SQLite reads one, and tells a damaged WAL from one whose last commit was cut short, where SQLite
 * would drop the damaged commit and all that followed it without a word.
 *
 * docs/format/catalog.md shows the same drawing, and a test holds the two equal.
 *
 * DRAWING
 *   A page of the database file:
 *        0                                                 2040            2048
 *        +- -                                         - - -+---------------+
 *        | as SQLite writes it, 8 bytes of it reserved     | XXH3-64       |
 *        +- -                                         - - -+---------------+
 *
 *   The checksum is of all bytes before it, seeded with the page's number, from 1; little-endian.
 *   In the WAL those 8 bytes mean nothing: SQLite's own checksums stand there.
 * END DRAWING
 */
#ifndef FORKCTL_CSQLITEPAGES_H
#define FORKCTL_CSQLITEPAGES_H

#include <sqlite3.h>
#include <stdint.h>

/* Bytes at the end of each page that SQLite leaves to this layer: XXH3-64 of the bytes before,
 * little-endian, seeded with the page's number. */
#define CSQLITEPAGES_RESERVED 8

/* The name for sqlite3_open_v2 of a file that exists, and whose WAL must exist too. */
extern const char *_Nonnull const csqlitepages_existing;
/* The same for a file that is being made. */
extern const char *_Nonnull const csqlitepages_new;

/* Registers both names with SQLite. To be called once. */
int csqlitepages_register(void);

/* What this layer refused last on this thread, and where in the file; NULL where nothing.
 * SQLite got SQLITE_IOERR_DATA. Reading it clears it. */
typedef struct {
    const char *_Nullable reason;
    int64_t offset;
    int is_log;
} csqlitepages_fault;
csqlitepages_fault csqlitepages_take_fault(void);

#endif
