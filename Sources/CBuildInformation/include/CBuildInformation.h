/* SPDX-License-Identifier: Apache-2.0
 * What the build is told from outside, for `forkctl version`. */
#ifndef FORKCTL_CBUILDINFORMATION_H
#define FORKCTL_CBUILDINFORMATION_H

/* The commit, from the environment variable FORKCTL_COMMIT of the build; else "unknown". */
const char *_Nonnull forkctl_build_commit(void);

#endif
