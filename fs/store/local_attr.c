/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Attributes of the local store: stat, chmod, chown, truncate and times.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/acl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "acl/mask.h"
#include "acl/posix.h"
#include "acl/posix_set.h"
#include "fs/guard.h"
#include "fs/handle.h"
#include "fs/owner.h"
#include "fs/sandbox.h"
#include "fs/store/local.h"
#include "keyring/domain.h"

#define OVERFLOW_ID 65534 /* nobody: an owner that is no Unix user */

/* mode bits that a client may set: the mount is nosuid, and so is what lies behind it */
#define FILE_MODE 0777u
#define FOLDER_MODE 03777u

static mode_t allowed_mode(const struct stat *st, mode_t mode)
{
	return mode & (S_ISDIR(st->st_mode) ? FOLDER_MODE : FILE_MODE);
}

/* Who cannot be told now is nobody now: this only shows. */
static uid_t shown_uid(const struct sid *owner)
{
	uid_t uid;

	if (local_is_root_sid(owner))
		return 0;
	return domain_uid(owner, &uid) == 0 ? uid : OVERFLOW_ID;
}

static gid_t shown_gid(const struct sid *group)
{
	gid_t gid;

	if (local_is_root_sid(group))
		return 0;
	return domain_gid(group, &gid) == 0 ? gid : OVERFLOW_ID;
}

/* A stored descriptor knows the owner better than the backing object, whose owner must be a Unix
 * user. */
static void show_owner(const struct descriptor *sd, struct stat *st)
{
	st->st_uid = sd->has_owner ? shown_uid(&sd->owner) : OVERFLOW_ID;
	st->st_gid = sd->has_group ? shown_gid(&sd->group) : OVERFLOW_ID;
}

/* op->out's attributes are those of @seen, whose descriptor is @sd. */
static void show_with(struct operation *op, const struct seen *seen, const struct interned *sd)
{
	struct stat *st = &op->out.attr;

	*st = seen->attr;
	op->out.implied = interned_nature(sd) & DESCRIPTOR_IMPLIED;
	if (!op->out.implied)
		show_owner(interned_descriptor(sd), st);
	st->st_mode = (st->st_mode & S_IFMT) | allowed_mode(st, st->st_mode);
	op->out.attr_timeout = guard_attr_timeout(op->session, sd);
}

/* The same of @node, which is open as @fd. */
static int show(struct operation *op, struct node *node, int fd, const struct seen *seen)
{
	INTERNED sd = NULL;
	int err = local_interned(local_of(op->session->store), node, fd, seen, &sd);

	if (err == 0)
		show_with(op, seen, sd);
	return err;
}

int local_stat(struct operation *op, struct node *node, int fd)
{
	struct seen seen;
	int err = local_look(node, fd, &seen);

	return err < 0 ? err : show(op, node, fd, &seen);
}

int local_getattr(struct operation *op, struct node *node)
{
	LOCAL_FD fd = local_fd_get(node);

	if (fd.fd < 0)
		return fd.fd;
	/* the guard has just looked */
	if (op->seen.node == node && op->seen.version == node_version(node))
		return show(op, node, fd.fd, &op->seen);
	return local_stat(op, node, fd.fd);
}

static int set_size(int fd, const struct handle *handle, off_t size)
{
	char path[LOCAL_PATH_SIZE];

	if (handle && (handle->rights & FILE_WRITE_DATA))
		return ftruncate(handle->fd, size) < 0 ? -errno : 0;
	return truncate(local_path(fd, path), size) < 0 ? -errno : 0;
}

/*
 * The mode bits to keep when the mode itself is not what changes: execute bits show where they were
 * shown before, not wherever the DACL would allow them.
 */
mode_t local_kept_mode(const struct stat *st, const struct descriptor *sd)
{
	if (local_means(sd, st->st_mode))
		return (st->st_mode & 0777) | local_special_bits(st);
	if (S_ISREG(st->st_mode) && !(st->st_mode & 0111))
		return 0666;
	return 0777 | local_special_bits(st);
}

/*
 * What chmod starts from: the descriptor as it is now, with the DACL of before the
 * first narrowing.  Nothing else that was kept counts: owner, group and SACL may
 * have been changed since by who may do that.
 */
int local_unnarrowed(const struct local_descriptor *d, struct descriptor **base)
{
	const uint16_t bits =
		SE_DACL_PRESENT | SE_DACL_PROTECTED | SE_DACL_AUTO_INHERITED | SE_DACL_DEFAULTED;

	*base = descriptor_copy(d->sd);
	if (!*base)
		return -ENOMEM;
	if (!d->unmasked)
		return 0;
	acl_destroy((*base)->dacl);
	(*base)->dacl = d->unmasked->dacl ? acl_copy(d->unmasked->dacl) : NULL;
	if (d->unmasked->dacl && !(*base)->dacl)
		return -ENOMEM;
	(*base)->control = (uint16_t)(((*base)->control & ~bits) | (d->unmasked->control & bits));
	return 0;
}

/* chmod narrows what the DACL grants; what it was before the first narrowing is kept beside it. */
static int narrow(int fd, struct local_descriptor *d, const struct stat *st, mode_t mode)
{
	__attribute__((cleanup(descriptor_destroyp))) struct descriptor *narrowed = NULL;
	__attribute__((cleanup(descriptor_destroyp))) struct descriptor *base = NULL;
	enum sd_error error;
	int err = local_unnarrowed(d, &base);

	if (err < 0)
		return err;
	error = posix_narrow(base, mode, S_ISDIR(st->st_mode), &narrowed);
	if (error == SD_OK && S_ISDIR(st->st_mode))
		error = local_acl_keep_default(fd, base, narrowed);
	if (error != SD_OK)
		return -sd_errno(error);
	return local_descriptor_store(fd, narrowed, descriptor_equal(narrowed, base) ? NULL : base,
				      0777 | (mode & ~0777u));
}

static void acl_freep(acl_t *acl)
{
	if (*acl)
		acl_free(*acl);
}

#define AUTO_POSIX __attribute__((cleanup(acl_freep)))

/* Where the DACL is a POSIX ACL's, chmod(2) changes that, and what a folder hands on stays. */
static int replace_in_acl(int fd, struct local_descriptor *d, const struct stat *st, mode_t mode,
			  struct __acl_ext *acl)
{
	struct stat wanted = *st;
	enum sd_error error = posix_acl_chmod(acl, mode);

	wanted.st_mode = (st->st_mode & S_IFMT) | mode;
	if (error == SD_OK)
		error = local_acl_apply(d->sd, &wanted, acl);
	if (error != SD_OK)
		return -sd_errno(error);
	return local_acl_store(fd, d->sd, NULL, local_special_bits(&wanted), acl);
}

/* chmod=replace: the DACL becomes what the mode means. */
static int replace(int fd, struct local_descriptor *d, const struct stat *st, mode_t mode)
{
	__attribute__((cleanup(descriptor_destroyp))) struct descriptor *before = NULL;
	AUTO_POSIX acl_t acl = NULL;
	enum sd_error error;

	if (local_find_acl(fd, d->sd, st, &acl))
		return replace_in_acl(fd, d, st, mode, acl);
	before = descriptor_copy(d->sd);
	if (!before)
		return -ENOMEM;
	error = local_mode_apply(d->sd, (st->st_mode & S_IFMT) | mode, st->st_uid, st->st_gid);
	if (error == SD_OK && S_ISDIR(st->st_mode))
		error = local_acl_keep_default(fd, before, d->sd);
	if (error != SD_OK)
		return -sd_errno(error);
	return local_descriptor_store(fd, d->sd, NULL, mode);
}

/* What the backing object's mode is set to, whose group the daemon need not be in. */
static int set_plain_mode(int fd, const struct stat *st, mode_t mode)
{
	char path[LOCAL_PATH_SIZE];

	if (S_ISDIR(st->st_mode))
		return sandbox_chmod_folder(local_path(fd, path), mode);
	return local_fchmod(fd, mode);
}

int local_chmod_known(struct local *local, int fd, struct local_descriptor *d,
		      const struct stat *st, mode_t mode)
{
	if (S_ISLNK(st->st_mode))
		return -EOPNOTSUPP;
	mode = allowed_mode(st, mode);
	if (d->implied)
		return set_plain_mode(fd, st, mode);
	if (local->options->chmod == CHMOD_REPLACE)
		return replace(fd, d, st, mode);
	return narrow(fd, d, st, mode);
}

static int local_chmod(struct local *local, int fd, mode_t mode)
{
	__attribute__((cleanup(local_descriptor_clear))) struct local_descriptor d = {0};
	struct stat st;
	int err;

	if (local->options->chmod == CHMOD_IGNORE)
		return 0;
	if (local->options->chmod == CHMOD_DENY)
		return -EPERM;
	if (fstat(fd, &st) < 0)
		return -errno;
	err = local_descriptor_load(fd, &d);
	return err < 0 ? err : local_chmod_known(local, fd, &d, &st, mode);
}

/* The ACEs of @old in @acl become @owner's; LocalSystem and Administrators keep theirs, too. */
static int hand_on(struct descriptor *sd, const struct sid *old, const struct sid *owner)
{
	size_t count = sd && sd->dacl ? sd->dacl->count : 0;
	struct ace copy;

	for (size_t i = 0; i < count; i++) {
		struct ace *ace = &sd->dacl->aces[i];

		if (ace->opaque || !sid_equal(&ace->sid, old))
			continue;
		if (!local_is_root_sid(old)) {
			ace->sid = *owner;
			continue;
		}
		copy = *ace;
		copy.sid = *owner;
		if (acl_append(sd->dacl, &copy) != SD_OK)
			return -ENOMEM;
	}
	return 0;
}

/*
 * chown(2) hands on what the owner may do, as the mode's owner bits do, if the
 * caller may change the DACL; setting the owner in a descriptor does not.
 */
static int new_owner(struct local_descriptor *d, const struct sid *owner, bool handing_on)
{
	const struct sid old = d->sd->owner;
	int err = 0;

	if (handing_on && d->sd->has_owner && !sid_equal(&old, owner)) {
		err = hand_on(d->sd, &old, owner);
		if (err == 0)
			err = hand_on(d->unmasked, &old, owner);
	}
	d->sd->has_owner = true;
	d->sd->owner = *owner;
	return err;
}

/* What @acl says in @base, it says for the owner and group that @sd has now. */
static int hand_on_acl(struct descriptor *base, const struct descriptor *sd, const struct stat *st,
		       const struct __acl_ext *acl)
{
	base->has_owner = sd->has_owner;
	base->owner = sd->owner;
	base->has_group = sd->has_group;
	base->group = sd->group;
	return -sd_errno(local_acl_apply(base, st, acl));
}

static int set_stored_owner(struct operation *op, int fd, struct local_descriptor *d,
			    const struct stat *st, const struct owners *owners)
{
	mode_t mode = st->st_mode & 07777;
	bool by_mode = local_means(d->sd, st->st_mode) ||
		       local_mode_of(d->sd, S_ISDIR(st->st_mode), &mode);
	AUTO_POSIX acl_t acl = NULL;
	struct descriptor *base = d->unmasked ? d->unmasked : d->sd;
	bool by_acl = !by_mode && local_find_acl(fd, base, st, &acl);
	int err = 0;

	if (owners->has_owner)
		err = new_owner(d, &owners->owner, op->handing_on);
	if (owners->has_group) {
		d->sd->has_group = true;
		d->sd->group = owners->group;
	}
	/* A DACL that says what a mode says, says it for the new owner and group. */
	if (err == 0 && by_mode && op->handing_on && local_takes_mode(d->sd))
		err = -sd_errno(local_mode_apply(d->sd, (st->st_mode & S_IFMT) | mode, st->st_uid,
						 st->st_gid));
	if (err == 0 && by_acl && op->handing_on && local_takes_mode(d->sd))
		err = hand_on_acl(base, d->sd, st, acl);
	return err;
}

static int set_owner(struct operation *op, int fd, uid_t uid, gid_t gid)
{
	__attribute__((cleanup(local_descriptor_clear))) struct local_descriptor d = {0};
	struct owners owners;
	struct stat st;
	int err = local_descriptor_load(fd, &d);

	if (err < 0)
		return err;
	if (d.implied)
		return fchownat(fd, "", uid, gid, AT_EMPTY_PATH) < 0 ? -errno : 0;
	err = owners_of_ids(d.sd, uid, gid, &owners);
	if (err < 0)
		return err;
	/* changes nobody, but takes suid, sgid and capabilities away, as chown(2) does */
	if (fchownat(fd, "", (uid_t)-1, (gid_t)-1, AT_EMPTY_PATH) < 0 || fstat(fd, &st) < 0)
		return -errno;
	err = set_stored_owner(op, fd, &d, &st, &owners);
	return err < 0 ? err
		       : local_descriptor_store(fd, d.sd, d.unmasked, local_kept_mode(&st, d.sd));
}

static struct timespec wished_time(const struct timespec *time, bool set, bool now)
{
	if (now)
		return (struct timespec){.tv_nsec = UTIME_NOW};
	return set ? *time : (struct timespec){.tv_nsec = UTIME_OMIT};
}

static int set_times(int fd, const struct stat *attr, int to_set)
{
	struct timespec times[2] = {
		wished_time(&attr->st_atim, to_set & FUSE_SET_ATTR_ATIME,
			    to_set & FUSE_SET_ATTR_ATIME_NOW),
		wished_time(&attr->st_mtim, to_set & FUSE_SET_ATTR_MTIME,
			    to_set & FUSE_SET_ATTR_MTIME_NOW),
	};

	return utimensat(fd, "", times, AT_EMPTY_PATH) < 0 ? -errno : 0;
}

/* The descriptor that the guard has just seen, as long as nothing outdated it; or NULL. */
static struct interned *recall_seen(const struct operation *op, struct node *node)
{
	return op->seen.node == node ? node_recall(node, &op->seen.attr.st_ctim) : NULL;
}

/* What was set changed no descriptor: @sd goes on to count. */
static int show_again(struct operation *op, struct node *node, int fd, const struct interned *sd)
{
	struct seen seen;
	int err;

	if (!sd)
		return local_stat(op, node, fd);
	err = local_look(node, fd, &seen);
	if (err == 0)
		show_with(op, &seen, sd);
	return err;
}

static int set_only_times(struct operation *op, struct node *node, int fd, const struct stat *attr,
			  int to_set)
{
	INTERNED sd = recall_seen(op, node);
	int err = set_times(fd, attr, to_set);

	return err < 0 ? err : show_again(op, node, fd, sd);
}

/* suid, sgid and capabilities go, as chown(2) has it, and the time of change goes on */
static int set_no_owner(int fd)
{
	return fchownat(fd, "", (uid_t)-1, (gid_t)-1, AT_EMPTY_PATH) < 0 ? -errno : 0;
}

/* Are these the owner and group, of the descriptor @sd and of the object behind it, anyway? */
static bool is_owned_so(const struct operation *op, const struct interned *sd, uid_t uid, gid_t gid)
{
	const struct stat *now = &op->seen.attr;
	struct owners owners;

	return !(interned_nature(sd) & DESCRIPTOR_IMPLIED) &&
	       (uid == (uid_t)-1 || uid == now->st_uid) &&
	       (gid == (gid_t)-1 || gid == now->st_gid) &&
	       owners_of_ids(interned_descriptor(sd), uid, gid, &owners) == 0 && !owners.changes;
}

/* As programs that unpack and copy do, whoever asks them. */
static bool owners_stay(const struct operation *op, const struct interned *sd,
			const struct stat *attr, int to_set)
{
	const int owners = FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID;
	const int beside = FUSE_SET_ATTR_CTIME | FUSE_SET_ATTR_KILL_SUID | FUSE_SET_ATTR_KILL_SGID;

	return sd && (to_set & owners) && !(to_set & ~(owners | beside)) &&
	       is_owned_so(op, sd, to_set & FUSE_SET_ATTR_UID ? attr->st_uid : (uid_t)-1,
			   to_set & FUSE_SET_ATTR_GID ? attr->st_gid : (gid_t)-1);
}

int local_setattr(struct operation *op, struct node *node, struct handle *handle,
		  const struct stat *attr, int to_set)
{
	const int times = FUSE_SET_ATTR_ATIME | FUSE_SET_ATTR_MTIME | FUSE_SET_ATTR_ATIME_NOW |
			  FUSE_SET_ATTR_MTIME_NOW;
	struct local *local = local_of(op->session->store);
	LOCAL_FD fd = local_fd_get(node);
	INTERNED sd = recall_seen(op, node);
	int err = fd.fd < 0 ? fd.fd : 0;

	if (err == 0 && !(to_set & ~(times | FUSE_SET_ATTR_CTIME)) && (to_set & times))
		return set_only_times(op, node, fd.fd, attr, to_set);
	if (err == 0 && owners_stay(op, sd, attr, to_set)) {
		err = set_no_owner(fd.fd);
		return err < 0 ? err : show_again(op, node, fd.fd, sd);
	}
	if (err == 0 && (to_set & FUSE_SET_ATTR_SIZE))
		err = set_size(fd.fd, handle, attr->st_size);
	if (err == 0 && (to_set & (FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID)))
		err = set_owner(op, fd.fd, to_set & FUSE_SET_ATTR_UID ? attr->st_uid : (uid_t)-1,
				to_set & FUSE_SET_ATTR_GID ? attr->st_gid : (gid_t)-1);
	if (err == 0 && to_set == FUSE_SET_ATTR_CTIME)
		err = set_no_owner(fd.fd);
	if (err == 0 && (to_set & FUSE_SET_ATTR_MODE))
		err = local_chmod(local, fd.fd, attr->st_mode);
	if (err == 0 && (to_set & times))
		err = set_times(fd.fd, attr, to_set);
	if (fd.fd >= 0)
		node_outdate(node);
	return err < 0 ? err : local_stat(op, node, fd.fd);
}
