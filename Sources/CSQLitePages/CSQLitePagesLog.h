/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORKCTL_CSQLITEPAGESLOG_H
#define FORKCTL_CSQLITEPAGESLOG_H

#include <sqlite3.h>
#include <stdint.h>

/* What the last read of a recovery leaves for the next: it goes from the head frame by frame.
 * All zero, or after any other read, it says nothing. */
typedef struct {
    sqlite3_int64 end; /* where that read ended; 0: nothing is known */
    uint32_t salt[2];
    uint32_t sum[2];
} csqlitepages_log_place;

/* Reads from a WAL, and verifies what is read. */
int csqlitepages_read_log(
    sqlite3_file *log, csqlitepages_log_place *place, void *bytes, int count,
    sqlite3_int64 offset);

/* The size of a WAL that had a commit in it before anybody could open it, and was never truncated:
 * less than that is damage, where SQLite would see an empty WAL. */
int csqlitepages_log_size(sqlite3_file *log, sqlite3_int64 *size);

/* Remembers a fault and answers SQLITE_IOERR_DATA. */
int csqlitepages_refuse(const char *reason, int64_t offset, int is_log);

#endif
