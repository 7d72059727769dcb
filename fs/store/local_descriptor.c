/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Descriptors at rest: security.NTACL where one was stored, else what mode and
 * POSIX ACL imply; and the nearest POSIX ACL beside every one that is stored,
 * so that the backing folder is no back door.
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

#include "acl/inherit.h"
#include "acl/ntacl.h"
#include "acl/posix.h"
#include "fs/audit.h"
#include "fs/guard.h"
#include "fs/store/local.h"
#include "keyring/domain.h"

#define NTACL LOCAL_NTACL
#define POSIX_ACCESS "system.posix_acl_access"
#define POSIX_DEFAULT "system.posix_acl_default"

/* most descriptors fit here, the rest needs memory from the heap */
#define USUAL_SIZE 2048

static void freep(void *p)
{
	free(*(void **)p);
}

static void acl_freep(acl_t *acl)
{
	if (*acl)
		acl_free(*acl);
}

void local_descriptor_clear(struct local_descriptor *d)
{
	descriptor_destroy(d->sd);
	descriptor_destroy(d->unmasked);
	d->sd = d->unmasked = NULL;
}

/* Nobody but a holder of privileges may do anything with an object whose descriptor cannot be read.
 */
static int closed_descriptor(struct local_descriptor *out)
{
	struct acl *dacl = acl_create();

	out->sd = descriptor_create();
	if (!out->sd || !dacl) {
		acl_destroy(dacl);
		return -ENOMEM;
	}
	out->sd->has_owner = out->sd->has_group = true;
	out->sd->owner = sid_system;
	out->sd->group = sid_administrators;
	descriptor_set_dacl(out->sd, dacl);
	return 0;
}

int local_descriptor_parse(const char *path, const uint8_t *blob, size_t size,
			   struct local_descriptor *out)
{
	enum sd_error error = ntacl_read(blob, size, &out->sd, &out->unmasked);

	if (error == SD_OK)
		return 0;
	if (error == SD_NO_MEMORY)
		return -ENOMEM;
	audit_note("unreadable descriptor path=%s reason=descriptor-malformed: %s", path,
		   sd_strerror(error));
	return closed_descriptor(out);
}

/* A POSIX ACL of @path, or NULL where the mode says it all. */
static int posix_acl(const char *path, const char *name, acl_type_t type, acl_t *acl)
{
	*acl = NULL;
	if (getxattr(path, name, NULL, 0) <= 0)
		return errno == ENODATA || errno == EOPNOTSUPP || errno == 0 ? 0 : -errno;
	*acl = acl_get_file(path, type);
	return *acl ? 0 : -errno;
}

int local_has_posix_acl(int fd, mode_t mode, bool *has)
{
	char path[LOCAL_PATH_SIZE];
	ssize_t size = 0;

	local_path(fd, path);
	if (!S_ISLNK(mode))
		size = getxattr(path, POSIX_ACCESS, NULL, 0);
	if (S_ISDIR(mode) && (size == 0 || (size < 0 && errno == ENODATA)))
		size = getxattr(path, POSIX_DEFAULT, NULL, 0);
	*has = size > 0;
	return size < 0 && errno != ENODATA && errno != EOPNOTSUPP ? -errno : 0;
}

/* What the mode of out->st and these lists imply. */
static int imply(const char *path, acl_t access, acl_t inherit, struct local_descriptor *out)
{
	switch (posix_to_descriptor(out->st.st_mode, out->st.st_uid, out->st.st_gid, access,
				    inherit, &out->sd)) {
	case SD_OK:
		return 0;
	case SD_NO_MEMORY:
		return -ENOMEM;
	default:
		audit_note("unreadable descriptor path=%s reason=posix-acl-malformed", path);
		return closed_descriptor(out);
	}
}

int local_descriptor_imply(const struct stat *st, struct local_descriptor *out)
{
	out->implied = true;
	out->st = *st;
	return imply("", NULL, NULL, out);
}

static int implied_descriptor(int fd, const char *path, struct local_descriptor *out)
{
	__attribute__((cleanup(acl_freep))) acl_t access = NULL;
	__attribute__((cleanup(acl_freep))) acl_t inherit = NULL;
	int err = 0;

	out->implied = true;
	if (fstat(fd, &out->st) < 0)
		return -errno;
	errno = 0;
	if (!S_ISLNK(out->st.st_mode))
		err = posix_acl(path, POSIX_ACCESS, ACL_TYPE_ACCESS, &access);
	if (err == 0 && S_ISDIR(out->st.st_mode)) {
		errno = 0;
		err = posix_acl(path, POSIX_DEFAULT, ACL_TYPE_DEFAULT, &inherit);
	}
	return err < 0 ? err : imply(path, access, inherit, out);
}

int local_descriptor_load(int fd, struct local_descriptor *out)
{
	__attribute__((cleanup(freep))) uint8_t *large = NULL;
	uint8_t usual[USUAL_SIZE], *blob = usual;
	char path[LOCAL_PATH_SIZE];
	ssize_t size;

	memset(out, 0, offsetof(struct local_descriptor, st));
	size = getxattr(local_path(fd, path), NTACL, usual, sizeof(usual));
	if (size < 0 && errno == ERANGE) {
		blob = large = malloc(XATTR_SIZE_MAX);
		if (!large)
			return -ENOMEM;
		size = getxattr(path, NTACL, large, XATTR_SIZE_MAX);
	}
	if (size >= 0)
		return local_descriptor_parse(path, blob, (size_t)size, out);
	if (errno == ENODATA || errno == EOPNOTSUPP)
		return implied_descriptor(fd, path, out);
	return -errno;
}

/*
 * The Unix owner that goes with a descriptor: root where its SIDs name no Unix user or group.  Who
 * cannot be told now could be anybody.
 */
static int unix_owner(const struct descriptor *sd, uid_t *uid, gid_t *gid)
{
	int err = sd->has_owner ? domain_uid(&sd->owner, uid) : -ENOENT;

	if (err == -ENOENT)
		*uid = 0;
	else if (err < 0)
		return err;
	err = sd->has_group ? domain_gid(&sd->group, gid) : -ENOENT;
	if (err == -ENOENT)
		*gid = 0;
	return err == -ENOENT ? 0 : err;
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
	stored->size = getxattr(path, NTACL, stored->blob, XATTR_SIZE_MAX);
	return stored->size < 0 && errno != ENODATA ? -errno : 0;
}

static void stored_restore(const char *path, const struct stored *stored)
{
	int failed = stored->size < 0
			     ? removexattr(path, NTACL)
			     : setxattr(path, NTACL, stored->blob, (size_t)stored->size, 0);

	if (failed)
		audit_note("descriptor not put back path=%s: %s", path, strerror(errno));
}

/* An object that is to have another descriptor, and what goes with it on the backing object. */
struct change {
	int fd;
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

static bool may_have_list(const char *path)
{
	ssize_t size = getxattr(path, POSIX_ACCESS, NULL, 0);

	return size > 0 || (size < 0 && errno != ENODATA && errno != EOPNOTSUPP);
}

static int change_plan(struct change *change, int fd, const struct descriptor *sd,
		       const struct descriptor *unmasked, mode_t keep)
{
	bool failed = false;
	const struct posix_map map = {.ids = ids_of_sid, .context = &failed};
	enum sd_error error;
	int err;

	change->fd = fd;
	local_path(fd, change->path);
	if (fstat(fd, &change->st) < 0)
		return -errno;
	err = unix_owner(sd, &change->uid, &change->gid);
	if (err < 0)
		return err;
	error = posix_from_descriptor(sd, S_ISDIR(change->st.st_mode), change->uid, change->gid,
				      &map, &change->posix);
	if (error == SD_OK)
		error = ntacl_write(sd, unmasked, &change->blob, &change->size);
	change->mode = change->posix.mode & keep;
	if (error == SD_OK && !S_ISLNK(change->st.st_mode))
		change->had_list = may_have_list(change->path);
	return error == SD_OK ? 0 : -sd_errno(error);
}

static bool change_moves_owner(const struct change *change)
{
	return change->st.st_uid != change->uid || change->st.st_gid != change->gid;
}

static int change_mode(struct change *change, mode_t mode)
{
	if ((change->st.st_mode & 07777) == mode)
		return 0;
	if (chmod(change->path, mode) < 0)
		return -errno;
	change->st.st_mode = (change->st.st_mode & S_IFMT) | mode;
	return 0;
}

/*
 * What of the mode counts before the change and after it.  Of lists only the owner is
 * compared; and the bits that were the old owner's and group's are not the new ones'.
 */
static mode_t change_common_mode(const struct change *change)
{
	mode_t common = change->st.st_mode & change->mode & 0777;

	if (change_moves_owner(change))
		return 0;
	return change->had_list || change->posix.access ? common & 0700 : common;
}

static bool change_narrows(const struct change *change)
{
	return !S_ISLNK(change->st.st_mode) &&
	       (change->st.st_mode & 0777) != change_common_mode(change);
}

/* Takes from the backing object what the new descriptor does not give. */
static int change_narrow(struct change *change)
{
	return change_narrows(change) ? change_mode(change, change_common_mode(change)) : 0;
}

/*
 * Gives what the new descriptor gives.  An object that cannot take the list gets the
 * mode without its group bits, and one that cannot lose its old list no mode at all.
 */
static void change_widen(struct change *change)
{
	mode_t mode = change->mode;

	if (S_ISLNK(change->st.st_mode))
		return;
	if (change->posix.access) {
		if (acl_set_file(change->path, ACL_TYPE_ACCESS, change->posix.access) < 0)
			mode &= ~(mode_t)0070;
		else
			change->st.st_mode =
				(change->st.st_mode & ~(mode_t)0777) | change->posix.mode;
	} else if (change->had_list && removexattr(change->path, POSIX_ACCESS) < 0 &&
		   errno != ENODATA) {
		mode = 0;
	}
	if (change_mode(change, mode) < 0)
		audit_note("mode not set path=%s: %s", change->path, strerror(errno));
}

static int change_descriptor(const struct change *change)
{
	return setxattr(change->path, NTACL, change->blob, change->size, 0) < 0 ? -errno : 0;
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

	if (err == 0 && change_moves_owner(change) &&
	    fchownat(change->fd, "", change->uid, change->gid, AT_EMPTY_PATH) < 0)
		err = -errno;
	return err;
}

/* An owner that cannot be set (quota), or a mode, undoes what was done before. */
static int change_or_undo(struct change *change)
{
	__attribute__((cleanup(stored_clear))) struct stored old = {0};
	mode_t mode = change->st.st_mode & 01777;
	int err = stored_save(change->path, &old);

	if (err < 0)
		return err;
	err = change_apply(change, old.size < 0);
	if (err == 0)
		return 0;
	stored_restore(change->path, &old);
	if (!S_ISLNK(change->st.st_mode) && change_mode(change, mode) < 0)
		audit_note("mode not put back path=%s: %s", change->path, strerror(errno));
	return err;
}

int local_descriptor_store(int fd, const struct descriptor *sd, const struct descriptor *unmasked,
			   mode_t keep)
{
	__attribute__((cleanup(change_clear))) struct change change = {0};
	int err = change_plan(&change, fd, sd, unmasked, keep);

	if (err < 0)
		return err;
	if (change_moves_owner(&change) || change_narrows(&change))
		err = change_or_undo(&change);
	else
		err = change_descriptor(&change);
	if (err == 0)
		change_widen(&change);
	return err;
}

/* @given's @parts over what there is. */
static int merge(struct descriptor *sd, const struct descriptor *given, unsigned int parts)
{
	const uint16_t dacl_bits =
		SE_DACL_PRESENT | SE_DACL_PROTECTED | SE_DACL_AUTO_INHERITED | SE_DACL_DEFAULTED;
	const uint16_t sacl_bits =
		SE_SACL_PRESENT | SE_SACL_PROTECTED | SE_SACL_AUTO_INHERITED | SE_SACL_DEFAULTED;

	if (parts & PART_OWNER) {
		sd->has_owner = true;
		sd->owner = given->owner;
	}
	if (parts & PART_GROUP) {
		sd->has_group = true;
		sd->group = given->group;
	}
	if (parts & PART_DACL) {
		acl_destroy(sd->dacl);
		sd->dacl = NULL;
		if (given->dacl && !(sd->dacl = acl_copy(given->dacl)))
			return -ENOMEM;
		sd->control = (uint16_t)((sd->control & ~dacl_bits) | (given->control & dacl_bits));
	}
	if (parts & PART_SACL) {
		acl_destroy(sd->sacl);
		sd->sacl = NULL;
		if (given->sacl && !(sd->sacl = acl_copy(given->sacl)))
			return -ENOMEM;
		sd->control = (uint16_t)((sd->control & ~sacl_bits) | (given->control & sacl_bits));
	}
	return 0;
}

int local_set_descriptor(struct operation *op, struct node *node, const struct descriptor *given,
			 unsigned int parts)
{
	LOCAL_FD fd = local_fd_get(node);
	__attribute__((cleanup(local_descriptor_clear))) struct local_descriptor d = {0};
	__attribute__((cleanup(descriptor_destroyp))) struct descriptor *normal = NULL;
	int err;

	if (fd.fd < 0)
		return fd.fd;
	normal = descriptor_copy(given);
	if (!normal)
		return -ENOMEM;
	inherit_normalise(normal);
	err = local_descriptor_load(fd.fd, &d);
	if (err == 0)
		err = merge(d.sd, normal, parts);
	/* A new DACL is meant as it is: what an earlier chmod narrowed is history. */
	if (err == 0)
		err = local_descriptor_store(fd.fd, d.sd, parts & PART_DACL ? NULL : d.unmasked,
					     0777);
	node_outdate(node);
	return err;
}
