/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "CPlatform.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

/* Values of the Linux interface, which the C library's headers hide or lack. */
enum { platform_ofd_getlk = 36, platform_ofd_setlk = 37, platform_ofd_setlkw = 38 };

int platform_open_temporary(int folder, const char *path) {
    return openat(folder, path, O_TMPFILE | O_RDWR | O_CLOEXEC, 0644);
}

int platform_link_descriptor(int file, int folder, const char *path) {
    char source[32];
    snprintf(source, sizeof source, "/proc/self/fd/%d", file);
    if (linkat(AT_FDCWD, source, folder, path, AT_SYMLINK_FOLLOW) == 0) return 0;
    if (errno != ENOENT) return -1;
    /* Without /proc. Where the path's own folder is missing this fails with ENOENT too. */
    return linkat(file, "", folder, path, AT_EMPTY_PATH);
}

int platform_rename(int folder, const char *path, const char *new_path, bool replacing) {
    return renameat2(folder, path, folder, new_path, replacing ? 0 : RENAME_NOREPLACE);
}

static struct flock lock_request(int kind, uint64_t from, uint64_t to) {
    struct flock request = {0};
    request.l_type = (short)kind;
    request.l_whence = SEEK_SET;
    request.l_start = (off_t)from;
    /* A length of 0 means up to the largest offset. */
    request.l_len = to > INT64_MAX ? 0 : (off_t)(to - from);
    return request;
}

int platform_lock(int file, bool exclusive, bool waiting, uint64_t from, uint64_t to) {
    struct flock request = lock_request(exclusive ? F_WRLCK : F_RDLCK, from, to);
    return fcntl(file, waiting ? platform_ofd_setlkw : platform_ofd_setlk, &request);
}

int platform_unlock(int file, uint64_t from, uint64_t to) {
    struct flock request = lock_request(F_UNLCK, from, to);
    return fcntl(file, platform_ofd_setlk, &request);
}

int platform_begin_writeback(int file, int64_t offset, int64_t byte_count) {
    return sync_file_range(file, offset, byte_count, SYNC_FILE_RANGE_WRITE);
}

int platform_drop_cache(int file) {
    errno = posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    return errno == 0 ? 0 : -1;
}

int platform_reserve(int file, int64_t byte_count) {
    struct stat status;
    if (fstat(file, &status) != 0) return -1;
    if (status.st_size == 0) {
        int flags = 0;
        /* Only btrfs knows the flag, and takes it only of an empty file. */
        if (ioctl(file, FS_IOC_GETFLAGS, &flags) == 0) {
            flags |= FS_NOCOW_FL;
            (void)ioctl(file, FS_IOC_SETFLAGS, &flags);
        }
    }
    return fallocate(file, 0, 0, byte_count);
}

void *platform_map_shared(int file, size_t byte_count) {
    void *memory = mmap(NULL, byte_count, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

void *platform_map_private(size_t byte_count) {
    void *memory = mmap(NULL, byte_count, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

int platform_unmap(void *memory, size_t byte_count) { return munmap(memory, byte_count); }

int platform_volume(int file, uint64_t *kind, bool *read_only) {
    struct statfs status;
    if (fstatfs(file, &status) != 0) return -1;
    *kind = (uint64_t)status.f_type & 0xffffffffu;
    *read_only = (status.f_flags & 1 /* ST_RDONLY */) != 0;
    return 0;
}

int64_t platform_wall_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

uint64_t platform_boot_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

ptrdiff_t platform_random(void *bytes, size_t count) { return getrandom(bytes, count, 0); }
