/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A file or folder that a command is about, and its descriptor.
 */
#include "object.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "acl/ntacl.h"
#include "acl/posix.h"
#include "localacl.h"
#include "mountpoint.h"
#include "text.h"

/* XATTR_SIZE_MAX of the kernel */
#define ATTRIBUTE_MAX_SIZE 65536

/* Asks the kernel's dentry, since stat may be denied. */
static bool is_folder(const struct object *object)
{
	int fd = open(object->link, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

int object_adopt(int fd, struct object *object)
{
	int guisefs;

	object->fd = fd;
	snprintf(object->link, sizeof(object->link), "/proc/self/fd/%d", fd);
	guisefs = mountpoint_is_guisefs(fd);
	if (guisefs < 0)
		return guisefs;
	object->guisefs = guisefs > 0;
	object->folder = is_folder(object);
	return 0;
}

int object_open(const char *path, struct object *object)
{
	int fd = open(path, O_PATH | O_CLOEXEC);

	return fd < 0 ? -errno : object_adopt(fd, object);
}

void object_close(struct object *object)
{
	if (object->fd >= 0)
		close(object->fd);
	object->fd = -1;
}

int object_attribute(const struct object *object, const char *name, char **value, size_t *size)
{
	char *room = malloc(ATTRIBUTE_MAX_SIZE + 1);
	ssize_t length;

	if (!room)
		return -ENOMEM;
	length = getxattr(object->link, name, room, ATTRIBUTE_MAX_SIZE);
	if (length < 0) {
		int error = errno;

		free(room);
		return -error;
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
	int error;

	if (fstat(object->fd, &st) < 0)
		return -errno;
	error = localacl_get(object->link, false, &access);
	if (error == 0 && object->folder)
		error = localacl_get(object->link, true, &inherit);
	if (error < 0)
		return error;
	return -sd_errno(
		posix_to_descriptor(st.st_mode, st.st_uid, st.st_gid, access, inherit, sd));
}

int object_backing(const struct object *object, struct descriptor **sd, enum origin *origin)
{
	TEXT_CLEANUP char *blob = NULL;
	size_t size = 0;
	int error = object_attribute(object, ATTRIBUTE_NTACL, &blob, &size);

	if (error == 0) {
		enum sd_error fault = ntacl_read((const uint8_t *)blob, size, sd, NULL);

		*origin = ORIGIN_STORED;
		return fault == SD_OK ? 0 : fault == SD_NO_MEMORY ? -ENOMEM : -EBADMSG;
	}
	if (error != -ENODATA && error != -ENOTSUP)
		return error;
	if (geteuid() != 0)
		return -ENODATA;
	*origin = ORIGIN_IMPLIED;
	return implied(object, sd);
}
