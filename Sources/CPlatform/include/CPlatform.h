/* SPDX-License-Identifier: Apache-2.0
 * System calls and instructions that Swift cannot name. Every function that can fail returns
 * -1 and sets errno, like the call it wraps, unless it says otherwise. */
#ifndef FORKCTL_CPLATFORM_H
#define FORKCTL_CPLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The processor's hint that `address` will be read soon. Never faults. */
static inline void platform_prefetch(const void *_Nullable address) {
    __builtin_prefetch(address, 0, 3);
}

/* Atomic 64-bit words in memory shared by processes (one mapped file). */
static inline uint64_t platform_load_acquire(const uint64_t *_Nonnull word) {
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}
static inline void platform_store_release(uint64_t *_Nonnull word, uint64_t value) {
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}
/* Sequentially consistent; true when `word` held `expected` and now holds `desired`. */
static inline bool platform_compare_exchange(
    uint64_t *_Nonnull word, uint64_t expected, uint64_t desired) {
    return __atomic_compare_exchange_n(
        word, &expected, desired, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}
/* 32-bit words, for indexes that one writer changes under many readers. */
static inline uint32_t platform_load_acquire32(const uint32_t *_Nonnull word) {
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}
static inline void platform_store_release32(uint32_t *_Nonnull word, uint32_t value) {
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

/* Opens a file without a name in `path`, below `folder`, read-write. */
int platform_open_temporary(int folder, const char *_Nonnull path);

/* Gives the open `file` the name `path`; EEXIST where it is taken. */
int platform_link_descriptor(int file, int folder, const char *_Nonnull path);

/* renameat2 below `folder`; EEXIST where the new name is taken and not to be replaced. */
int platform_rename(
    int folder, const char *_Nonnull path, const char *_Nonnull new_path, bool replacing);

/* Open-file-description locks on the bytes [from, to); a `to` above 2^63-1 means without end.
 * Not waiting, a range that another open file holds is EAGAIN or EACCES. */
int platform_lock(int file, bool exclusive, bool waiting, uint64_t from, uint64_t to);
int platform_unlock(int file, uint64_t from, uint64_t to);

/* Hints: start to write a range back; drop the clean pages of a file. */
int platform_begin_writeback(int file, int64_t offset, int64_t byte_count);
int platform_drop_cache(int file);

/* Gives a file space for its first `byte_count` bytes, growing it with zeros, never cutting; on
 * btrfs an empty file's blocks are from then on written in place. */
int platform_reserve(int file, int64_t byte_count);

/* A shared, writable mapping of the first bytes of a file; NULL with errno set. */
void *_Nullable platform_map_shared(int file, size_t byte_count);
/* Zeroed memory of this process alone, by pages, as they are touched; NULL with errno set. */
void *_Nullable platform_map_private(size_t byte_count);
int platform_unmap(void *_Nonnull memory, size_t byte_count);

/* The magic number of the file system that holds `file`, and whether it is mounted read-only. */
int platform_volume(int file, uint64_t *_Nonnull kind, bool *_Nonnull read_only);

/* Nanoseconds since 1970 (CLOCK_REALTIME), and since the boot (CLOCK_BOOTTIME, which counts
 * while the machine sleeps). Neither fails. */
int64_t platform_wall_nanoseconds(void);
uint64_t platform_boot_nanoseconds(void);

/* Fills `bytes` from the kernel's generator, blocking only before it is seeded early in a boot;
 * returns how many bytes it filled. */
ptrdiff_t platform_random(void *_Nonnull bytes, size_t count);

#endif
