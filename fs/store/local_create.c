/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * New objects of the local store.
 *
 * None has the name that it is to have before it is finished: it is made with mode 0
 * and root as owner, given its descriptor, then its owner and mode, and named last.
 * A file has no name until then, so that a crash leaves nothing of it; what else there is
 * is made under a name that nobody can guess, and that is what a crash leaves.
 * What cannot be finished is removed again.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "acl/inherit.h"
#include "acl/mask.h"
#include "acl/posix.h"
#include "fs/handle.h"
#include "fs/store/local.h"
#include "keyring/domain.h"

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

bool local_mode_narrows(const struct options *options, mode_t mode)
{
	switch (options->create_mode) {
	case CREATE_MODE_IGNORE:
		return false;
	case CREATE_MODE_MASK:
	case CREATE_MODE_POSIX:
		return true;
	default:
		return (mode & 0077) == 0;
	}
}

/* The group of what is made in a folder with S_ISGID: the folder's, a domain's by its domain SID.
 */
static int take_folders_group(struct descriptor *wish, const struct descriptor *folder)
{
	gid_t gid;

	wish->has_group = folder->has_group;
	wish->group = folder->group;
	return folder->has_group && sid_to_gid(&folder->group, &gid)
		       ? domain_group_sid(gid, &wish->group)
		       : 0;
}

static void take_own_group(struct descriptor *wish, const struct token *token)
{
	const struct sid *group = token_primary_group(token);

	wish->has_group = group != NULL;
	if (group)
		wish->group = *group;
}

/*
 * What the creator asks for besides what it inherits: in a folder with S_ISGID the
 * folder's group, and with create-mode=posix a DACL for where nothing is inherited, from
 * the mode less the umask, as POSIX has it where there is no default ACL.
 */
static int birth_wish(struct operation *op, const struct descriptor *folder, bool folders_group,
		      mode_t mode, struct descriptor **out)
{
	bool by_mode = op->session->options->create_mode == CREATE_MODE_POSIX;
	struct descriptor *wish;
	enum sd_error error = SD_OK;
	int err = 0;

	if (!folders_group && !by_mode)
		return 0;
	wish = *out = descriptor_create();
	if (!wish)
		return -ENOMEM;
	wish->has_owner = true;
	wish->owner = *token_user(op->token);
	if (folders_group)
		err = take_folders_group(wish, folder);
	else
		take_own_group(wish, op->token);
	if (err == 0 && by_mode && local_takes_mode(wish)) {
		error = local_mode_apply(wish, S_ISLNK(mode) ? mode : mode & ~op->umask, 0, 0);
		wish->control |= SE_DACL_DEFAULTED;
	}
	return err < 0 ? err : -sd_errno(error);
}

/* A mode that narrows what the child would have; what it would have is kept beside it. */
static int birth_narrow(struct operation *op, mode_t mode, struct birth *birth)
{
	struct descriptor *child = birth->sd;
	enum sd_error error;

	/* it has the mode's own DACL already */
	if (child->control & SE_DACL_DEFAULTED) {
		child->control &= (uint16_t)~SE_DACL_DEFAULTED;
		birth->keep = (birth->keep & ~0777u) | (mode & ~op->umask & 0777);
		return 0;
	}
	if (S_ISLNK(mode) || !local_mode_narrows(op->session->options, mode))
		return 0;
	error = posix_narrow(child, mode & 01777, S_ISDIR(mode), &birth->sd);
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

/* Computes @birth for a child of @parent, open as @fd, made by op's caller with @mode. */
static int birth_plan(struct operation *op, struct node *parent, int fd, mode_t mode,
		      struct birth *birth)
{
	__attribute__((cleanup(descriptor_destroyp))) struct descriptor *wish = NULL;
	INTERNED folder = NULL;
	bool is_folder = S_ISDIR(mode);
	struct stat st;
	int err = local_seen(op, parent, fd, &folder, &st);

	if (err == 0)
		err = birth_wish(op, interned_descriptor(folder), st.st_mode & S_ISGID, mode,
				 &wish);
	if (err == 0)
		err = -sd_errno(inherit_create(interned_descriptor(folder), wish, is_folder,
					       op->token, &birth->sd));
	if (err < 0)
		return err;
	/* A file shows execute bits only if its creator or a chmod asked for them. */
	birth->keep = is_folder || (mode & 0111) ? 0777 : 0666;
	if (is_folder)
		birth->keep |= st.st_mode & S_ISGID;
	if (is_folder && local_mode_narrows(op->session->options, mode))
		birth->keep |= mode & S_ISVTX;
	return birth_narrow(op, mode, birth);
}

static int birth_finish(int fd, bool opened, const struct birth *birth, struct stat *made)
{
	return local_descriptor_store_new(fd, opened, birth->sd, birth->unmasked, birth->keep,
					  made);
}

/* Names of what is not finished; with the rest of the name they are this long. */
#define DRAFT_PREFIX ".guisefs-new-"
#define DRAFT_SIZE (sizeof(DRAFT_PREFIX) + 32)

/*
 * A symbolic link shows before it has its descriptor, to whom knows its name, where it
 * leads: to whom may list the folder, who may see that anyway.
 */
static int draft_name(char name[DRAFT_SIZE])
{
	unsigned long long random[2];

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return -EIO;
	snprintf(name, DRAFT_SIZE, DRAFT_PREFIX "%016llx%016llx", random[0], random[1]);
	return 0;
}

/* What is to be made, but for a file that is opened at once. */
struct draft {
	mode_t type;
	const char *target; /* of a symbolic link */
	const struct birth *birth;
};

static int draft_make(const struct draft *draft, int parent, const char *name)
{
	int made;

	if (draft->type == S_IFDIR)
		made = mkdirat(parent, name, 0);
	else if (draft->type == S_IFLNK)
		made = symlinkat(draft->target, parent, name);
	else
		made = mknodat(parent, name, draft->type, 0);
	return made < 0 ? -errno : 0;
}

/* Makes @draft as @first and, finished, names it @name; its descriptor, or -errno. */
static int draft_publish(const struct draft *draft, int parent, const char *first, const char *name,
			 struct stat *made)
{
	int fd, err = draft_make(draft, parent, first);

	if (err < 0)
		return err;
	fd = local_open_name(parent, first);
	if (fd < 0) {
		/* nobody else can have meant this name, but without a descriptor it stays */
		unlinkat(parent, first, draft->type == S_IFDIR ? AT_REMOVEDIR : 0);
		return fd;
	}
	err = fstat(fd, made) < 0 ? -errno : birth_finish(fd, false, draft->birth, made);
	if (err == 0 && first != name &&
	    renameat2(parent, first, parent, name, RENAME_NOREPLACE) < 0)
		err = -errno;
	if (err == 0)
		return fd;
	close(fd);
	local_unname(parent, first, made);
	return err;
}

/* Makes @draft as @name in @folder and finds its node. */
static int make(struct operation *op, struct node *folder, int parent, const char *name,
		const struct draft *draft)
{
	char first[DRAFT_SIZE];
	struct stat made;
	int fd, err = draft_name(first);

	if (err < 0)
		return err;
	fd = draft_publish(draft, parent, first, name, &made);
	/* a filesystem that cannot rename without replacing */
	if (fd == -EINVAL)
		fd = draft_publish(draft, parent, name, name, &made);
	if (fd < 0)
		return fd;
	err = local_found_draft(op, folder, fd);
	if (err < 0)
		local_unname(parent, name, &made);
	return err;
}

static int plan_and_make(struct operation *op, struct node *folder, const char *name, mode_t mode,
			 const char *target)
{
	LOCAL_FD parent = local_fd_get(folder);
	BIRTH birth = {0};
	const struct draft draft = {.type = mode & S_IFMT, .target = target, .birth = &birth};
	int err = parent.fd < 0 ? parent.fd : birth_plan(op, folder, parent.fd, mode, &birth);

	return err < 0 ? err : make(op, folder, parent.fd, name, &draft);
}

int local_mkdir(struct operation *op, struct node *folder, const char *name, mode_t mode)
{
	return plan_and_make(op, folder, name, S_IFDIR | mode, NULL);
}

int local_mknod(struct operation *op, struct node *folder, const char *name, mode_t mode)
{
	return plan_and_make(op, folder, name, mode, NULL);
}

int local_symlink(struct operation *op, struct node *folder, const char *name, const char *target)
{
	return plan_and_make(op, folder, name, S_IFLNK | 0777, target);
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

/* A descriptor of @node for a handle with @flags, or -errno. */
static int open_made(struct node *node, int flags)
{
	LOCAL_FD fd = local_fd_get(node);
	char path[LOCAL_PATH_SIZE];

	if (fd.fd < 0)
		return fd.fd;
	return local_open_path(node, local_path(fd.fd, path), flags);
}

/*
 * A handle for the creator, with the access it asked for, on op->out.node; @fd is that of the
 * new file, taken over, or -1.  What is only read must not keep the file from being executed.
 */
static int creator_handle(struct operation *op, int fd, int flags, struct claim *claim)
{
	flags &= O_ACCMODE | O_SYNC | O_DSYNC;
	if (fd >= 0 && (flags & O_ACCMODE) == O_RDONLY) {
		close(fd);
		fd = -1;
	}
	if (fd < 0 && (fd = open_made(op->out.node, flags)) < 0)
		return fd;
	op->out.handle = handle_create(op->out.node, fd, creator_rights(flags), claim);
	return op->out.handle ? 0 : -ENOMEM;
}

/*
 * Names the file of @fd, which has none.  Returns a descriptor for its node: one found by
 * that name, since by @fd the object would go on to have none, as for the audit.
 */
static int name_unnamed(struct node *folder, int parent, int fd, const char *name,
			const struct stat *made)
{
	int named;

	if (linkat(fd, "", parent, name, AT_EMPTY_PATH) < 0)
		return -errno;
	named = local_open_child(folder, parent, name);
	if (named < 0)
		local_unname(parent, name, made);
	return named;
}

/* Finishes the file of @fd, which has no name, names it @name and finds its node. */
static int name_file(struct operation *op, struct node *folder, int parent, int fd,
		     const char *name, const struct birth *birth)
{
	char path[LOCAL_PATH_SIZE];
	struct stat made;
	int node_fd, err = birth_finish(fd, true, birth, &made);

	if (err < 0)
		return err;
	if (name) {
		node_fd = name_unnamed(folder, parent, fd, name, &made);
	} else {
		node_fd = open(local_path(fd, path), O_PATH | O_CLOEXEC);
		node_fd = node_fd < 0 ? -errno : node_fd;
	}
	if (node_fd < 0)
		return node_fd;
	err = local_found_new(op, folder, node_fd, &made);
	if (err < 0 && name)
		local_unname(parent, name, &made);
	return err;
}

static void unname_node(struct node *node, int parent, const char *name)
{
	LOCAL_FD fd = local_fd_get(node);
	struct stat made;

	if (fd.fd >= 0 && fstat(fd.fd, &made) == 0)
		local_unname(parent, name, &made);
}

/* The new object cannot be handed out. */
static void unmake(struct operation *op, int parent, const char *name)
{
	if (name)
		unname_node(op->out.node, parent, name);
	node_forget(op->out.node, 1);
	op->out.node = NULL;
}

/* A new file without a name, that can be given @name unless that is NULL; or -errno. */
static int open_unnamed(int parent, const char *name, int flags)
{
	int fd;

	/* with O_EXCL it could never be named */
	flags &= O_SYNC | O_DSYNC | (name ? 0 : O_EXCL);
	fd = openat(parent, ".", O_RDWR | O_TMPFILE | O_CLOEXEC | flags, 0);
	return fd < 0 ? -errno : fd;
}

int local_create(struct operation *op, struct node *folder, const char *name, mode_t mode,
		 int flags)
{
	LOCAL_FD parent = local_fd_get(folder);
	BIRTH birth = {0};
	const struct draft draft = {.type = S_IFREG, .birth = &birth};
	CLAIM claim = {0};
	int fd, err = parent.fd < 0 ? parent.fd : local_claim(op, 2, &claim);

	if (err == 0)
		err = birth_plan(op, folder, parent.fd, S_IFREG | mode, &birth);
	if (err < 0)
		return err;
	fd = open_unnamed(parent.fd, name, flags);
	if (fd >= 0) {
		err = name_file(op, folder, parent.fd, fd, name, &birth);
		if (err < 0)
			close(fd);
	} else if (fd == -EOPNOTSUPP && name) {
		err = make(op, folder, parent.fd, name, &draft);
	} else {
		err = fd;
	}
	if (err == 0 && (err = creator_handle(op, fd, flags, &claim)) < 0)
		unmake(op, parent.fd, name);
	return err;
}
