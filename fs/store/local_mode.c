/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Descriptors that say what a mode says: those that chmod=replace and
 * create-mode=posix make.  They are known by their DACL alone, so whoever sets
 * another has it judged as it stands.
 */
#include <sys/stat.h>

#include "acl/mask.h"
#include "acl/posix.h"
#include "fs/store/at_rest.h"

bool local_is_root_sid(const struct sid *sid)
{
	return sid_equal(sid, &sid_system) || sid_equal(sid, &sid_administrators);
}

/*
 * By which SIDs a mode names owner and group: their own.  So nobody need be asked who that is, and
 * a DACL goes on to mean what it meant wherever a domain's accounts are mapped to.
 */
struct classes {
	struct sid owner, group;
};

static bool find_owner(const struct descriptor *sd, struct classes *classes)
{
	uid_t uid;

	classes->owner = local_is_root_sid(&sd->owner) ? sid_from_uid(0) : sd->owner;
	return sd->has_owner &&
	       (sid_is_domain(&classes->owner) || sid_to_uid(&classes->owner, &uid));
}

static bool find_group(const struct descriptor *sd, struct classes *classes)
{
	gid_t gid;

	classes->group = local_is_root_sid(&sd->group) ? sid_from_gid(0) : sd->group;
	return sd->has_group &&
	       (sid_is_domain(&classes->group) || sid_to_gid(&classes->group, &gid));
}

static bool find_classes(const struct descriptor *sd, struct classes *classes)
{
	return find_owner(sd, classes) && find_group(sd, classes);
}

bool local_takes_mode(const struct descriptor *sd)
{
	struct classes classes;

	return find_classes(sd, &classes);
}

static bool means(const struct descriptor *sd, mode_t mode, const struct classes *classes)
{
	__attribute__((cleanup(descriptor_destroyp))) struct descriptor *plain = NULL;

	return posix_sids_to_descriptor(mode, &classes->owner, &classes->group, NULL, NULL,
					&plain) == SD_OK &&
	       acl_equal(sd->dacl, plain->dacl);
}

bool local_means(const struct descriptor *sd, mode_t mode)
{
	struct classes classes;

	return sd->dacl && (sd->control & SE_DACL_PROTECTED) && find_classes(sd, &classes) &&
	       means(sd, mode, &classes);
}

/* What the allow ACE of @sid in @acl means as mode bits. */
static mode_t bits_of(const struct acl *acl, const struct sid *sid)
{
	mode_t bits = 0;

	for (size_t i = 0; i < acl->count; i++) {
		const struct ace *ace = &acl->aces[i];

		if (ace->opaque || ace->type != ACCESS_ALLOWED_ACE_TYPE ||
		    !sid_equal(&ace->sid, sid))
			continue;
		bits |= (ace->mask & FILE_READ_DATA ? 4u : 0) |
			(ace->mask & FILE_WRITE_DATA ? 2u : 0) |
			(ace->mask & FILE_EXECUTE ? 1u : 0);
	}
	return bits;
}

bool local_mode_of(const struct descriptor *sd, bool folder, mode_t *mode)
{
	const mode_t type = folder ? S_IFDIR : S_IFREG;
	struct classes classes;

	if (!sd->dacl || !(sd->control & SE_DACL_PROTECTED) || !find_classes(sd, &classes))
		return false;
	*mode = bits_of(sd->dacl, &classes.owner) << 6 | bits_of(sd->dacl, &classes.group) << 3 |
		bits_of(sd->dacl, &sid_everyone);
	if (means(sd, type | *mode, &classes))
		return true;
	*mode |= S_ISVTX;
	return folder && means(sd, type | *mode, &classes);
}

void local_classes(const struct descriptor *sd, uid_t uid, gid_t gid, struct sid *owner,
		   struct sid *group)
{
	struct classes classes;

	*owner = find_owner(sd, &classes) ? classes.owner : sid_from_uid(uid);
	*group = find_group(sd, &classes) ? classes.group : sid_from_gid(gid);
}

enum sd_error local_mode_apply(struct descriptor *sd, mode_t mode, uid_t uid, gid_t gid)
{
	__attribute__((cleanup(descriptor_destroyp))) struct descriptor *plain = NULL;
	struct classes classes;
	enum sd_error error;

	local_classes(sd, uid, gid, &classes.owner, &classes.group);
	error = posix_sids_to_descriptor(mode, &classes.owner, &classes.group, NULL, NULL, &plain);
	if (error != SD_OK)
		return error;
	descriptor_set_dacl(sd, plain->dacl);
	sd->control = (uint16_t)((sd->control & ~(SE_DACL_AUTO_INHERITED | SE_DACL_DEFAULTED)) |
				 SE_DACL_PROTECTED);
	plain->dacl = NULL;
	return SD_OK;
}

mode_t local_special_bits(const struct stat *st)
{
	return S_ISDIR(st->st_mode) ? st->st_mode & (S_ISVTX | S_ISGID) : 0;
}
