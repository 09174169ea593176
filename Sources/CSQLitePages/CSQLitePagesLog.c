/* SPDX-License-Identifier: Apache-2.0
 * The WAL as SQLite writes it (https://sqlite.org/walformat.html), read with suspicion.
 *
 *     0       4         8           12                16     20     24        28        32
 *     ┌───────┬─────────┬───────────┬─────────────────┬──────┬──────┬─────────┬─────────┐
 *     │ magic │ version │ page size │ checkpoint count│ salt │ salt │ checksum│ checksum│ head
 *     └───────┴─────────┴───────────┴─────────────────┴──────┴──────┴─────────┴─────────┘
 *     0             4              8      12     16         20         24
 *     ┌─────────────┬──────────────┬──────┬──────┬──────────┬──────────┬──────────────┐
 *     │ page number │ commit: pages│ salt │ salt │ checksum │ checksum │ page …       │ frame
 *     └─────────────┴──────────────┴──────┴──────┴──────────┴──────────┴──────────────┘
 *
 * All u32, big-endian. A frame's checksum goes on from its predecessor's, over its own first eight
 * bytes and its page. `commit` is 0 in all but the last frame of a transaction.
 *
 * SQLite writes and syncs one transaction after the other, so whatever stands behind a commit proves
 * that this commit was synced. Recovery stops at the first frame that does not verify. If that frame
 * belongs to the last transaction, the commit was cut short, and nobody was told that it succeeded.
 * If a transaction that chains to it follows, it was durable once, and is damaged now: recovery would
 * go back in time, so it is refused. (A frame behind the end may also be left of a commit that failed;
 * such frames chain to nothing that is valid, or end with the first commit among them.) */
#include "CSQLitePagesLog.h"

#include <stdbool.h>
#include <string.h>

enum { head_size = 32, frame_head_size = 24 };

typedef struct {
    uint32_t first, second;
} pair;

static uint32_t word(const uint8_t *bytes, bool big_endian) {
    return big_endian ? (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16
                            | (uint32_t)bytes[2] << 8 | bytes[3]
                      : (uint32_t)bytes[3] << 24 | (uint32_t)bytes[2] << 16
                            | (uint32_t)bytes[1] << 8 | bytes[0];
}

static pair pair_at(const uint8_t *bytes) {
    return (pair){word(bytes, true), word(bytes + 4, true)};
}

static bool equal(pair left, pair right) {
    return left.first == right.first && left.second == right.second;
}

/* SQLite's checksum; `count` is a multiple of 8. The order of bytes is the writing machine's. */
static pair checksum(pair sum, const uint8_t *bytes, int count, bool big_endian) {
    for (const uint8_t *end = bytes + count; bytes < end; bytes += 8) {
        sum.first += word(bytes, big_endian) + sum.second;
        sum.second += word(bytes + 4, big_endian) + sum.first;
    }
    return sum;
}

static bool frame_is_valid(pair before, const uint8_t *head, const uint8_t *page, int page_size) {
    pair stored = pair_at(head + 16);
    for (int big_endian = 0; big_endian < 2; big_endian++) {
        pair sum = checksum(before, head, 8, big_endian);
        if (equal(checksum(sum, page, page_size, big_endian), stored)) return true;
    }
    return false;
}

static int read_all(sqlite3_file *log, void *bytes, int count, sqlite3_int64 offset) {
    return log->pMethods->xRead(log, bytes, count, offset);
}

static bool is_power_of_two(int count) { return (count & (count - 1)) == 0; }

/* MARK: A page that a reader or a checkpoint asks for */

/* Committed frames do not change while somebody may read them; those of an open transaction are
 * never read, because the catalog's connections keep them in memory until the commit. */
static int verify_page(
    sqlite3_file *log, const uint8_t *page, int page_size, sqlite3_int64 page_offset) {
    sqlite3_int64 head_offset = page_offset - frame_head_size;
    uint8_t head[frame_head_size], before[8];
    sqlite3_int64 before_offset =
        head_offset == head_size ? head_size - 8 : head_offset - page_size - 8;
    int code = read_all(log, head, sizeof head, head_offset);
    if (code == SQLITE_OK) code = read_all(log, before, sizeof before, before_offset);
    if (code != SQLITE_OK) return code;
    if (frame_is_valid(pair_at(before), head, page, page_size)) return SQLITE_OK;
    return csqlitepages_refuse("a frame does not match its checksum", head_offset, 1);
}

/* MARK: What recovery reads */

static void set_place(csqlitepages_log_place *place, sqlite3_int64 end, pair salt, pair sum) {
    *place = (csqlitepages_log_place){
        .end = end, .salt = {salt.first, salt.second}, .sum = {sum.first, sum.second}};
}

static int verify_head(const uint8_t *head) {
    pair stored = pair_at(head + 24);
    for (int big_endian = 0; big_endian < 2; big_endian++) {
        if (equal(checksum((pair){0, 0}, head, 24, big_endian), stored)) return SQLITE_OK;
    }
    return csqlitepages_refuse("its head does not match its checksum", 0, 1);
}

/* Whether a later transaction chains to the bad frame at `offset`. `frame` is room for one more. */
static int later_commit_follows(
    sqlite3_file *log, pair salt, const uint8_t *bad_frame, uint8_t *frame, int frame_size,
    sqlite3_int64 offset, bool *follows) {
    bool commit_seen = false;
    bool has_salt = equal(pair_at(bad_frame + 8), salt);
    bool has_commit = word(bad_frame + 4, true) != 0;
    pair before = pair_at(bad_frame + 16);
    *follows = false;
    while (true) {
        offset += frame_size;
        int code = read_all(log, frame, frame_size, offset);
        if (code == SQLITE_IOERR_SHORT_READ) return SQLITE_OK;
        if (code != SQLITE_OK) return code;
        if (!equal(pair_at(frame + 8), salt)) return SQLITE_OK;
        bool chains =
            frame_is_valid(before, frame, frame + frame_head_size, frame_size - frame_head_size);
        /* A commit counts where its salt, or what chains to it, shows that it is of this WAL. */
        commit_seen = commit_seen || (has_commit && (has_salt || chains));
        if (chains && commit_seen) {
            *follows = true;
            return SQLITE_OK;
        }
        has_salt = true;
        has_commit = word(frame + 4, true) != 0;
        before = pair_at(frame + 16);
    }
}

/* The salt of the log, and the checksum that stands before `offset`. */
static int find_place(
    sqlite3_file *log, int frame_size, sqlite3_int64 offset, csqlitepages_log_place *place) {
    if (place->end == offset) return SQLITE_OK;
    uint8_t head[head_size], before[8];
    sqlite3_int64 before_offset =
        offset == head_size ? head_size - 8 : offset - frame_size + frame_head_size - 8;
    int code = read_all(log, head, sizeof head, 0);
    if (code == SQLITE_OK) code = read_all(log, before, sizeof before, before_offset);
    if (code == SQLITE_OK) set_place(place, offset, pair_at(head + 16), pair_at(before));
    return code;
}

static int verify_recovered_frame(
    sqlite3_file *log, const uint8_t *frame, int frame_size, sqlite3_int64 offset,
    csqlitepages_log_place *place) {
    int code = find_place(log, frame_size, offset, place);
    if (code != SQLITE_OK) return code;
    pair salt = {place->salt[0], place->salt[1]};
    pair sum = {place->sum[0], place->sum[1]};
    place->end = 0;
    if (equal(pair_at(frame + 8), salt)
        && frame_is_valid(
            sum, frame, frame + frame_head_size, frame_size - frame_head_size)) {
        set_place(place, offset + frame_size, salt, pair_at(frame + 16));
        return SQLITE_OK;
    }
    bool follows = false;
    uint8_t *room = sqlite3_malloc(frame_size);
    if (room == NULL) return SQLITE_NOMEM;
    code = later_commit_follows(log, salt, frame, room, frame_size, offset, &follows);
    sqlite3_free(room);
    if (code != SQLITE_OK) return code;
    if (!follows) return SQLITE_OK;
    return csqlitepages_refuse("a frame is damaged, and later commits follow it", offset, 1);
}

int csqlitepages_log_size(sqlite3_file *log, sqlite3_int64 *size) {
    int code = log->pMethods->xFileSize(log, size);
    if (code != SQLITE_OK || *size >= head_size + frame_head_size + 512) return code;
    return csqlitepages_refuse("it is shorter than its first commit", *size, 1);
}

int csqlitepages_read_log(
    sqlite3_file *log, csqlitepages_log_place *place, void *bytes, int count,
    sqlite3_int64 offset) {
    csqlitepages_log_place known = *place;
    place->end = 0;
    int code = read_all(log, bytes, count, offset);
    if (code == SQLITE_OK && offset == 0 && count == head_size) {
        code = verify_head(bytes);
        const uint8_t *head = bytes;
        if (code == SQLITE_OK) {
            set_place(place, head_size, pair_at(head + 16), pair_at(head + 24));
        }
        return code;
    }
    if (code != SQLITE_OK || count < 512) return code;
    if (is_power_of_two(count)) {
        return verify_page(log, bytes, count, offset);
    }
    int page_size = count - frame_head_size;
    if (page_size >= 512 && is_power_of_two(page_size)) {
        code = verify_recovered_frame(log, bytes, count, offset, &known);
        if (code == SQLITE_OK) *place = known;
    }
    return code;
}
