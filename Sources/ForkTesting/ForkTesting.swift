// SPDX-License-Identifier: Apache-2.0
// Floor: ForkTesting, beside the others.
