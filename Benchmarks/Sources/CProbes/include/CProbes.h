/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORKCTL_CPROBES_H
#define FORKCTL_CPROBES_H
#include <stdint.h>

/* sync_file_range(2) with SYNC_FILE_RANGE_WRITE, which Swift does not see. */
int probes_begin_writeback(int file, int64_t offset, int64_t byte_count);

/* Sets FS_NOCOW_FL, which btrfs alone knows. */
int probes_write_in_place(int file);

#endif
