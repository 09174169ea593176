/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "CProbes.h"

#include <fcntl.h>

int probes_begin_writeback(int file, int64_t offset, int64_t byte_count) {
    return sync_file_range(file, offset, byte_count, SYNC_FILE_RANGE_WRITE);
}
