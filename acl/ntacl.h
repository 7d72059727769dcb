/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The extended attribute security.NTACL as Samba writes it (NDR, versions 1 to
 * 4), so that a folder can move between Samba and guisefs.
 *
 * Samba ignores bytes after the end of the structure.  guisefs keeps there the
 * DACL that a chmod has narrowed, so that a later chmod can undo it; whoever
 * rewrites the attribute without knowing of it thereby drops it, as is right.
 */
#ifndef GUISE_ACL_NTACL_H
#define GUISE_ACL_NTACL_H

#include <stddef.h>
#include <stdint.h>

#include "acl/descriptor.h"
#include "acl/error.h"

/*
 * Decodes @blob (hostile bytes).  Stores a new descriptor in *@sd and, if
 * @unmasked is not NULL, the descriptor kept behind it in *@unmasked (NULL if there is none).
 * Caller frees both.
 */
enum sd_error ntacl_read(const uint8_t *blob, size_t size, struct descriptor **sd,
			 struct descriptor **unmasked);

/*
 * Encodes @sd as version 3 with hash type none, and behind it, if
 * @unmasked is not NULL, what a chmod narrowed.  Allocates *@blob (free()).
 */
enum sd_error ntacl_write(const struct descriptor *sd, const struct descriptor *unmasked,
			  uint8_t **blob, size_t *size);

#endif
