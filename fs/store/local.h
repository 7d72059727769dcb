/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The local store: a folder of this machine, shared by the files local*.c.
 *
 * No path is ever resolved twice: names are looked up one at a time, beneath
 * their folder's descriptor, and everything else goes through descriptors.
 */
#ifndef GUISE_FS_STORE_LOCAL_H
#define GUISE_FS_STORE_LOCAL_H

#include "fs/holder.h"
#include "fs/interned.h"
#include "fs/node.h"
#include "fs/options.h"
#include "fs/store/at_rest.h"
#include "fs/store/store.h"

struct __acl_ext; /* libacl's acl_t is a pointer to this */

/*
 * Renames from or to one of some folders, begun and done: a lookup there may find what is on its
 * way.
 */
struct moves {
	_Atomic uint64_t begun, done;
};
#define LOCAL_MOVES 64

struct local {
	struct store store;
	const struct options *options;
	int root_fd; /* real, for file handles */
	struct node_table *nodes;
	size_t most_nodes; /* since memory was given back; housekeeping only */
	struct interned_table *descriptors;
	struct holders *holders;
	_Atomic time_t crowded; /* when it was last said that somebody has too much open */
	bool fine_clock; /* no two changes have the same time of change, if somebody looked between
			  */
	struct moves moves[LOCAL_MOVES];
};

static inline struct local *local_of(struct store *store)
{
	return (struct local *)store;
}

/* Those of @folder; a few others share them. */
static inline struct moves *local_moves(struct local *local, const struct node *folder)
{
	return &local->moves[((uintptr_t)folder >> 8) % LOCAL_MOVES];
}

/* A node's descriptor for the length of a block: int LOCAL_FD fd = … is put back at its end. */
struct local_fd {
	struct node *node;
	int fd; /* or -errno */
};
struct local_fd local_fd_get(struct node *node);
void local_fd_put(struct local_fd *fd);
#define LOCAL_FD __attribute__((cleanup(local_fd_put))) struct local_fd

/* O_PATH descriptor of @name in @folder, or -errno. */
int local_open_name(int folder, const char *name);

/* The same in a folder's node, for which cached descriptors give way. */
int local_open_child(struct node *folder, int parent, const char *name);

/*
 * local_open.c: what a handle for whoever asks keeps open: @count descriptors.  -EMFILE if it has
 * as many as are left for others.
 */
int local_claim(struct operation *op, unsigned int count, struct claim *claim);
#define CLAIM __attribute__((cleanup(claim_end))) struct claim

/* open(2) of @path, for which cached descriptors give way.  A descriptor or -errno. */
int local_open_path(struct node *node, const char *path, int flags);

/* local_move.c: on-move=inherit */
/* What goes elsewhere, and what it was before. */
struct local_move {
	struct node *node; /* with a lookup counted, or NULL: nothing changes */
	struct local_descriptor was;
	struct stat st;
	struct __acl_ext *access; /* of the backing object, if that was all there was */
	struct descriptor *sd, *unmasked;
};
/* What becomes of @name in @from when it goes to @to; @may: the node whose DACL the caller may
 * change, or NULL. -EXDEV: it cannot go as it is. */
int local_move_plan(struct operation *op, struct node *from, const char *name, struct node *to,
		    const struct node *may, struct local_move *move);
int local_move_apply(const struct local_move *move);
void local_move_undo(const struct local_move *move);
void local_move_clear(struct local_move *move);

/* local_create.c: does @mode, given to a new object, narrow what it inherits? */
bool local_mode_narrows(const struct options *options, mode_t mode);

/* local_acl.c: POSIX ACLs that are set */
/* The ACL as which the DACL of @sd, of the object of @fd, can be shown without loss, if there is
 * one; caller: acl_free(). */
bool local_find_acl(int fd, const struct descriptor *sd, const struct stat *st,
		    struct __acl_ext **acl);
/* Makes @acl what the DACL of @sd says of the object itself, whose type and owner are @st's. */
enum sd_error local_acl_apply(struct descriptor *sd, const struct stat *st,
			      const struct __acl_ext *acl);
/* Stores @sd, which says what @acl says; @special: S_ISVTX and S_ISGID as they are to be. */
int local_acl_store(int fd, const struct descriptor *sd, const struct descriptor *unmasked,
		    mode_t special, const struct __acl_ext *acl);
/* Puts into @narrowed, made of @base by chmod(2), the default ACL that @base, the folder of @fd,
 * hands on: a mode has no say in that. */
enum sd_error local_acl_keep_default(int fd, const struct descriptor *base,
				     struct descriptor *narrowed);
/* 0, or -ENODATA: the default ACL of the backing folder is not what its descriptor hands on. */
int local_default_acl_shows(int fd);

/* local_interned.c: descriptors remembered */
/* Does the filesystem of @folder give each change a time of its own? */
bool local_clock_is_fine(int folder);
/* Looks at @node, open as @fd.  0 or -errno */
int local_look(struct node *node, int fd, struct seen *seen);
/* The descriptor of @node, open as @fd, which has just been looked at. */
int local_interned(struct local *local, struct node *node, int fd, const struct seen *seen,
		   struct interned **out);
/* The same of @node, open as @fd, as @op last saw it, or looked at now; *@st: its attributes. */
int local_seen(struct operation *op, struct node *node, int fd, struct interned **sd,
	       struct stat *st);

/* local_names.c: takes @name in @parent back, if it is still @made's that was just given it */
void local_unname(int parent, const char *name, const struct stat *made);

/* local_open.c: the descriptor of @handle, opened if need be; -errno if that fails */
int local_handle_fd(struct handle *handle);

/* local_attr.c */
/*
 * chmod(2), where the mount's policy lets it count, of the object of @fd, which is @st and has the
 * descriptor @d.
 */
int local_chmod_known(struct local *local, int fd, struct local_descriptor *d,
		      const struct stat *st, mode_t mode);
/* The mode bits to keep of an object with descriptor @sd when the mode itself is not what changes.
 */
mode_t local_kept_mode(const struct stat *st, const struct descriptor *sd);
/* @d as it is now, with the DACL of before the first chmod(2) that narrowed it (caller frees) */
int local_unnarrowed(const struct local_descriptor *d, struct descriptor **base);
/* op->out's attributes, of @node, open as @fd */
int local_stat(struct operation *op, struct node *node, int fd);

/* table entries by file */
int local_find(struct store *store, struct node *folder, const char *name, struct node **node);
int local_lookup(struct operation *op, struct node *folder, const char *name);
int local_found(struct operation *op, struct node *folder, int fd);
/* the same of a new object, which is that of @made, or -ESTALE */
int local_found_new(struct operation *op, struct node *folder, int fd, const struct stat *made);
/* the same of what somebody may have found before it was finished */
int local_found_draft(struct operation *op, struct node *folder, int fd);
int local_readlink(struct operation *op, struct node *node);
int local_statfs(struct operation *op, struct node *node);
int local_getattr(struct operation *op, struct node *node);
int local_setattr(struct operation *op, struct node *node, struct handle *handle,
		  const struct stat *attr, int to_set);
int local_mkdir(struct operation *op, struct node *folder, const char *name, mode_t mode);
int local_mknod(struct operation *op, struct node *folder, const char *name, mode_t mode);
int local_symlink(struct operation *op, struct node *folder, const char *name, const char *target);
int local_create(struct operation *op, struct node *folder, const char *name, mode_t mode,
		 int flags);
int local_link(struct operation *op, struct node *node, struct node *folder, const char *name);
int local_remove(struct operation *op, struct node *folder, const char *name, bool is_folder);
int local_rename(struct operation *op, struct node *folder, const char *name, struct node *to,
		 const char *new_name, unsigned int flags);
int local_getxattr(struct operation *op, struct node *node, const char *name);
int local_setxattr(struct operation *op, struct node *node, const char *name, const void *value,
		   size_t size, int flags);
int local_listxattr(struct operation *op, struct node *node);
int local_removexattr(struct operation *op, struct node *node, const char *name);
int local_set_acl(struct operation *op, struct node *node, bool inherit, const void *value,
		  size_t size, bool keeps_setgid);
int local_get_descriptor(struct operation *op, struct node *node, struct interned **sd);
int local_set_descriptor(struct operation *op, struct node *node, const struct descriptor *given,
			 unsigned int parts);
int local_open(struct operation *op, struct node *node, int flags, uint32_t rights);
int local_opendir(struct operation *op, struct node *node);
int local_read(struct operation *op, struct handle *handle, size_t size, off_t offset);
int local_write(struct operation *op, struct handle *handle, const char *bytes, size_t size,
		off_t offset);
int local_flush(struct operation *op, struct handle *handle);
int local_fsync(struct operation *op, struct handle *handle, bool data_only);
int local_fallocate(struct operation *op, struct handle *handle, int mode, off_t offset,
		    off_t length);
int local_lseek(struct operation *op, struct handle *handle, off_t offset, int whence);
int local_copy(struct operation *op, struct handle *from, off_t from_offset, struct handle *to,
	       off_t to_offset, size_t length);
int local_readdir(struct operation *op, struct handle *handle, off_t offset,
		  bool (*visit)(void *arg, const struct dirent *entry), void *arg);
void local_release(struct operation *op, struct handle *handle);

#endif
