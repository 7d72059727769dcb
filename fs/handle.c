/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Open files and folders.
 */
#include "fs/handle.h"

#include <stdlib.h>
#include <unistd.h>

#include "acl/mask.h"
#include "fs/node.h"
#include "fs/operation.h"
#include "keyring/hold.h"

static void handle_link(struct handle *handle, struct handle **list)
{
	handle->next = *list;
	handle->link = list;
	if (*list)
		(*list)->link = &handle->next;
	*list = handle;
}

static void handle_unlink(struct handle *handle)
{
	*handle->link = handle->next;
	if (handle->next)
		handle->next->link = handle->link;
}

static void handle_free(struct handle *handle)
{
	if (handle->stream)
		closedir(handle->stream);
	else if (handle->fd >= 0)
		close(handle->fd);
	claim_end(&handle->claim);
	hold_destroy(handle->hold);
	pthread_mutex_destroy(&handle->lock);
	free(handle);
}

struct handle *handle_create(struct node *node, int fd, uint32_t rights, struct claim *claim)
{
	struct handle *handle = calloc(1, sizeof(*handle));

	if (!handle) {
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	handle->node = node;
	handle->fd = fd;
	handle->rights = rights;
	handle->claim = *claim;
	*claim = (struct claim){0};
	handle->append_only = (rights & FILE_APPEND_DATA) && !(rights & FILE_WRITE_DATA);
	pthread_mutex_init(&handle->lock, NULL);
	node_hold(node);
	handle_link(handle, &node_lock_io(node)->handles);
	node_unlock_io(node);
	return handle;
}

struct handle *handle_create_folder(struct node *node, int fd, struct claim *claim)
{
	struct handle *handle = handle_create(node, fd, FILE_LIST_DIRECTORY, claim);

	if (!handle)
		return NULL;
	handle->stream = fdopendir(fd);
	if (!handle->stream) {
		handle_destroy(handle);
		return NULL;
	}
	return handle;
}

void handle_destroy(struct handle *handle)
{
	struct node *node = handle->node;

	node_lock_io(node);
	handle_unlink(handle);
	node_unlock_io(node);
	handle_free(handle);
	node_release(node);
}

void handle_discard(struct handle *handle)
{
	handle_unlink(handle);
	handle_free(handle);
}

struct handle *handle_of(const struct fuse_file_info *fi)
{
	return (struct handle *)(uintptr_t)fi->fh;
}
