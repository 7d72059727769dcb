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

#define NTACL_VERSION_MAX 4
#define NTACL_HASH_SIZE 64

/*
 * What the attribute holds beside the descriptor.  The hashes say whether the POSIX ACL or the
 * descriptor was changed behind Samba's back; here they are bytes.
 */
struct ntacl_info {
	uint16_t version;                      /* 1 to 4 */
	uint16_t hash_type;                    /* versions 3 and 4; 0 none, 1 SHA-256 */
	uint8_t hash[NTACL_HASH_SIZE];         /* version 2: 16 bytes; 3 and 4: all */
	char *description;                     /* version 4: UTF-8, owned; NULL is as "" */
	uint64_t time;                         /* version 4: when Samba wrote it (NTTIME) */
	uint8_t sys_acl_hash[NTACL_HASH_SIZE]; /* version 4: of the POSIX ACL */
};

/* Frees what @info owns, not @info itself, and leaves it empty. */
void ntacl_info_clear(struct ntacl_info *info);

/*
 * Decodes @blob (hostile bytes).  Stores a new descriptor in *@sd and, if
 * @unmasked is not NULL, the descriptor kept behind it in *@unmasked (NULL if there is none).
 * Caller frees both.
 */
enum sd_error ntacl_read(const uint8_t *blob, size_t size, struct descriptor **sd,
			 struct descriptor **unmasked);

/*
 * The same, and stores in *@info what else is there (caller clears); fields that the version
 * does not have are zero, and the description of version 4 is not NULL.  On failure
 * nothing is stored.
 */
enum sd_error ntacl_read_info(const uint8_t *blob, size_t size, struct descriptor **sd,
			      struct descriptor **unmasked, struct ntacl_info *info);

/*
 * Makes zero in @blob (hostile bytes) what says nothing of its descriptors: the hashes, their type
 * and the time.  So what is read of it is the same, and blobs of the same descriptors, in one
 * version, are, too.
 */
void ntacl_blank(uint8_t *blob, size_t size);

/*
 * Encodes @sd as version 3 with hash type none, and behind it, if
 * @unmasked is not NULL, what a chmod narrowed.  Allocates *@blob (free()).
 */
enum sd_error ntacl_write(const struct descriptor *sd, const struct descriptor *unmasked,
			  uint8_t **blob, size_t *size);

/*
 * The same in the version and with the fields of @info, byte for byte as Samba does; fields that
 * the version does not have are ignored.  SD_BAD_NTACL if there is no such
 * version or the description is not UTF-8, SD_TOO_LARGE if that is too long.
 */
enum sd_error ntacl_write_info(const struct descriptor *sd, const struct descriptor *unmasked,
			       const struct ntacl_info *info, uint8_t **blob, size_t *size);

#endif
