/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Setting POSIX ACLs: the two parts of a DACL, and telling whether they are POSIX's. */
#include "acl/posix_set.h"

#include <stdlib.h>
#include <string.h>

#include <acl/libacl.h>
#include <sys/acl.h>

#include "acl/bytes.h"
#include "acl/mask.h"

#define INHERIT_FLAGS (OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE)
#define OTHER_FLAGS (NO_PROPAGATE_INHERIT_ACE | INHERIT_ONLY_ACE | INHERITED_ACE)

/* linux/posix_acl_xattr.h */
#define XATTR_VERSION 2u
#define XATTR_HEADER 4u
#define XATTR_ENTRY 8u

static void acl_destroyp(struct acl **acl)
{
	acl_destroy(*acl);
}

static void posix_freep(acl_t *acl)
{
	if (*acl)
		acl_free(*acl);
}

#define AUTO_ACL __attribute__((cleanup(acl_destroyp)))
#define AUTO_POSIX __attribute__((cleanup(posix_freep)))

/* ---- lists ---- */

static bool is_named(acl_tag_t tag)
{
	return tag == ACL_USER || tag == ACL_GROUP;
}

static bool set_perm(acl_entry_t entry, unsigned int perm)
{
	acl_permset_t set;

	return acl_get_permset(entry, &set) == 0 && acl_clear_perms(set) == 0 &&
	       (!(perm & 4) || acl_add_perm(set, ACL_READ) == 0) &&
	       (!(perm & 2) || acl_add_perm(set, ACL_WRITE) == 0) &&
	       (!(perm & 1) || acl_add_perm(set, ACL_EXECUTE) == 0);
}

static unsigned int get_perm(acl_entry_t entry)
{
	acl_permset_t set;

	if (acl_get_permset(entry, &set) != 0)
		return 0;
	return (acl_get_perm(set, ACL_READ) == 1 ? 4u : 0) |
	       (acl_get_perm(set, ACL_WRITE) == 1 ? 2u : 0) |
	       (acl_get_perm(set, ACL_EXECUTE) == 1 ? 1u : 0);
}

static enum sd_error put(acl_t *acl, acl_tag_t tag, id_t id, unsigned int perm)
{
	acl_entry_t entry;

	if (acl_create_entry(acl, &entry) != 0)
		return SD_NO_MEMORY;
	return acl_set_tag_type(entry, tag) == 0 &&
			       (!is_named(tag) || acl_set_qualifier(entry, &id) == 0) &&
			       set_perm(entry, perm)
		       ? SD_OK
		       : SD_BAD_POSIX_ACL;
}

static bool is_tag(unsigned int tag)
{
	return tag == ACL_USER_OBJ || tag == ACL_USER || tag == ACL_GROUP_OBJ || tag == ACL_GROUP ||
	       tag == ACL_MASK || tag == ACL_OTHER;
}

static enum sd_error read_entry(const uint8_t *at, acl_t *acl)
{
	unsigned int tag = get_le16(at), perm = get_le16(at + 2);

	if (!is_tag(tag) || perm > 7)
		return SD_BAD_POSIX_ACL;
	return put(acl, (acl_tag_t)tag, get_le32(at + 4), perm);
}

enum sd_error posix_acl_read(const uint8_t *bytes, size_t size, struct __acl_ext **acl)
{
	AUTO_POSIX acl_t made = NULL;
	size_t count = size < XATTR_HEADER ? 0 : (size - XATTR_HEADER) / XATTR_ENTRY;
	enum sd_error error = SD_OK;

	*acl = NULL;
	if (size < XATTR_HEADER || (size - XATTR_HEADER) % XATTR_ENTRY ||
	    get_le32(bytes) != XATTR_VERSION)
		return SD_BAD_POSIX_ACL;
	if (count == 0)
		return SD_OK;
	if (count > POSIX_ENTRIES_MAX)
		return SD_TOO_LARGE;
	made = acl_init((int)count);
	if (!made)
		return SD_NO_MEMORY;
	for (size_t i = 0; i < count && !error; i++)
		error = read_entry(bytes + XATTR_HEADER + i * XATTR_ENTRY, &made);
	if (!error && acl_valid(made) != 0)
		error = SD_BAD_POSIX_ACL;
	if (error)
		return error;
	*acl = made;
	made = NULL;
	return SD_OK;
}

/* Which bits of a mode an entry is, in a list with or without a mask; -1: none. */
static int class_of(acl_tag_t tag, bool masked)
{
	if (tag == ACL_USER_OBJ)
		return 6;
	if (tag == ACL_OTHER)
		return 0;
	return tag == (masked ? ACL_MASK : ACL_GROUP_OBJ) ? 3 : -1;
}

bool posix_acl_is_extended(const struct __acl_ext *acl)
{
	return acl_entries((acl_t)(uintptr_t)acl) > 3;
}

mode_t posix_acl_mode(const struct __acl_ext *acl)
{
	/* walking a list moves a cursor in it, so walk a copy */
	AUTO_POSIX acl_t copy = acl_dup((acl_t)(uintptr_t)acl);
	bool masked = posix_acl_is_extended(acl);
	acl_entry_t entry;
	acl_tag_t tag;
	mode_t mode = 0;

	for (int more = copy ? acl_get_entry(copy, ACL_FIRST_ENTRY, &entry) : 0; more == 1;
	     more = acl_get_entry(copy, ACL_NEXT_ENTRY, &entry)) {
		if (acl_get_tag_type(entry, &tag) == 0 && class_of(tag, masked) >= 0)
			mode |= (mode_t)get_perm(entry) << class_of(tag, masked);
	}
	return mode;
}

enum sd_error posix_acl_chmod(struct __acl_ext *acl, mode_t mode)
{
	bool masked = posix_acl_is_extended(acl);
	acl_entry_t entry;
	acl_tag_t tag;
	int more;

	for (more = acl_get_entry(acl, ACL_FIRST_ENTRY, &entry); more == 1;
	     more = acl_get_entry(acl, ACL_NEXT_ENTRY, &entry)) {
		if (acl_get_tag_type(entry, &tag) != 0)
			return SD_BAD_POSIX_ACL;
		if (class_of(tag, masked) >= 0 &&
		    !set_perm(entry, mode >> class_of(tag, masked) & 7u))
			return SD_BAD_POSIX_ACL;
	}
	return more == 0 ? SD_OK : SD_BAD_POSIX_ACL;
}

/* ---- the two parts of a DACL ---- */

static enum sd_error append_as(struct acl *to, const struct ace *ace, uint8_t flags)
{
	struct ace copy = *ace;

	copy.flags = flags;
	return acl_append(to, &copy);
}

/* What @dacl says of the object itself. */
static enum sd_error append_own(struct acl *to, const struct acl *dacl)
{
	enum sd_error error = SD_OK;

	for (size_t i = 0; dacl && i < dacl->count && !error; i++) {
		const struct ace *ace = &dacl->aces[i];

		if (!(ace->flags & INHERIT_ONLY_ACE))
			error = append_as(to, ace,
					  ace->flags & (uint8_t) ~(INHERIT_FLAGS | OTHER_FLAGS));
	}
	return error;
}

/* And what it hands on. */
static enum sd_error append_handed(struct acl *to, const struct acl *dacl)
{
	enum sd_error error = SD_OK;

	for (size_t i = 0; dacl && i < dacl->count && !error; i++) {
		const struct ace *ace = &dacl->aces[i];

		if (ace->flags & INHERIT_FLAGS)
			error = append_as(
				to, ace, (ace->flags | INHERIT_ONLY_ACE) & (uint8_t)~INHERITED_ACE);
	}
	return error;
}

/* A NULL DACL is full access for Everyone. */
static enum sd_error append_everything(struct acl *to)
{
	struct ace ace = ace_make(ACCESS_ALLOWED_ACE_TYPE, 0, FILE_ALL_ACCESS, &sid_everyone);

	return acl_append(to, &ace);
}

static enum sd_error take_dacl(struct descriptor *sd, struct acl **dacl)
{
	descriptor_set_dacl(sd, *dacl);
	*dacl = NULL;
	sd->control =
		(uint16_t)((sd->control & ~(unsigned int)SE_DACL_DEFAULTED) | SE_DACL_PROTECTED);
	return SD_OK;
}

static enum sd_error imply(const struct posix_access *access, const struct __acl_ext *inherit,
			   struct descriptor **sd)
{
	return posix_sids_to_descriptor(access->mode, &access->owner, &access->group, access->acl,
					inherit, sd);
}

enum sd_error posix_set_access(struct descriptor *sd, const struct posix_access *access)
{
	__attribute__((cleanup(descriptor_destroyp))) struct descriptor *meant = NULL;
	AUTO_ACL struct acl *dacl = acl_create();
	enum sd_error error = dacl ? imply(access, NULL, &meant) : SD_NO_MEMORY;

	if (!error)
		error = append_own(dacl, meant->dacl);
	if (!error)
		error = append_handed(dacl, sd->dacl);
	return error ? error : take_dacl(sd, &dacl);
}

/* The ACEs that @inherit is. */
static enum sd_error default_aces(const struct __acl_ext *inherit, struct acl *to)
{
	/* whose access is of no account here */
	const struct posix_access nobody = {
		.mode = S_IFDIR, .owner = sid_creator_owner, .group = sid_creator_group};
	__attribute__((cleanup(descriptor_destroyp))) struct descriptor *meant = NULL;
	enum sd_error error = imply(&nobody, inherit, &meant);

	return error ? error : append_handed(to, meant->dacl);
}

enum sd_error posix_set_default(struct descriptor *sd, const struct __acl_ext *inherit)
{
	AUTO_ACL struct acl *dacl = acl_create();
	enum sd_error error = SD_NO_MEMORY;

	if (dacl)
		error = sd->dacl ? append_own(dacl, sd->dacl) : append_everything(dacl);
	if (!error && inherit)
		error = default_aces(inherit, dacl);
	return error ? error : take_dacl(sd, &dacl);
}

/* Is the own part of @dacl what @access means? */
static bool is_own(const struct acl *own, const struct posix_access *access)
{
	__attribute__((cleanup(descriptor_destroyp))) struct descriptor *meant = NULL;

	return imply(access, NULL, &meant) == SD_OK && acl_equal(own, meant->dacl);
}

bool posix_is_access(const struct descriptor *sd, const struct posix_access *access)
{
	struct posix_access of_folder = *access;
	AUTO_ACL struct acl *own = acl_create();

	if (!sd->dacl || !own || append_own(own, sd->dacl) != SD_OK)
		return false;
	if (is_own(own, access))
		return true;
	/* a file may have from its folder what a folder would have */
	of_folder.mode = S_IFDIR | (access->mode & 0777);
	return S_ISREG(access->mode) && is_own(own, &of_folder);
}

bool posix_is_default(const struct descriptor *sd, const struct __acl_ext *inherit)
{
	AUTO_ACL struct acl *handed = acl_create(), *meant = acl_create();

	return handed && meant && append_handed(handed, sd->dacl) == SD_OK &&
	       default_aces(inherit, meant) == SD_OK && acl_equal(handed, meant);
}

/* ---- guessing ---- */

/* What the allow ACEs of @sid in @own are as permissions. */
static unsigned int perm_of(const struct acl *own, const struct sid *sid)
{
	unsigned int perm = 0;

	for (size_t i = 0; i < own->count; i++) {
		const struct ace *ace = &own->aces[i];

		if (ace->opaque || ace->type != ACCESS_ALLOWED_ACE_TYPE ||
		    !sid_equal(&ace->sid, sid))
			continue;
		perm |= (ace->mask & FILE_READ_DATA ? 4u : 0) |
			(ace->mask & FILE_WRITE_DATA ? 2u : 0) |
			(ace->mask & FILE_EXECUTE ? 1u : 0);
	}
	return perm;
}

static bool named_before(const struct acl *own, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (!own->aces[i].opaque && sid_equal(&own->aces[i].sid, &own->aces[at].sid))
			return true;
	}
	return false;
}

/* An entry for whom ACE @at names, if that is one who is not owner or group and has none yet. */
static enum sd_error put_named(const struct acl *own, size_t at, const struct posix_access *access,
			       acl_t *acl)
{
	const struct sid *sid = &own->aces[at].sid;
	uid_t uid;
	gid_t gid;

	if (own->aces[at].opaque || sid_equal(sid, &access->owner) ||
	    sid_equal(sid, &access->group) || named_before(own, at))
		return SD_OK;
	if (sid_to_uid(sid, &uid))
		return put(acl, ACL_USER, uid, perm_of(own, sid));
	if (sid_to_gid(sid, &gid))
		return put(acl, ACL_GROUP, gid, perm_of(own, sid));
	return SD_OK;
}

enum sd_error posix_guess_access(const struct descriptor *sd, const struct posix_access *access,
				 struct __acl_ext **acl)
{
	AUTO_ACL struct acl *own = acl_create();
	AUTO_POSIX acl_t made = acl_init(4);
	enum sd_error error = own && made ? append_own(own, sd->dacl) : SD_NO_MEMORY;

	if (!error && own->count > POSIX_ENTRIES_MAX)
		error = SD_TOO_LARGE;
	if (!error)
		error = put(&made, ACL_USER_OBJ, 0, perm_of(own, &access->owner));
	if (!error)
		error = put(&made, ACL_GROUP_OBJ, 0, perm_of(own, &access->group));
	if (!error)
		error = put(&made, ACL_OTHER, 0, perm_of(own, &sid_everyone));
	for (size_t i = 0; !error && i < own->count; i++)
		error = put_named(own, i, access, &made);
	if (!error && posix_acl_is_extended(made) && acl_calc_mask(&made) != 0)
		error = SD_NO_MEMORY;
	if (error)
		return error;
	*acl = made;
	made = NULL;
	return SD_OK;
}
