/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * POSIX modes and ACLs as descriptors and back, through libacl's acl_t.
 *
 * libacl's <sys/acl.h> is needed by callers that pass lists; its types are
 * opaque here so that only they include it.
 */
#ifndef GUISE_ACL_POSIX_H
#define GUISE_ACL_POSIX_H

#include <sys/stat.h>
#include <sys/types.h>

#include "acl/descriptor.h"
#include "acl/error.h"

struct __acl_ext; /* libacl's acl_t is a pointer to this */

/*
 * The descriptor that an object without one has: what its mode, owner, group
 * and POSIX ACL mean.  @access is its access ACL or NULL (then @mode alone
 * counts); @inherit is a folder's default ACL or NULL.  The answer to an access
 * check against it is that of POSIX.1e for reading, writing, executing and
 * listing, asked for one at a time, for every user, order of matching included.
 * Writing to a folder counts as POSIX needs it, together with searching.  The
 * owner may besides change attributes, mode and (to a group of its own) group.
 * Deleting is the folder's affair: no DELETE is granted on the object.  A
 * folder with the sticky bit grants FILE_DELETE_CHILD to its owner only.
 * Returns SD_OK, SD_NO_MEMORY, SD_TOO_LARGE or SD_BAD_POSIX_ACL.  Caller frees *@sd.
 */
enum sd_error posix_to_descriptor(mode_t mode, uid_t uid, gid_t gid, const struct __acl_ext *access,
				  const struct __acl_ext *inherit, struct descriptor **sd);

/* The same for an owner and a group by any SIDs, as which the descriptor names them. */
enum sd_error posix_sids_to_descriptor(mode_t mode, const struct sid *owner,
				       const struct sid *group, const struct __acl_ext *access,
				       const struct __acl_ext *inherit, struct descriptor **sd);

/* The Unix ids of a SID; it may have both. */
struct posix_ids {
	bool has_uid, has_gid;
	uid_t uid;
	gid_t gid;
};

/*
 * Who knows the ids of SIDs that do not show them.  @ids returns false if @sid has none, or if that
 * cannot be told now.
 */
struct posix_map {
	bool (*ids)(void *context, const struct sid *sid, struct posix_ids *ids);
	void *context;
};

/* The nearest POSIX ACL of a descriptor, and the mode that goes with it. */
struct posix_acl {
	mode_t mode;              /* nine bits; with an ACL the group bits are its mask */
	struct __acl_ext *access; /* for acl_set_fd(); NULL if the mode says it all */
};

/*
 * The nearest POSIX ACL of @sd for an object owned by @uid and @gid: it never
 * grants reading, writing or executing to anyone whom @sd does not grant it.
 * What allows is left out if its SID names no Unix user or group, or if it is
 * conditional; what denies such a SID is taken to deny anybody whom it could be.  At most 25
 * entries name someone; those whom a deny ACE names come first.  @map, which may be NULL, is asked
 * for at most 64 SIDs of domains, those that are denied first; others count as naming nobody.
 */
enum sd_error posix_from_descriptor(const struct descriptor *sd, bool folder, uid_t uid, gid_t gid,
				    const struct posix_map *map, struct posix_acl *posix);

void posix_acl_clear(struct posix_acl *posix); /* frees what posix_from_descriptor() allocated */

/*
 * chmod as a narrowing mask, as rich ACLs do: a new descriptor in *@narrowed
 * in which the ACEs of the owner grant at most what @mode's owner bits allow,
 * those of Everyone and Authenticated Users what the other bits allow, all
 * others what the group bits allow; LocalSystem and Administrators are left
 * alone.  S_ISVTX leaves FILE_DELETE_CHILD on a folder to its owner's ACEs.  A class that may not
 * write may not delete, change attributes, DACL or owner either; a class without any bit keeps
 * nothing; the owner loses but the rights that its bits stand for.  Nothing is ever added: where
 * the owner had its rights only by ACEs of Everyone or Authenticated Users, what its bits allow of
 * them moves to an ACE of its own.  Applied to the descriptor kept from before the first narrowing
 * it can be undone.  A NULL DACL counts as full access for Everyone.  What is inheritable stays so
 * as it was, but for a class that the mode gives nothing at all: it loses what its ACEs would hand
 * on, too. Caller frees.
 */
enum sd_error posix_narrow(const struct descriptor *sd, mode_t mode, bool folder,
			   struct descriptor **narrowed);

#endif
