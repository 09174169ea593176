/* SPDX-License-Identifier: Apache-2.0
 * What Swift cannot say of SQLite's interface: variadic calls and cast constants. */
#ifndef FORKCTL_CSQLITE_H
#define FORKCTL_CSQLITE_H

#include <sqlite3.h>

/* sqlite3_db_config for the options that take a switch. */
static inline int csqlite_switch(sqlite3 *_Nonnull database, int option, int on) {
    return sqlite3_db_config(database, option, on, (int *)0);
}

/* Binding copies the bytes; no bytes are the empty value, never NULL. */
static inline int csqlite_bind_text(
    sqlite3_stmt *_Nonnull statement, int index, const void *_Nullable bytes, int count) {
    return sqlite3_bind_text(
        statement, index, bytes ? (const char *)bytes : "", count, SQLITE_TRANSIENT);
}
static inline int csqlite_bind_blob(
    sqlite3_stmt *_Nonnull statement, int index, const void *_Nullable bytes, int count) {
    return sqlite3_bind_blob(statement, index, bytes ? bytes : "", count, SQLITE_TRANSIENT);
}

#endif
