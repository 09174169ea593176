/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "CProbes.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

int probes_begin_writeback(int file, int64_t offset, int64_t byte_count) {
    return sync_file_range(file, offset, byte_count, SYNC_FILE_RANGE_WRITE);
}

int probes_write_in_place(int file) {
    int flags = 0;
    if (ioctl(file, FS_IOC_GETFLAGS, &flags) != 0) return -1;
    flags |= FS_NOCOW_FL;
    return ioctl(file, FS_IOC_SETFLAGS, &flags);
}
