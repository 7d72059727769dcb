/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An object that a command is about, held open without any right on it, and
 * its descriptor: of a guisefs mount, of a backing folder (for root), or
 * in a file or on standard input, where nothing but the descriptor is.
 */
#ifndef GUISE_TOOLS_OBJECT_H
#define GUISE_TOOLS_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acl/descriptor.h"

#define ATTRIBUTE_SDDL "system.guise.sddl"
#define ATTRIBUTE_BINARY "system.ntfs_acl"
#define ATTRIBUTE_WHOAMI "system.guise.whoami"
#define ATTRIBUTE_NATURE "system.guise.nature"
#define ATTRIBUTE_NTACL "security.NTACL"

struct object {
	int fd;              /* O_PATH */
	char link[32];       /* its name below /proc/self/fd, which every path call can follow */
	uint64_t mount, ino; /* where it is, as the kernel numbers it */
	uint64_t device;
	uint32_t links; /* names that it has */
	bool folder;
	bool symlink;
	bool guisefs;              /* on a guisefs mount */
	struct specimen *specimen; /* of a file that holds a descriptor; then fd is -1 */
};

#define OBJECT_NONE                                                                                \
	{                                                                                          \
		.fd = -1                                                                           \
	}
#define OBJECT_CLEANUP __attribute__((cleanup(object_close)))

/* Opens @path (symbolic links followed), or takes over @fd, also if it fails.  0 or -errno. */
int object_open(const char *path, struct object *object);
int object_adopt(int fd, struct object *object);

/* The descriptor that file @path holds ("-": standard input), of a folder if @folder.  0 or -errno
 */
int object_open_specimen(const char *path, bool folder, struct object *object);

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
	ORIGIN_FILE,    /* a file or a stream that holds a descriptor */
};

/*
 * The descriptor of @object: on a guisefs mount what the caller may read of it (without SACL, if
 * that takes a privilege that it has not); on a backing folder the stored one,
 * or for root, who can see all of it, the implied one.  Returns 0, storing a new descriptor in
 * *@sd, or -errno: -ENODATA if there is none, -EBADMSG if the stored one is damaged.
 */
int object_read(const struct object *object, struct descriptor **sd, enum origin *origin);

/*
 * Makes @to the descriptor of @object, of which @from was read just before: writes the parts in
 * which they differ, and nothing where there is none; a specimen in any case.  A part that @to
 * lacks is left alone.  Returns 0 or -errno, having changed nothing.
 */
int object_write(const struct object *object, const struct descriptor *from,
		 const struct descriptor *to);

/*
 * Writes @parts of @sd, though they may be what @object has: a DACL that is written ends what a
 * chmod(2) keeps behind it.  0 or -errno
 */
int object_write_parts(const struct object *object, const struct descriptor *sd,
		       unsigned int parts);

/*
 * Did a chmod(2) narrow the DACL of @object, so that another may bring back what is not seen of
 * it now?
 */
bool object_is_narrowed(const struct object *object);

/* Has @object still the descriptor @from, which was read some time ago?  0, -ESTALE or -errno. */
int object_unchanged(const struct object *object, const struct descriptor *from);

/* Reports @error, positive, of reading the descriptor of @path; returns the exit status. */
int object_report_read(const char *path, int error);

/* The same of writing @parts of it. */
int object_report_write(const char *path, int error, unsigned int parts);

#endif
