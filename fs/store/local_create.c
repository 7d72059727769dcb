/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * New objects of the local store.
 *
 * Each is made with mode 0 and root as owner, given its descriptor, and only
 * then its owner and mode: whoever sees it earlier, or after a crash in
 * between, may do nothing with it.  What cannot be finished is removed again.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "acl/inherit.h"
#include "acl/mask.h"
#include "acl/posix.h"
#include "fs/handle.h"
#include "fs/store/local.h"

/* A new object's descriptor, and what its mode narrowed of it. */
struct birth {
	struct descriptor *sd;
	struct descriptor *unmasked; /* or NULL */
	mode_t keep;                 /* mode bits shown at most */
};

static void birth_clear(struct birth *birth)
{
	descriptor_destroy(birth->sd);
	descriptor_destroy(birth->unmasked);
}

#define BIRTH __attribute__((cleanup(birth_clear))) struct birth

static bool mode_narrows(const struct options *options, mode_t mode)
{
	switch (options->create_mode) {
	case CREATE_MODE_IGNORE:
		return false;
	case CREATE_MODE_MASK:
		return true;
	default:
		return (mode & 0077) == 0;
	}
}

/* Computes @birth for a child of @parent made by op's caller with @mode.
 */
static int birth_plan(struct operation *op, struct node *parent, mode_t mode, struct birth *birth)
{
	INTERNED folder = NULL;
	struct descriptor *child = NULL;
	bool is_folder = S_ISDIR(mode);
	enum sd_error error;
	int err = local_get_descriptor(op, parent, &folder);

	if (err < 0)
		return err;
	error = inherit_create(interned_descriptor(folder), NULL, is_folder, op->token, &child);
	if (error != SD_OK)
		return -sd_errno(error);
	birth->sd = child;
	/* A file shows execute bits only if its creator or a chmod asked for them. */
	birth->keep = is_folder || (mode & 0111) ? 0777 : 0666;
	if (S_ISLNK(mode) || !mode_narrows(op->session->options, mode))
		return 0;
	error = posix_narrow(child, mode & 0777, is_folder, &birth->sd);
	if (error != SD_OK) {
		birth->sd = child;
		return -sd_errno(error);
	}
	birth->unmasked = child;
	if (descriptor_equal(birth->sd, child)) {
		descriptor_destroy(child);
		birth->unmasked = NULL;
	}
	return 0;
}

static int birth_finish(int fd, const struct birth *birth)
{
	return local_descriptor_store(fd, birth->sd, birth->unmasked, birth->keep);
}

/* Finishes what was made as @name in @parent and finds its node; removes it again on failure. */
static int finish_named(struct operation *op, struct node *folder, int parent, const char *name,
			const struct birth *birth, int remove_flags)
{
	int fd = local_open_name(parent, name);
	int err = fd < 0 ? fd : birth_finish(fd, birth);

	if (err == 0) {
		err = local_found(op, folder, fd);
		fd = -1;
	}
	if (fd >= 0)
		close(fd);
	if (err < 0)
		unlinkat(parent, name, remove_flags);
	return err;
}

int local_mkdir(struct operation *op, struct node *folder, const char *name, mode_t mode)
{
	LOCAL_FD parent = local_fd_get(folder);
	BIRTH birth = {0};
	int err = parent.fd < 0 ? parent.fd : birth_plan(op, folder, S_IFDIR | mode, &birth);

	if (err < 0)
		return err;
	if (mkdirat(parent.fd, name, 0) < 0)
		return -errno;
	return finish_named(op, folder, parent.fd, name, &birth, AT_REMOVEDIR);
}

int local_mknod(struct operation *op, struct node *folder, const char *name, mode_t mode)
{
	LOCAL_FD parent = local_fd_get(folder);
	BIRTH birth = {0};
	int err = parent.fd < 0 ? parent.fd : birth_plan(op, folder, mode, &birth);

	if (err < 0)
		return err;
	if (mknodat(parent.fd, name, mode & S_IFMT, 0) < 0)
		return -errno;
	return finish_named(op, folder, parent.fd, name, &birth, 0);
}

int local_symlink(struct operation *op, struct node *folder, const char *name, const char *target)
{
	LOCAL_FD parent = local_fd_get(folder);
	BIRTH birth = {0};
	int err = parent.fd < 0 ? parent.fd : birth_plan(op, folder, S_IFLNK | 0777, &birth);

	if (err < 0)
		return err;
	if (symlinkat(target, parent.fd, name) < 0)
		return -errno;
	return finish_named(op, folder, parent.fd, name, &birth, 0);
}

/* What the creator's own handle may do: all that it asked for, unchecked ([MS-FSA] 2.1.5.1.1). */
static uint32_t creator_rights(int flags)
{
	switch (flags & O_ACCMODE) {
	case O_RDONLY:
		return FILE_READ_DATA;
	case O_WRONLY:
		return FILE_WRITE_DATA | FILE_APPEND_DATA;
	default:
		return FILE_READ_DATA | FILE_WRITE_DATA | FILE_APPEND_DATA;
	}
}

/* A handle for the creator, with the access it asked for, on the object of @fd. */
static int creator_handle(struct operation *op, int fd, int flags)
{
	char path[LOCAL_PATH_SIZE];
	int own = open(local_path(fd, path), (flags & (O_ACCMODE | O_SYNC | O_DSYNC)) | O_CLOEXEC);

	if (own < 0)
		return -errno;
	op->out.handle = handle_create(op->out.node, own, creator_rights(flags));
	return op->out.handle ? 0 : -ENOMEM;
}

int local_create(struct operation *op, struct node *folder, const char *name, mode_t mode,
		 int flags)
{
	LOCAL_FD parent = local_fd_get(folder);
	BIRTH birth = {0};
	char path[LOCAL_PATH_SIZE];
	int fd, err = parent.fd < 0 ? parent.fd : birth_plan(op, folder, S_IFREG | mode, &birth);

	if (err < 0)
		return err;
	if (name)
		fd = openat(parent.fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0);
	else
		fd = openat(parent.fd, ".", O_RDWR | O_TMPFILE | (flags & O_EXCL) | O_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	err = birth_finish(fd, &birth);
	if (err == 0) {
		int node_fd = open(local_path(fd, path), O_PATH | O_CLOEXEC);

		err = node_fd < 0 ? -errno : local_found(op, folder, node_fd);
	}
	if (err == 0 && (err = creator_handle(op, fd, flags)) < 0) {
		node_forget(op->out.node, 1);
		op->out.node = NULL;
	}
	if (err < 0 && name)
		unlinkat(parent.fd, name, 0);
	close(fd);
	return err;
}
