/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Descriptors at rest: security.NTACL where one was stored, else what mode and
 * POSIX ACL imply.
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
#include "fs/store/at_rest.h"

#define NTACL LOCAL_NTACL
#define POSIX_DEFAULT LOCAL_POSIX_DEFAULT

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
		size = getxattr(path, LOCAL_POSIX_ACCESS, NULL, 0);
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
		err = posix_acl(path, LOCAL_POSIX_ACCESS, ACL_TYPE_ACCESS, &access);
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

int local_descriptor_set(int fd, const struct descriptor *given, unsigned int parts)
{
	__attribute__((cleanup(local_descriptor_clear))) struct local_descriptor d = {0};
	__attribute__((cleanup(descriptor_destroyp))) struct descriptor *normal = NULL;
	struct stat st;
	mode_t keep;
	int err;

	if (fstat(fd, &st) < 0)
		return -errno;
	normal = descriptor_copy(given);
	if (!normal)
		return -ENOMEM;
	inherit_normalise(normal);
	err = local_descriptor_load(fd, &d);
	if (err == 0)
		err = -sd_errno(descriptor_merge(d.sd, normal, parts));
	/* A new DACL is meant as it is: what an earlier chmod narrowed is history, and S_ISVTX,
	 * too.
	 */
	keep = 0777 | (local_special_bits(&st) & (parts & PART_DACL ? S_ISGID : 07000u));
	if (err == 0)
		err = local_descriptor_store(fd, d.sd, parts & PART_DACL ? NULL : d.unmasked, keep);
	return err;
}
