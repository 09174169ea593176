/* SPDX-License-Identifier: Apache-2.0
 * The streaming form of XXH3-128: its state is 576 bytes, aligned to 64, so it lives on the heap. */
#include "CXXHash.h"

forkctl_hasher *forkctl_hasher_create(void) {
    XXH3_state_t *state = XXH3_createState();
    if (state != NULL) XXH3_128bits_reset(state);
    return (forkctl_hasher *)state;
}

void forkctl_hasher_update(forkctl_hasher *hasher, const void *bytes, size_t count) {
    XXH3_128bits_update((XXH3_state_t *)hasher, bytes, count);
}

forkctl_hash128 forkctl_hasher_digest(const forkctl_hasher *hasher) {
    XXH128_hash_t hash = XXH3_128bits_digest((const XXH3_state_t *)hasher);
    return (forkctl_hash128){.high = hash.high64, .low = hash.low64};
}

void forkctl_hasher_destroy(forkctl_hasher *hasher) { XXH3_freeState((XXH3_state_t *)hasher); }
