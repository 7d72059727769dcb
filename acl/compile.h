/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Descriptors compiled for checking: what matters to an access check, laid out flat
 * and worked out once.
 *
 * A compiled descriptor is immutable and refers to nothing outside; many threads
 * may check against it at once.  Functions are pure.
 */
#ifndef GUISE_ACL_COMPILE_H
#define GUISE_ACL_COMPILE_H

#include <stddef.h>

#include "acl/access.h"
#include "acl/descriptor.h"
#include "acl/error.h"

/*
 * Compiles @sd, which may go afterwards.  Stores a new value in *@compiled (free
 * with compiled_destroy()).  SD_OK or SD_NO_MEMORY; there is no descriptor that cannot be
 * compiled: what cannot be understood (a malformed condition or attribute) grants nothing and
 * denies what it can.
 */
enum sd_error compile(const struct descriptor *sd, struct compiled **compiled);

/* Frees @compiled; NULL is allowed. */
void compiled_destroy(struct compiled *compiled);

/* Bytes that @compiled takes in memory, for whoever keeps many of them. */
size_t compiled_size(const struct compiled *compiled);

#endif
