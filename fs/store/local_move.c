/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What goes to another folder on a mount with on-move=inherit: its descriptor is stored first, and
 * then it goes.  So a crash in between leaves it where it was, with what the new folder gives,
 * and no step leaves it with anything else.
 *
 * What would have to be changed together with others goes by copying (EXDEV tells programs so):
 * folders with something in them, and files with several names.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/acl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "acl/inherit.h"
#include "acl/posix.h"
#include "fs/audit.h"
#include "fs/sandbox.h"
#include "fs/store/local.h"

void local_move_clear(struct local_move *move)
{
	if (move->node)
		node_forget(move->node, 1);
	if (move->access)
		acl_free(move->access);
	local_descriptor_clear(&move->was);
	descriptor_destroy(move->sd);
	descriptor_destroy(move->unmasked);
	memset(move, 0, sizeof(*move));
}

/* Where a mode has narrowed what was inherited, it narrows what is inherited now. */
static enum sd_error narrow_again(struct local_move *move)
{
	struct descriptor *whole = move->sd;
	enum sd_error error =
		posix_narrow(whole, move->st.st_mode & 01777, S_ISDIR(move->st.st_mode), &move->sd);

	if (error != SD_OK) {
		move->sd = whole;
		return error;
	}
	move->unmasked = whole;
	return SD_OK;
}

/* The new descriptor, if it is another. */
static int plan_descriptor(const struct options *options, const struct descriptor *from,
			   const struct descriptor *to, struct local_move *move, bool *changed)
{
	__attribute__((cleanup(descriptor_destroyp))) struct descriptor *base = NULL;
	bool folder = S_ISDIR(move->st.st_mode), narrows = move->was.unmasked != NULL;
	int err = local_unnarrowed(&move->was, &base);
	enum sd_error error;

	if (err < 0)
		return err;
	if (move->was.implied) {
		error = inherit_adopt(to, base, folder, &move->sd, changed);
		narrows = !S_ISLNK(move->st.st_mode) &&
			  local_mode_narrows(options, move->st.st_mode & 0777);
	} else {
		error = inherit_move(from, to, base, folder, &move->sd, changed);
	}
	if (error == SD_OK && *changed && narrows)
		error = narrow_again(move);
	return -sd_errno(error);
}

/* 1, 0 or -errno */
static int has_entries(int fd)
{
	int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = own < 0 ? NULL : fdopendir(own);
	int count = 0;

	if (!stream) {
		if (own >= 0)
			close(own);
		return -errno;
	}
	errno = 0;
	while (count < 3 && readdir(stream))
		count++;
	if (count < 3 && errno)
		count = -errno;
	closedir(stream);
	return count < 0 ? count : count > 2;
}

/* Can it be changed alone? */
static int judge_alone(int fd, const struct stat *st)
{
	int more;

	if (!S_ISDIR(st->st_mode))
		return st->st_nlink > 1 ? -EXDEV : 0;
	more = has_entries(fd);
	return more > 0 ? -EXDEV : more;
}

static int plan(struct operation *op, struct node *node, struct node *from, struct node *to,
		bool may, struct local_move *move)
{
	INTERNED of_from = NULL;
	INTERNED of_to = NULL;
	LOCAL_FD fd = local_fd_get(node);
	char path[LOCAL_PATH_SIZE];
	bool changed = false;
	int err = fd.fd < 0 ? fd.fd : local_get_descriptor(op, from, &of_from);

	if (err == 0)
		err = local_get_descriptor(op, to, &of_to);
	if (err == 0 && fstat(fd.fd, &move->st) < 0)
		err = -errno;
	if (err == 0)
		err = local_descriptor_load(fd.fd, &move->was);
	if (err == 0)
		err = plan_descriptor(op->session->options, interned_descriptor(of_from),
				      interned_descriptor(of_to), move, &changed);
	if (err < 0 || !changed)
		return err;
	if (!may)
		return -EXDEV;
	if (move->was.implied && !S_ISLNK(move->st.st_mode))
		move->access = acl_get_file(local_path(fd.fd, path), ACL_TYPE_ACCESS);
	err = judge_alone(fd.fd, &move->st);
	return err < 0 ? err : 1;
}

int local_move_plan(struct operation *op, struct node *from, const char *name, struct node *to,
		    const struct node *may, struct local_move *move)
{
	struct node *node;
	int result = local_find(op->session->store, from, name, &node);

	if (result < 0)
		return result;
	result = plan(op, node, from, to, node == may, move);
	if (result == 1) {
		move->node = node;
		return 0;
	}
	node_forget(node, 1);
	return result;
}

int local_move_apply(const struct local_move *move)
{
	LOCAL_FD fd = {.fd = -1};
	int err;

	if (!move->node)
		return 0;
	fd = local_fd_get(move->node);
	if (fd.fd < 0)
		return fd.fd;
	err = local_descriptor_store(fd.fd, move->sd, move->unmasked,
				     local_kept_mode(&move->st, move->sd));
	node_outdate(move->node);
	return err;
}

/* Mode and POSIX ACL were all there was. */
static int undo_implied(const struct local_move *move, int fd)
{
	const mode_t mode = move->st.st_mode & 07777;
	char path[LOCAL_PATH_SIZE];

	local_path(fd, path);
	if (!S_ISLNK(move->st.st_mode)) {
		if (move->access && acl_set_file(path, ACL_TYPE_ACCESS, move->access) < 0 &&
		    errno != EOPNOTSUPP)
			return -errno;
		if (S_ISDIR(move->st.st_mode) ? sandbox_chmod_folder(path, mode) < 0
					      : chmod(path, mode) < 0)
			return -EIO;
	}
	return removexattr(path, LOCAL_NTACL) < 0 ? -errno : 0;
}

void local_move_undo(const struct local_move *move)
{
	LOCAL_FD fd = {.fd = -1};
	int err;

	if (!move->node)
		return;
	fd = local_fd_get(move->node);
	if (fd.fd < 0)
		err = fd.fd;
	else if (move->was.implied)
		err = undo_implied(move, fd.fd);
	else
		err = local_descriptor_store(fd.fd, move->was.sd, move->was.unmasked,
					     local_kept_mode(&move->st, move->was.sd));
	node_outdate(move->node);
	if (err < 0)
		audit_note("descriptor not put back after a move that failed: %s", strerror(-err));
}
