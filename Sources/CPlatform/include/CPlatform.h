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

#endif
