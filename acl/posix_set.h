/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * POSIX ACLs that are set on an object which has a descriptor.
 *
 * An access ACL is about the object itself, a default ACL about what a folder hands on; so
 * each replaces one part of the DACL and leaves the other.  ACEs that do both are parted.
 */
#ifndef GUISE_ACL_POSIX_SET_H
#define GUISE_ACL_POSIX_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acl/posix.h"

/* The most entries that are read. */
#define POSIX_ENTRIES_MAX 1024

/*
 * Decodes the value of system.posix_acl_access or system.posix_acl_default, as Linux has it.
 * @bytes is hostile.  Stores a valid list in *@acl (caller: acl_free()), NULL if it has no entries.
 */
enum sd_error posix_acl_read(const uint8_t *bytes, size_t size, struct __acl_ext **acl);

/* The mode that goes with a valid @acl: owner, mask or else group, other. */
mode_t posix_acl_mode(const struct __acl_ext *acl);

/* Does it have more than the three entries that a mode has? */
bool posix_acl_is_extended(const struct __acl_ext *acl);

/* chmod(2) of what @acl belongs to: owner, mask or else group, and other become @mode's. */
enum sd_error posix_acl_chmod(struct __acl_ext *acl, mode_t mode);

/* What an access ACL means for an object: its type and S_ISVTX, whom it calls owner and group, and
 * the list or, where that is NULL, the permission bits of @mode. */
struct posix_access {
	mode_t mode;
	struct sid owner, group;
	const struct __acl_ext *acl;
};

/*
 * Makes @access what the DACL of @sd says of the object itself; what it hands on stays.  No ACE
 * counts as inherited any more, and the DACL becomes SE_DACL_PROTECTED, or the parent would add to
 * what the ACL says.
 */
enum sd_error posix_set_access(struct descriptor *sd, const struct posix_access *access);

/* The same for @inherit (NULL: nothing) as what the DACL of folder @sd hands on. */
enum sd_error posix_set_default(struct descriptor *sd, const struct __acl_ext *inherit);

/* Does the DACL of @sd say of the object itself just what @access means, whoever said so? */
bool posix_is_access(const struct descriptor *sd, const struct posix_access *access);

/* Does the DACL of folder @sd hand on just what @inherit means? */
bool posix_is_default(const struct descriptor *sd, const struct __acl_ext *inherit);

/*
 * The access ACL that the DACL of @sd would be, if it is one at all (posix_is_access()), for owner
 * and group of @access.  Caller: acl_free().
 */
enum sd_error posix_guess_access(const struct descriptor *sd, const struct posix_access *access,
				 struct __acl_ext **acl);

#endif
