/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Storing a descriptor, and beside it on the backing object the owner and the nearest
 * POSIX ACL, so that the backing folder is no back door: not even while they change,
 * or after a crash in between.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/acl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "acl/ntacl.h"
#include "acl/ntacl_hash.h"
#include "acl/posix.h"
#include "fs/audit.h"
#include "fs/sandbox.h"
#include "fs/store/at_rest.h"
#include "keyring/domain.h"

/* The Unix user that @owner is; root where it is none, and then only a root's SID *@is_known. */
static int unix_user(bool has, const struct sid *owner, uid_t *uid, bool *is_known)
{
	int err = has ? domain_uid(owner, uid) : -ENOENT;

	*is_known = err == 0 || (has && local_is_root_sid(owner));
	if (err == -ENOENT)
		*uid = 0;
	return err == -ENOENT ? 0 : err;
}

static int unix_group(bool has, const struct sid *group, gid_t *gid, bool *is_known)
{
	int err = has ? domain_gid(group, gid) : -ENOENT;

	*is_known = err == 0 || (has && local_is_root_sid(group));
	if (err == -ENOENT)
		*gid = 0;
	return err == -ENOENT ? 0 : err;
}

/*
 * The Unix owner that goes with a descriptor: root where its SIDs name no Unix user or group, and
 * then not *@are_known.  Who cannot be told now could be anybody.
 */
static int unix_owner(const struct descriptor *sd, uid_t *uid, gid_t *gid, bool *are_known)
{
	bool user_known, group_known;
	int err = unix_user(sd->has_owner, &sd->owner, uid, &user_known);

	if (err == 0)
		err = unix_group(sd->has_group, &sd->group, gid, &group_known);
	if (err == 0)
		*are_known = user_known && group_known;
	return err;
}

/* The ids of a domain's SID.  Once one cannot be told, the others are not asked for. */
static bool ids_of_sid(void *context, const struct sid *sid, struct posix_ids *ids)
{
	bool *failed = context;
	struct domain_ids known;

	if (*failed || domain_ids(sid, &known) < 0) {
		*failed = true;
		return false;
	}
	*ids = (struct posix_ids){
		.has_uid = known.has_uid,
		.has_gid = known.has_gid && !known.is_user,
		.uid = known.uid,
		.gid = known.gid,
	};
	return true;
}

/* What is stored on an object now, to be put back. */
struct stored {
	uint8_t *blob;
	ssize_t size; /* -1: nothing */
};

static void stored_clear(struct stored *stored)
{
	free(stored->blob);
}

static int stored_save(const char *path, struct stored *stored)
{
	stored->blob = malloc(XATTR_SIZE_MAX);
	if (!stored->blob)
		return -ENOMEM;
	stored->size = getxattr(path, LOCAL_NTACL, stored->blob, XATTR_SIZE_MAX);
	return stored->size < 0 && errno != ENODATA ? -errno : 0;
}

static void stored_restore(const char *path, const struct stored *stored)
{
	bool none = stored->size < 0;
	int failed = none ? removexattr(path, LOCAL_NTACL)
			  : setxattr(path, LOCAL_NTACL, stored->blob, (size_t)stored->size, 0);

	/* if it was the new one that could not be stored, there is none to remove */
	if (failed && !(none && errno == ENODATA))
		audit_note("descriptor not put back path=%s: %s", path, strerror(errno));
}

/* An object that is to have another descriptor, and what goes with it on the backing object. */
struct change {
	int fd;
	bool opened; /* fd is of an open file, not just of a place (O_PATH) */
	char path[LOCAL_PATH_SIZE];
	struct stat st; /* before; st_mode as it is now */
	uint8_t *blob;  /* the new descriptor */
	size_t size;
	uid_t uid;
	gid_t gid;
	struct posix_acl posix;
	mode_t mode;   /* the one that goes with posix */
	bool had_list; /* a POSIX ACL */
};

static void change_clear(struct change *change)
{
	free(change->blob);
	posix_acl_clear(&change->posix);
}

static bool may_have_list(const struct change *change)
{
	ssize_t size = change->opened ? fgetxattr(change->fd, LOCAL_POSIX_ACCESS, NULL, 0)
				      : getxattr(change->path, LOCAL_POSIX_ACCESS, NULL, 0);

	return size > 0 || (size < 0 && errno != ENODATA && errno != EOPNOTSUPP);
}

/*
 * Would the kernel look at @shown?  Not at a list whose mask is empty, as the mode then says: whom
 * it denies would be "other".
 */
static bool is_looked_at(const struct local_shown *shown)
{
	return !shown->access || (shown->mode & 0070) || !(shown->mode & 0007);
}

/*
 * @mode, of which bits were taken that are not to be shown, as a mode with which the kernel looks
 * at the list of @change: no entry has any of what the mask is then, so it widens nothing.
 */
static mode_t looked_at(const struct change *change, mode_t mode)
{
	if (!change->posix.access || (mode & 0070))
		return mode;
	return mode | (mode & 0007) << 3;
}

/* What is known to say the same is shown. */
static enum sd_error change_show(struct change *change, const struct local_shown *shown)
{
	posix_acl_clear(&change->posix);
	change->posix.mode = shown->mode;
	if (shown->access)
		change->posix.access = acl_dup((acl_t)(uintptr_t)shown->access);
	return shown->access && !change->posix.access ? SD_NO_MEMORY : SD_OK;
}

static void acl_freep(acl_t *acl)
{
	if (*acl)
		acl_free(*acl);
}

/*
 * Encodes the new descriptor with Samba's hash of what the backing object will have beside it.  If
 * that comes to nothing (a crash, a list that cannot be stored) the hash does not match,
 * and an smbd goes by the POSIX ACL.  So it does without a hash, where a folder's default ACL,
 * which does not change, cannot be read.
 */
static enum sd_error change_encode(struct change *change, const struct descriptor *sd,
				   const struct descriptor *unmasked)
{
	__attribute__((cleanup(acl_freep))) acl_t inherit = NULL;
	struct ntacl_system system = {
		.mode = (change->st.st_mode & S_IFMT) |
			(S_ISLNK(change->st.st_mode) ? 0777 : change->mode),
		.uid = change->uid,
		.gid = change->gid,
		.access = change->posix.access,
	};

	if (S_ISDIR(change->st.st_mode)) {
		inherit = acl_get_file(change->path, ACL_TYPE_DEFAULT);
		if (!inherit)
			return ntacl_write(sd, unmasked, &change->blob, &change->size);
		system.inherit = inherit;
	}
	return ntacl_write_hashed(sd, unmasked, &system, &change->blob, &change->size);
}

static int change_plan(struct change *change, int fd, const struct descriptor *sd,
		       const struct descriptor *unmasked, mode_t keep,
		       const struct local_shown *shown)
{
	bool failed = false, are_known = false;
	const struct posix_map map = {.ids = ids_of_sid, .context = &failed};
	enum sd_error error;
	int err;

	change->fd = fd;
	local_path(fd, change->path);
	if (fstat(fd, &change->st) < 0)
		return -errno;
	err = unix_owner(sd, &change->uid, &change->gid, &are_known);
	if (err < 0)
		return err;
	error = posix_from_descriptor(sd, S_ISDIR(change->st.st_mode), change->uid, change->gid,
				      &map, &change->posix);
	if (error == SD_OK && shown && are_known && is_looked_at(shown))
		error = change_show(change, shown);
	/* writing to a folder that cannot be searched is in no descriptor, but modes show it */
	if (are_known && !change->posix.access &&
	    local_means(sd, (change->st.st_mode & S_IFMT) | (keep & 01777)))
		change->posix.mode = keep & 0777;
	change->mode =
		looked_at(change, change->posix.mode & keep & 0777) | (keep & (S_ISVTX | S_ISGID));
	if (error == SD_OK)
		error = change_encode(change, sd, unmasked);
	if (error == SD_OK && !S_ISLNK(change->st.st_mode))
		change->had_list = may_have_list(change);
	return error == SD_OK ? 0 : -sd_errno(error);
}

static bool change_moves_owner(const struct change *change)
{
	return change->st.st_uid != change->uid || change->st.st_gid != change->gid;
}

static int set_mode(struct change *change, mode_t mode)
{
	int err = 0;

	if (mode & (S_ISVTX | S_ISGID))
		err = sandbox_chmod_folder(change->path, mode);
	else
		err = local_fchmod(change->fd, mode);
	if (err == 0)
		change->st.st_mode = (change->st.st_mode & S_IFMT) | mode;
	return err;
}

static int change_mode(struct change *change, mode_t mode)
{
	return (change->st.st_mode & 07777) == mode ? 0 : set_mode(change, mode);
}

/* S_ISVTX takes from others, so it is there if it was before or is to be after; S_ISGID gives. */
static mode_t change_common_special(const struct change *change)
{
	mode_t old = change->st.st_mode, new = change->mode;

	return S_ISDIR(old) ? ((old | new) & S_ISVTX) | (old & new &S_ISGID) : 0;
}

/*
 * What of the mode counts before the change and after it.  Of lists only the owner is
 * compared; and the bits that were the old owner's and group's are not the new ones'.
 */
static mode_t change_common_mode(const struct change *change)
{
	mode_t common = change->st.st_mode & change->mode & 0777;

	if (change_moves_owner(change))
		common = 0;
	else if (change->had_list || change->posix.access)
		common &= 0700;
	return common | change_common_special(change);
}

static bool change_narrows(const struct change *change)
{
	return !S_ISLNK(change->st.st_mode) &&
	       (change->st.st_mode & 07777) != change_common_mode(change);
}

/* Takes from the backing object what the new descriptor does not give. */
static int change_narrow(struct change *change)
{
	return change_narrows(change) ? change_mode(change, change_common_mode(change)) : 0;
}

/*
 * Gives what the new descriptor gives.  An object that cannot take the list gets the
 * owner's bits alone, since whom the list denies would be "other" without it; and one
 * that cannot lose its old list no mode at all.
 */
static void change_widen(struct change *change)
{
	mode_t mode = change->mode;
	int err;

	if (S_ISLNK(change->st.st_mode))
		return;
	if (change->posix.access) {
		if (acl_set_file(change->path, ACL_TYPE_ACCESS, change->posix.access) < 0)
			mode &= ~(mode_t)0077;
	} else if (change->had_list && removexattr(change->path, LOCAL_POSIX_ACCESS) < 0 &&
		   errno != ENODATA) {
		mode = 0;
	}
	/* even if it is that already: the list may have changed it, and the time of change goes on
	 */
	err = set_mode(change, mode);
	if (err < 0)
		audit_note("mode not set path=%s: %s", change->path, strerror(-err));
}

static int change_descriptor(const struct change *change)
{
	int err = change->opened
			  ? fsetxattr(change->fd, LOCAL_NTACL, change->blob, change->size, 0)
			  : setxattr(change->path, LOCAL_NTACL, change->blob, change->size, 0);

	return err < 0 ? -errno : 0;
}

static int change_owner(const struct change *change)
{
	if (!change_moves_owner(change))
		return 0;
	return fchownat(change->fd, "", change->uid, change->gid, AT_EMPTY_PATH) < 0 ? -errno : 0;
}

/*
 * The descriptor and, as one, what is taken from the backing object.  That comes first, so
 * that the object is at no instant open to whom its descriptor refuses.  But where mode and
 * POSIX ACL are the descriptor it comes second, or a crash would leave neither the old nor the new
 * one.
 */
static int change_decide(struct change *change, bool implied)
{
	int err = implied ? 0 : change_narrow(change);

	if (err == 0)
		err = change_descriptor(change);
	if (err == 0 && implied)
		err = change_narrow(change);
	return err;
}

/* The same, and then the owner: a new object is its owner's only once it has its descriptor. */
static int change_apply(struct change *change, bool implied)
{
	int err = change_decide(change, implied);

	return err < 0 ? err : change_owner(change);
}

/* An owner that cannot be set (quota), or a mode, undoes what was done before. */
static int change_or_undo(struct change *change)
{
	__attribute__((cleanup(stored_clear))) struct stored old = {0};
	mode_t mode = change->st.st_mode & (S_ISDIR(change->st.st_mode) ? 03777 : 0777);
	int undone, err = stored_save(change->path, &old);

	if (err < 0)
		return err;
	err = change_apply(change, old.size < 0);
	if (err == 0)
		return 0;
	stored_restore(change->path, &old);
	undone = S_ISLNK(change->st.st_mode) ? 0 : change_mode(change, mode);
	if (undone < 0)
		audit_note("mode not put back path=%s: %s", change->path, strerror(-undone));
	return err;
}

/* It is its owner's only once it has its descriptor. */
static int change_make(struct change *change)
{
	int err = change_narrow(change);

	if (err == 0)
		err = change_descriptor(change);
	if (err == 0)
		err = change_owner(change);
	if (err == 0)
		change_widen(change);
	return err;
}

int local_descriptor_store_new(int fd, bool opened, const struct descriptor *sd,
			       const struct descriptor *unmasked, mode_t keep, struct stat *st)
{
	__attribute__((cleanup(change_clear))) struct change change = {.opened = opened};
	int err = change_plan(&change, fd, sd, unmasked, keep, NULL);

	if (err < 0)
		return err;
	*st = change.st;
	return change_make(&change);
}

int local_descriptor_store(int fd, const struct descriptor *sd, const struct descriptor *unmasked,
			   mode_t keep)
{
	return local_descriptor_store_shown(fd, sd, unmasked, keep, NULL);
}

int local_descriptor_store_shown(int fd, const struct descriptor *sd,
				 const struct descriptor *unmasked, mode_t keep,
				 const struct local_shown *shown)
{
	__attribute__((cleanup(change_clear))) struct change change = {0};
	int err = change_plan(&change, fd, sd, unmasked, keep, shown);

	if (err < 0)
		return err;
	/* its owner may give it a POSIX ACL up to the instant that it is another's */
	change.had_list |= change_moves_owner(&change) && !S_ISLNK(change.st.st_mode);
	if (change_moves_owner(&change) || change_narrows(&change))
		err = change_or_undo(&change);
	else
		err = change_descriptor(&change);
	if (err == 0)
		change_widen(&change);
	return err;
}
