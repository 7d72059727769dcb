/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A file or folder that a command is about, held open without any right on
 * it, and its descriptor.
 */
#ifndef GUISE_TOOLS_OBJECT_H
#define GUISE_TOOLS_OBJECT_H

#include <stdbool.h>
#include <stddef.h>

#include "acl/descriptor.h"

#define ATTRIBUTE_SDDL "system.guise.sddl"
#define ATTRIBUTE_BINARY "system.ntfs_acl"
#define ATTRIBUTE_WHOAMI "system.guise.whoami"
#define ATTRIBUTE_NTACL "security.NTACL"

struct object {
	int fd;        /* O_PATH */
	char link[32]; /* its name below /proc/self/fd, which every path call can follow */
	bool folder;
	bool guisefs; /* on a guisefs mount */
};

#define OBJECT_NONE                                                                                \
	{                                                                                          \
		.fd = -1                                                                           \
	}
#define OBJECT_CLEANUP __attribute__((cleanup(object_close)))

/* Opens @path (symbolic links followed), or takes over @fd.  Return 0 or -errno. */
int object_open(const char *path, struct object *object);
int object_adopt(int fd, struct object *object);
void object_close(struct object *object);

/*
 * Reads extended attribute @name into *@value (caller frees), which has a NUL
 * after its *@size bytes.  Returns 0 or -errno.
 */
int object_attribute(const struct object *object, const char *name, char **value, size_t *size);

/* where a descriptor came from */
enum origin {
	ORIGIN_MOUNT,   /* a guisefs mount */
	ORIGIN_STORED,  /* security.NTACL of a backing folder */
	ORIGIN_IMPLIED, /* mode and POSIX ACL of a backing folder */
};

/*
 * The descriptor of an object that is not on a guisefs mount: the stored one,
 * or for root, who can see all of it, the implied one.  Returns 0, storing a new descriptor in
 * *@sd, or -errno: -ENODATA if there is none, -EBADMSG if the stored one is damaged.
 */
int object_backing(const struct object *object, struct descriptor **sd, enum origin *origin);

#endif
