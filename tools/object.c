/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An object that a command is about, and its descriptor.
 */
#include "object.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "acl/ntacl.h"
#include "acl/posix.h"
#include "command.h"
#include "error.h"
#include "fs/store/at_rest.h"
#include "keyring/scoped.h"
#include "localacl.h"
#include "mountpoint.h"
#include "specimen.h"
#include "text.h"

/* XATTR_SIZE_MAX of the kernel */
#define ATTRIBUTE_MAX_SIZE 65536

#define DESCRIPTOR_CLEANUP __attribute__((cleanup(descriptor_destroyp)))

/* Is @object on a guisefs mount?  Most have the mount of the one before. */
static int find_mount(struct object *object)
{
	static uint64_t last_mount;
	static int last;

	if (!object->mount || object->mount != last_mount) {
		last = mountpoint_is_guisefs(object->fd);
		last_mount = last < 0 ? 0 : object->mount;
	}
	object->guisefs = last > 0;
	return last < 0 ? last : 0;
}

/* Asks for what the kernel knows already, since stat may be denied. */
static int look(struct object *object)
{
	struct statx st;

	if (statx(object->fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
		  STATX_TYPE | STATX_INO | STATX_NLINK | STATX_MNT_ID, &st) < 0)
		return -errno;
	object->folder = S_ISDIR(st.stx_mode);
	object->symlink = S_ISLNK(st.stx_mode);
	object->ino = st.stx_ino;
	object->links = st.stx_nlink;
	object->device = (uint64_t)st.stx_dev_major << 32 | st.stx_dev_minor;
	object->mount = st.stx_mask & STATX_MNT_ID ? st.stx_mnt_id : 0;
	return find_mount(object);
}

int object_adopt(int fd, struct object *object)
{
	object->fd = fd;
	snprintf(object->link, sizeof(object->link), "/proc/self/fd/%d", fd);
	return look(object);
}

int object_open(const char *path, struct object *object)
{
	int fd = open(path, O_PATH | O_CLOEXEC);

	return fd < 0 ? -errno : object_adopt(fd, object);
}

int object_open_specimen(const char *path, bool folder, struct object *object)
{
	object->folder = folder;
	return specimen_open(path, &object->specimen);
}

void object_close(struct object *object)
{
	specimen_close(object->specimen);
	object->specimen = NULL;
	if (object->fd >= 0)
		close(object->fd);
	object->fd = -1;
}

/* Most values are short, and asking for more than a page at once costs the kernel time. */
static ssize_t get_attribute(const struct object *object, const char *name, char **room)
{
	ssize_t length = -1;

	errno = ERANGE;
	for (size_t size = 2048; length < 0 && errno == ERANGE && size <= ATTRIBUTE_MAX_SIZE;
	     size *= 32) {
		free(*room);
		*room = malloc(size + 1);
		if (!*room)
			return -ENOMEM;
		length = getxattr(object->link, name, *room, size);
	}
	return length < 0 ? -errno : length;
}

int object_attribute(const struct object *object, const char *name, char **value, size_t *size)
{
	char *room = NULL;
	ssize_t length = get_attribute(object, name, &room);

	if (length < 0) {
		free(room);
		return (int)length;
	}
	room[length] = '\0';
	*value = room;
	*size = (size_t)length;
	return 0;
}

static int implied(const struct object *object, struct descriptor **sd)
{
	LOCALACL_CLEANUP struct __acl_ext *access = NULL;
	LOCALACL_CLEANUP struct __acl_ext *inherit = NULL;
	struct stat st;
	int error = 0;

	if (fstat(object->fd, &st) < 0)
		return -errno;
	if (!object->symlink)
		error = localacl_get(object->link, false, &access);
	if (error == 0 && object->folder)
		error = localacl_get(object->link, true, &inherit);
	if (error < 0)
		return error;
	return -sd_errno(
		posix_to_descriptor(st.st_mode, st.st_uid, st.st_gid, access, inherit, sd));
}

static int read_error(enum sd_error fault)
{
	return fault == SD_OK ? 0 : fault == SD_NO_MEMORY ? -ENOMEM : -EBADMSG;
}

static int read_backing(const struct object *object, struct descriptor **sd, enum origin *origin)
{
	TEXT_CLEANUP char *blob = NULL;
	size_t size = 0;
	int error = object_attribute(object, ATTRIBUTE_NTACL, &blob, &size);

	*origin = ORIGIN_STORED;
	if (error == 0)
		return read_error(ntacl_read((const uint8_t *)blob, size, sd, NULL));
	if (error != -ENODATA && error != -ENOTSUP)
		return error;
	if (geteuid() != 0)
		return -ENODATA;
	*origin = ORIGIN_IMPLIED;
	return implied(object, sd);
}

static int read_mounted(const struct object *object, struct descriptor **sd)
{
	TEXT_CLEANUP char *bytes = NULL;
	size_t size = 0;
	int error = object_attribute(object, ATTRIBUTE_BINARY, &bytes, &size);

	return error < 0 ? error : read_error(descriptor_read((const uint8_t *)bytes, size, sd));
}

int object_read(const struct object *object, struct descriptor **sd, enum origin *origin)
{
	if (object->specimen) {
		*origin = ORIGIN_FILE;
		return specimen_read(object->specimen, sd);
	}
	if (!object->guisefs)
		return read_backing(object, sd, origin);
	*origin = ORIGIN_MOUNT;
	return read_mounted(object, sd);
}

/* What of @sd there is to write; a mark of inheritance is kept only if it is asked for. */
static struct descriptor *part_of(const struct descriptor *sd, unsigned int parts)
{
	struct descriptor *part = descriptor_copy(sd);

	if (!part)
		return NULL;
	descriptor_keep(part, parts);
	if (part->control & SE_DACL_AUTO_INHERITED)
		part->control |= SE_DACL_AUTO_INHERIT_REQ;
	if (part->control & SE_SACL_AUTO_INHERITED)
		part->control |= SE_SACL_AUTO_INHERIT_REQ;
	return part;
}

static int write_mounted(const struct object *object, const struct descriptor *part)
{
	SCOPED_BUFFER uint8_t *bytes = NULL;
	enum sd_error fault;
	size_t size;

	fault = descriptor_write(part, &bytes, &size);
	if (fault != SD_OK)
		return -sd_errno(fault);
	return setxattr(object->link, ATTRIBUTE_BINARY, bytes, size, 0) < 0 ? -errno : 0;
}

/* What a mount does with it, by its own code. */
static int write_backing(const struct object *object, const struct descriptor *part)
{
	if (geteuid() != 0)
		return -EOPNOTSUPP;
	return local_descriptor_set(object->fd, part, descriptor_parts(part));
}

int object_write_parts(const struct object *object, const struct descriptor *sd, unsigned int parts)
{
	DESCRIPTOR_CLEANUP struct descriptor *part = part_of(sd, parts);

	if (!part)
		return -ENOMEM;
	return object->guisefs ? write_mounted(object, part) : write_backing(object, part);
}

int object_write(const struct object *object, const struct descriptor *from,
		 const struct descriptor *to)
{
	unsigned int parts = descriptor_differs(from, to) & descriptor_parts(to);

	if (object->specimen)
		return specimen_write(object->specimen, to);
	return parts ? object_write_parts(object, to, parts) : 0;
}

static bool is_narrowed_blob(const char *blob, size_t size)
{
	DESCRIPTOR_CLEANUP struct descriptor *sd = NULL;
	DESCRIPTOR_CLEANUP struct descriptor *unmasked = NULL;

	return ntacl_read((const uint8_t *)blob, size, &sd, &unmasked) == SD_OK && unmasked;
}

bool object_is_narrowed(const struct object *object)
{
	TEXT_CLEANUP char *value = NULL;
	size_t size = 0;

	if (object->specimen ||
	    object_attribute(object, object->guisefs ? ATTRIBUTE_NATURE : ATTRIBUTE_NTACL, &value,
			     &size) < 0)
		return false;
	return object->guisefs ? strstr(value, " narrowed") != NULL : is_narrowed_blob(value, size);
}

int object_unchanged(const struct object *object, const struct descriptor *from)
{
	DESCRIPTOR_CLEANUP struct descriptor *now = NULL;
	enum origin origin;
	int error = object_read(object, &now, &origin);

	if (error < 0)
		return error;
	return descriptor_differs(from, now) ? -ESTALE : 0;
}

int object_report_read(const char *path, int error)
{
	switch (error) {
	case EACCES:
	case EPERM:
		error_about(path, "permission denied: reading a descriptor needs READ_CONTROL");
		return STATUS_DENIED;
	case ENODATA:
		error_about(path, "not on a guisefs mount, and no descriptor is stored here");
		return STATUS_FAILED;
	case EBADMSG:
		error_about(path, "its descriptor is damaged");
		return STATUS_FAILED;
	default:
		return error_report(path, error);
	}
}

/* Names the rights that writing @parts takes. */
static void report_denied(const char *path, unsigned int parts)
{
	bool owner = parts & (PART_OWNER | PART_GROUP);
	bool dacl = parts & PART_DACL, sacl = parts & PART_SACL;

	error_about(path, "permission denied: this needs %s%s%s%s%s", owner ? "WRITE_OWNER" : "",
		    owner && (dacl || sacl) ? ", " : "", dacl ? "WRITE_DAC" : "",
		    dacl && sacl ? ", " : "", sacl ? "SeSecurityPrivilege" : "");
}

int object_report_write(const char *path, int error, unsigned int parts)
{
	switch (error) {
	case EACCES:
		report_denied(path, parts);
		return STATUS_DENIED;
	case EPERM:
		error_about(path, "this owner or group may only be given with SeRestorePrivilege");
		return STATUS_DENIED;
	case EINVAL:
		error_about(path, "the mount does not take this descriptor");
		return STATUS_USAGE;
	case ESTALE:
		error_about(path, "its descriptor was changed by somebody else meanwhile");
		return STATUS_FAILED;
	case EOPNOTSUPP:
		error_about(path, "not on a guisefs mount; only root may change descriptors of a "
				  "backing folder");
		return STATUS_FAILED;
	default:
		return error_report(path, error);
	}
}
