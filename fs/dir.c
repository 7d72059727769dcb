/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Folders: opendir, readdir, readdirplus.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs/front.h"
#include "fs/guard.h"
#include "fs/revocable.h"

void front_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct node *folder = front_node(req, ino);
	struct operation op;
	int err;

	operation_start(&op, req, "opendir", folder, reply_handle);
	op.fi = *fi;
	revocable_begin(&op);
	err = guard_list(&op, folder);
	if (err == 0)
		err = front_store(req)->opendir(&op, folder);
	if (err == 0 && (err = revocable_bind(&op)) < 0)
		handle_destroy(op.out.handle);
	operation_end(&op, err);
}

/* What a reader is filling: the kernel's buffer. */
struct listing {
	struct operation op;
	struct node *folder;
	struct entry_timeouts timeouts;
	bool plus;  /* the kernel wants entries with their attributes, */
	bool looks; /* and may have them */
	char *bytes;
	size_t size, used;
	int err; /* who asks was refused */
};

static bool is_dot(const char *name)
{
	return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

/*
 * The entry with its attributes: listing a folder includes them.  An object that
 * cannot be looked up (gone meanwhile, a mount point) is listed by name alone.
 */
static size_t add_plus(struct listing *list, const struct dirent *entry, struct node **counted)
{
	struct operation *op = &list->op;
	struct fuse_entry_param param = {.attr.st_ino = entry->d_ino,
					 .attr.st_mode = (mode_t)entry->d_type << 12};

	*counted = NULL;
	if (list->looks && !is_dot(entry->d_name) &&
	    op->session->store->ops->lookup(op, list->folder, entry->d_name) == 0) {
		guard_choose_timeout(op, list->timeouts);
		front_entry(op, &param);
		*counted = op->out.node;
	}
	return fuse_add_direntry_plus(op->req, list->bytes + list->used, list->size - list->used,
				      entry->d_name, &param, entry->d_off);
}

static size_t add_plain(struct listing *list, const struct dirent *entry)
{
	struct stat st = {.st_ino = entry->d_ino, .st_mode = (mode_t)entry->d_type << 12};

	return fuse_add_direntry(list->op.req, list->bytes + list->used, list->size - list->used,
				 entry->d_name, &st, entry->d_off);
}

/* Access-based enumeration: is @entry to be listed for who asks?  1, 0, -errno */
static int shows(struct listing *list, const struct dirent *entry)
{
	struct operation *op = &list->op;
	struct store *store = op->session->store;
	struct node *node;
	int result;

	if (op->session->options->list == LIST_ALL || is_dot(entry->d_name))
		return 1;
	/* there may be very many that are not to be shown */
	if (fuse_req_interrupted(op->req))
		return -EINTR;
	if (store->ops->find(store, list->folder, entry->d_name, &node) < 0)
		return 0;
	result = guard_shows(op, node);
	op->seen.node = NULL; /* it may go, and another take its place */
	node_forget(node, 1);
	return result;
}

/* Adds @entry; false if it does not fit any more. */
static bool add(void *arg, const struct dirent *entry)
{
	struct listing *list = arg;
	struct node *counted = NULL;
	int shown = shows(list, entry);
	size_t size;

	if (shown <= 0) {
		list->err = shown;
		return shown == 0;
	}
	size = list->plus ? add_plus(list, entry, &counted) : add_plain(list, entry);

	if (size <= list->size - list->used) {
		list->used += size;
		return true;
	}
	if (counted)
		node_forget(counted, 1);
	return false;
}

/* ms that the kernel knows what it was told of entries, which is for a second, at least */
#define KNOWN_MS 500

/*
 * Is there no use in telling the kernel what the entries are?  Not where it may not keep names,
 * and not if it was told a moment ago; then it has them still, or looks up what it has not.
 */
static bool names_suffice(const struct listing *list, struct handle *handle, off_t offset)
{
	if (list->timeouts.implied <= 0 && list->timeouts.stored <= 0)
		return true;
	if (offset == 0)
		handle->names_only = node_listed_lately(list->folder, KNOWN_MS);
	return handle->names_only;
}

static void read_folder(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
			struct fuse_file_info *fi, bool plus)
{
	struct listing list = {.folder = front_node(req, ino), .plus = plus, .size = size};
	int err;

	operation_start(&list.op, req, "readdir", list.folder, reply_data);
	err = revocable_check(&list.op, handle_of(fi));
	if (err < 0) {
		operation_end(&list.op, err);
		return;
	}
	list.bytes = malloc(size);
	if (!list.bytes) {
		operation_end(&list.op, -ENOMEM);
		return;
	}
	/* Names found on the way are as private as the folder that they are in. */
	if (plus) {
		list.timeouts = guard_entry_timeouts(&list.op, list.folder);
		list.looks = !names_suffice(&list, handle_of(fi), offset);
	}
	err = front_store(req)->readdir(&list.op, handle_of(fi), offset, add, &list);
	if (list.err < 0)
		err = list.err;
	list.op.out.data = list.bytes;
	list.op.out.size = list.used;
	list.op.room = size;
	/* an error after some entries comes again when the next are asked for */
	operation_end(&list.op, list.used ? 0 : err);
}

void front_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
		   struct fuse_file_info *fi)
{
	read_folder(req, ino, size, offset, fi, false);
}

void front_readdirplus(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
		       struct fuse_file_info *fi)
{
	read_folder(req, ino, size, offset, fi, true);
}

void front_releasedir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct operation op;

	operation_start(&op, req, "releasedir", NULL, NULL);
	front_store(req)->release(&op, handle_of(fi));
	operation_end(&op, 0);
}

void front_fsyncdir(fuse_req_t req, fuse_ino_t ino, int data_only, struct fuse_file_info *fi)
{
	front_fsync(req, ino, data_only, fi);
}
