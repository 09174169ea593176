/* SPDX-License-Identifier: Apache-2.0 */
#include "CBuildInformation.h"

#ifndef FORKCTL_COMMIT
#define FORKCTL_COMMIT unknown
#endif
#define TEXT(word) #word
#define EXPANDED_TEXT(word) TEXT(word)

const char *forkctl_build_commit(void) {
    return EXPANDED_TEXT(FORKCTL_COMMIT);
}
