/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hash of an object's mode, owner and POSIX ACLs by which Samba tells whether
 * they are still those that a descriptor in security.NTACL was written with: if not,
 * it goes by the POSIX ACL.
 *
 * libacl's <sys/acl.h> is needed by callers that pass lists.
 */
#ifndef GUISE_ACL_NTACL_HASH_H
#define GUISE_ACL_NTACL_HASH_H

#include <sys/stat.h>
#include <sys/types.h>

#include "acl/ntacl.h"

struct __acl_ext; /* libacl's acl_t is a pointer to this */

/* What goes with a descriptor on the object that has it. */
struct ntacl_system {
	mode_t mode; /* with its type */
	uid_t uid;
	gid_t gid;
	/* the access ACL, as chmod(2) to @mode leaves it; NULL if the mode says it all */
	const struct __acl_ext *access;
	const struct __acl_ext *inherit; /* a folder's default ACL, or NULL */
};

/*
 * What Samba hashes: its struct smb_acl_wrapper (librpc/idl/smb_acl.idl) in NDR.  Allocates *@bytes
 * (free()).  SD_BAD_POSIX_ACL if a list is none.
 */
enum sd_error ntacl_system_write(const struct ntacl_system *system, uint8_t **bytes, size_t *size);

/*
 * Encodes @sd, and what a chmod narrowed behind it, as version 4 with the SHA-256 of @system.  The
 * time is always 0 and the other hash, of the descriptor that Samba would make of the POSIX ACL by
 * its own map of accounts, is left out, so that equal descriptors of one owner have the same bytes.
 * Allocates *@blob (free()).
 */
enum sd_error ntacl_write_hashed(const struct descriptor *sd, const struct descriptor *unmasked,
				 const struct ntacl_system *system, uint8_t **blob, size_t *size);

#endif
