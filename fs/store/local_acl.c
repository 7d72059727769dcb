/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * POSIX ACLs of the local store: set through the mount, they become what the descriptor says,
 * and lie beside it on the backing object as they were given.
 *
 * Where there is no descriptor they are the backing object's, as its mode is.
 */
#include <acl/libacl.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/acl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "acl/posix_set.h"
#include "fs/audit.h"
#include "fs/sandbox.h"
#include "fs/store/local.h"

static void acl_freep(acl_t *acl)
{
	if (*acl)
		acl_free(*acl);
}

#define AUTO_POSIX __attribute__((cleanup(acl_freep)))

/* What a POSIX ACL is set on. */
struct target {
	struct local *local;
	int fd;
	char path[LOCAL_PATH_SIZE];
	struct stat st;
	struct local_descriptor d;
	bool keeps_setgid;
};

/* What @acl (NULL: @mode) means for the object of @st with descriptor @sd. */
static struct posix_access access_of(const struct descriptor *sd, const struct stat *st,
				     mode_t mode, const struct __acl_ext *acl)
{
	struct posix_access access = {
		.mode = (st->st_mode & (S_IFMT | S_ISVTX)) | (mode & 0777),
		.acl = acl,
	};

	local_classes(sd, st->st_uid, st->st_gid, &access.owner, &access.group);
	return access;
}

/* @shown if it is what @sd says, or else the one that @sd may be. */
static bool find_as(acl_t *shown, const struct descriptor *sd, struct posix_access *access,
		    struct __acl_ext **acl)
{
	AUTO_POSIX acl_t guess = NULL;

	access->acl = *shown;
	if (*shown && posix_is_access(sd, access)) {
		*acl = *shown;
		*shown = NULL;
		return true;
	}
	if (posix_guess_access(sd, access, &guess) != SD_OK)
		return false;
	access->acl = guess;
	if (!posix_is_access(sd, access))
		return false;
	*acl = guess;
	guess = NULL;
	return true;
}

bool local_find_acl(int fd, const struct descriptor *sd, const struct stat *st,
		    struct __acl_ext **acl)
{
	AUTO_POSIX acl_t shown = NULL;
	char path[LOCAL_PATH_SIZE];
	struct posix_access access;

	if (S_ISLNK(st->st_mode))
		return false;
	shown = acl_get_file(local_path(fd, path), ACL_TYPE_ACCESS);
	access = access_of(sd, st, st->st_mode, NULL);
	if (find_as(&shown, sd, &access, acl))
		return true;
	/* root's objects inherit by its own SIDs, which no mode means */
	if (sd->has_owner && local_is_root_sid(&sd->owner))
		access.owner = sd->owner;
	if (sd->has_group && local_is_root_sid(&sd->group))
		access.group = sd->group;
	return find_as(&shown, sd, &access, acl);
}

enum sd_error local_acl_apply(struct descriptor *sd, const struct stat *st,
			      const struct __acl_ext *acl)
{
	const struct posix_access access = access_of(sd, st, posix_acl_mode(acl), acl);

	return posix_set_access(sd, &access);
}

int local_acl_store(int fd, const struct descriptor *sd, const struct descriptor *unmasked,
		    mode_t special, const struct __acl_ext *acl)
{
	const struct local_shown shown = {
		.mode = posix_acl_mode(acl),
		.access = posix_acl_is_extended(acl) ? acl : NULL,
	};

	return local_descriptor_store_shown(fd, sd, unmasked,
					    (shown.access ? 0777 : shown.mode) | special, &shown);
}

static mode_t special_bits(const struct target *target)
{
	return local_special_bits(&target->st) &
	       (target->keeps_setgid ? S_ISVTX | S_ISGID : S_ISVTX);
}

/* A list with the three entries of the mode that is shown, for who takes an ACL away. */
static acl_t shown_mode(const struct stat *st)
{
	return acl_from_mode(st->st_mode & 0777);
}

/* The object has no descriptor: what counts is its own ACL.  S_ISGID would be lost on the way. */
static int set_plain_access(const struct target *target, acl_t acl)
{
	struct stat now;
	mode_t mode;

	if (acl ? acl_set_file(target->path, ACL_TYPE_ACCESS, acl) < 0
		: removexattr(target->path, LOCAL_POSIX_ACCESS) < 0)
		return -errno;
	if (!S_ISDIR(target->st.st_mode))
		return 0;
	if (fstat(target->fd, &now) < 0)
		return -errno;
	mode = (now.st_mode & 0777) | special_bits(target);
	return (now.st_mode & 07777) == mode ? 0 : sandbox_chmod_folder(target->path, mode);
}

static int set_plain_default(const struct target *target, acl_t acl)
{
	if (acl ? acl_set_file(target->path, ACL_TYPE_DEFAULT, acl) < 0
		: removexattr(target->path, LOCAL_POSIX_DEFAULT) < 0)
		return -errno;
	return 0;
}

/*
 * chmod=mask: is a list that says no more than a mode meant as chmod(2)?  Programs that copy set
 * one on whatever they copy, which is no reason to throw away what was inherited.  But where the
 * DACL is a POSIX ACL's the new one takes the place of the old.
 */
static bool is_chmod(const struct target *target, const struct __acl_ext *acl)
{
	const struct local_descriptor *d = &target->d;
	AUTO_POSIX acl_t old = NULL;

	return target->local->options->chmod == CHMOD_MASK && !posix_acl_is_extended(acl) &&
	       !local_find_acl(target->fd, d->unmasked ? d->unmasked : d->sd, &target->st, &old);
}

static int set_stored_access(struct target *target, acl_t given)
{
	AUTO_POSIX acl_t mode = given ? NULL : shown_mode(&target->st);
	const struct __acl_ext *acl = given ? given : mode;
	enum sd_error error;

	if (!acl)
		return -ENOMEM;
	/* what is not there may be taken away */
	if (!given && getxattr(target->path, LOCAL_POSIX_ACCESS, NULL, 0) < 0)
		return errno == ENODATA || errno == EOPNOTSUPP ? 0 : -errno;
	if (is_chmod(target, acl))
		return local_chmod_known(target->local, target->fd, &target->d, &target->st,
					 posix_acl_mode(acl) | special_bits(target));
	error = local_acl_apply(target->d.sd, &target->st, acl);
	if (error != SD_OK)
		return -sd_errno(error);
	return local_acl_store(target->fd, target->d.sd, NULL, special_bits(target), acl);
}

/* The default ACL of the folder at @path, if @sd hands on just that; or NULL. */
static acl_t find_default(const char *path, const struct descriptor *sd)
{
	acl_t shown = acl_get_file(path, ACL_TYPE_DEFAULT);

	if (shown && acl_entries(shown) > 0 && posix_is_default(sd, shown))
		return shown;
	acl_freep(&shown);
	return NULL;
}

static bool shows_default(const char *path, const struct descriptor *sd)
{
	AUTO_POSIX acl_t shown = sd ? find_default(path, sd) : NULL;

	return shown != NULL;
}

enum sd_error local_acl_keep_default(int fd, const struct descriptor *base,
				     struct descriptor *narrowed)
{
	char path[LOCAL_PATH_SIZE];
	AUTO_POSIX acl_t shown = find_default(local_path(fd, path), base);

	return shown ? posix_set_default(narrowed, shown) : SD_OK;
}

int local_default_acl_shows(int fd)
{
	__attribute__((cleanup(local_descriptor_clear))) struct local_descriptor d = {0};
	char path[LOCAL_PATH_SIZE];
	int err = local_descriptor_load(fd, &d);

	if (err < 0 || d.implied)
		return err;
	return shows_default(local_path(fd, path), d.sd) ? 0 : -ENODATA;
}

/* Stores the descriptor, of which only what it hands on has changed; the access ACL stays. */
static int store_default(const struct target *target)
{
	const struct local_descriptor *d = &target->d;
	AUTO_POSIX acl_t access = NULL;

	if (!d->unmasked && local_find_acl(target->fd, d->sd, &target->st, &access))
		return local_acl_store(target->fd, d->sd, NULL, local_special_bits(&target->st),
				       access);
	return local_descriptor_store(target->fd, d->sd, d->unmasked,
				      0777 | local_special_bits(&target->st));
}

/* The backing folder has the old list or the new one only while its descriptor says the same. */
static int set_stored_default(struct target *target, acl_t acl)
{
	struct local_descriptor *d = &target->d;
	enum sd_error error;
	int err;

	if (!acl && !shows_default(target->path, d->sd) &&
	    !shows_default(target->path, d->unmasked))
		return 0;
	error = posix_set_default(d->sd, acl);
	if (error == SD_OK && d->unmasked)
		error = posix_set_default(d->unmasked, acl);
	if (error != SD_OK)
		return -sd_errno(error);
	if (removexattr(target->path, LOCAL_POSIX_DEFAULT) < 0 && errno != ENODATA)
		return -errno;
	err = store_default(target);
	if (err == 0 && acl && acl_set_file(target->path, ACL_TYPE_DEFAULT, acl) < 0)
		audit_note("default ACL not shown path=%s: %s", target->path, strerror(errno));
	return err;
}

static int set_acl(struct target *target, bool inherit, acl_t acl)
{
	if (target->d.implied)
		return inherit ? set_plain_default(target, acl) : set_plain_access(target, acl);
	return inherit ? set_stored_default(target, acl) : set_stored_access(target, acl);
}

/* What can be said of the request alone; 1: there is nothing to do. */
static int refuse(const struct target *target, bool inherit, acl_t acl)
{
	if (S_ISLNK(target->st.st_mode))
		return -EOPNOTSUPP;
	if (inherit && !S_ISDIR(target->st.st_mode))
		return acl ? -EACCES : 1;
	if (target->local->options->chmod == CHMOD_DENY)
		return -EPERM;
	return target->local->options->chmod == CHMOD_IGNORE;
}

int local_set_acl(struct operation *op, struct node *node, bool inherit, const void *value,
		  size_t size, bool keeps_setgid)
{
	LOCAL_FD fd = local_fd_get(node);
	struct target target = {
		.local = local_of(op->session->store), .fd = fd.fd, .keeps_setgid = keeps_setgid};
	AUTO_POSIX acl_t acl = NULL;
	int err;

	if (fd.fd < 0)
		return fd.fd;
	err = size ? -sd_errno(posix_acl_read(value, size, &acl)) : 0;
	local_path(fd.fd, target.path);
	if (err == 0 && fstat(fd.fd, &target.st) < 0)
		err = -errno;
	if (err == 0)
		err = refuse(&target, inherit, acl);
	if (err != 0)
		return err < 0 ? err : 0;
	err = local_descriptor_load(fd.fd, &target.d);
	if (err == 0)
		err = set_acl(&target, inherit, acl);
	local_descriptor_clear(&target.d);
	node_outdate(node);
	return err;
}
