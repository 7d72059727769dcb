/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Handles: open files and folders.  What may be done through one was decided
 * when it was opened and is never asked again, as on Windows.
 */
#ifndef GUISE_FS_HANDLE_H
#define GUISE_FS_HANDLE_H

#include <dirent.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "fs/holder.h"

struct fuse_file_info;
struct hold;
struct node;

struct handle {
	struct handle *next, **link; /* among those of the node */
	struct node *node;           /* held while open */
	int fd;                      /* on the backing object; -1: not needed yet */
	struct claim claim;          /* on descriptors: fd, and the node's */
	int flags;                   /* of open(2), for a descriptor that is needed later */
	uint32_t rights;             /* FILE_… granted at open */
	bool append_only;            /* FILE_APPEND_DATA without FILE_WRITE_DATA */
	bool passed;                 /* the kernel reads and writes by itself */
	struct hold *hold;           /* on the token key that it ends with, or NULL (revocable.h) */
	DIR *stream;                 /* folders: owns fd */
	off_t position;              /* of stream */
	bool names_only;             /* what is listed, the kernel knows already */
	struct dirent *entry;        /* read from stream, not handed out yet */
	pthread_mutex_t lock;        /* of the stream, or of fd while it is -1 */
};

/*
 * A handle on @node with descriptor @fd (taken over, also on failure; or -1), for which @claim was
 * made (taken over on success); NULL without memory.
 */
struct handle *handle_create(struct node *node, int fd, uint32_t rights, struct claim *claim);
struct handle *handle_create_folder(struct node *node, int fd, struct claim *claim);
void handle_destroy(struct handle *handle);

/* The same for a node that is going too. */
void handle_discard(struct handle *handle);

/* The handle behind fi->fh. */
struct handle *handle_of(const struct fuse_file_info *fi);

#endif
