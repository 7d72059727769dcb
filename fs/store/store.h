/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A store: what is behind the guard.  Every back-end is a table of these calls.
 *
 * A call performs what the guard allowed.  It returns 0 with its result in
 * op->out, or -errno having changed nothing, or STORE_LATER (see operation.h).
 * No call asks who it was, except to know whose a new object is (op->token).
 */
#ifndef GUISE_FS_STORE_H
#define GUISE_FS_STORE_H

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "fs/operation.h"

struct store;
struct handle;
struct interned;

/* nature of a descriptor that was got */
#define DESCRIPTOR_IMPLIED 0x1u  /* nothing is stored: it is what mode and POSIX ACL mean */
#define DESCRIPTOR_STICKY 0x2u   /* by the mode that it means it has the sticky bit */
#define DESCRIPTOR_NARROWED 0x8u /* a chmod narrowed it, and another may undo that */
#define DESCRIPTOR_BY_MODE 0x4u  /* it means a mode, implied or stored, and POSIX's rules hold */

struct store_ops {
	/* names */
	/* the node behind @name, one lookup counted, for the guard to judge; answers at once */
	int (*find)(struct store *store, struct node *folder, const char *name, struct node **node);
	int (*lookup)(struct operation *op, struct node *folder, const char *name);
	int (*mkdir)(struct operation *op, struct node *folder, const char *name, mode_t mode);
	int (*mknod)(struct operation *op, struct node *folder, const char *name, mode_t mode);
	int (*symlink)(struct operation *op, struct node *folder, const char *name,
		       const char *target);
	/* a new regular file, opened: out.node, out.attr, out.handle; @name NULL: without a name
	 * (O_TMPFILE) */
	int (*create)(struct operation *op, struct node *folder, const char *name, mode_t mode,
		      int flags);
	int (*link)(struct operation *op, struct node *node, struct node *folder, const char *name);
	int (*remove)(struct operation *op, struct node *folder, const char *name, bool is_folder);
	int (*rename)(struct operation *op, struct node *folder, const char *name, struct node *to,
		      const char *new_name, unsigned int flags);

	/* objects */
	int (*getattr)(struct operation *op, struct node *node);
	/* @to_set is libfuse's; FUSE_SET_ATTR_CTIME alone: the time of change goes on */
	int (*setattr)(struct operation *op, struct node *node, struct handle *handle,
		       const struct stat *attr, int to_set);
	int (*readlink)(struct operation *op, struct node *node);
	int (*statfs)(struct operation *op, struct node *node);
	int (*getxattr)(struct operation *op, struct node *node, const char *name);
	int (*setxattr)(struct operation *op, struct node *node, const char *name,
			const void *value, size_t size, int flags);
	int (*listxattr)(struct operation *op, struct node *node);
	int (*removexattr)(struct operation *op, struct node *node, const char *name);

	/* The POSIX access ACL or, if @inherit, default ACL becomes @value, as system.posix_acl_…
	 * has it; it goes if @size is 0.  A folder keeps S_ISGID only if @keeps_setgid. */
	int (*set_acl)(struct operation *op, struct node *node, bool inherit, const void *value,
		       size_t size, bool keeps_setgid);

	/* descriptors: what the guard decides by.  get stores a reference in *sd at once. */
	int (*get_descriptor)(struct operation *op, struct node *node, struct interned **sd);
	int (*set_descriptor)(struct operation *op, struct node *node,
			      const struct descriptor *given, unsigned int parts);

	/* handles */
	int (*open)(struct operation *op, struct node *node, int flags, uint32_t rights);
	int (*opendir)(struct operation *op, struct node *node);
	int (*read)(struct operation *op, struct handle *handle, size_t size, off_t offset);
	int (*write)(struct operation *op, struct handle *handle, const char *bytes, size_t size,
		     off_t offset);
	int (*flush)(struct operation *op, struct handle *handle);
	int (*fsync)(struct operation *op, struct handle *handle, bool data_only);
	int (*fallocate)(struct operation *op, struct handle *handle, int mode, off_t offset,
			 off_t length);
	/* SEEK_DATA, SEEK_HOLE */
	int (*lseek)(struct operation *op, struct handle *handle, off_t offset, int whence);
	int (*copy)(struct operation *op, struct handle *from, off_t from_offset, struct handle *to,
		    off_t to_offset, size_t length);
	/* entries from @offset on to @visit, until it returns false (that one comes again) or the
	 * end */
	int (*readdir)(struct operation *op, struct handle *handle, off_t offset,
		       bool (*visit)(void *arg, const struct dirent *entry), void *arg);
	void (*release)(struct operation *op, struct handle *handle);

	/* the root's node, one lookup that is never taken back */
	struct node *(*root)(struct store *store);
	/* now and then, from a thread of its own; or NULL */
	void (*housekeep)(struct store *store);
	void (*destroy)(struct store *store);
};

struct store {
	const struct store_ops *ops;
	bool never_waits;     /* for a disk or another host */
	bool closes_silently; /* nothing is learnt of what was written by closing a file */
};

/* The local folder @path as a store.  Returns 0, or -errno after printing why in one line. */
int store_local_create(const char *path, const struct options *options, struct store **store);

#endif
