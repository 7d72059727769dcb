/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel's requests: one function for each, in the file of its noun, and
 * the replies they share.
 */
#ifndef GUISE_FS_FRONT_H
#define GUISE_FS_FRONT_H

#include "fs/handle.h"
#include "fs/node.h"
#include "fs/operation.h"
#include "fs/store/store.h"

extern const struct fuse_lowlevel_ops front_ops;

/* The node behind an inode number of the kernel's. */
struct node *front_node(fuse_req_t req, fuse_ino_t ino);
fuse_ino_t front_ino(const struct session *session, struct node *node);
const struct store_ops *front_store(fuse_req_t req);

/* Replies: what a successful operation sends. */
void reply_entry(struct operation *op);
void reply_attr(struct operation *op);
void reply_handle(struct operation *op);
void reply_new_handle(struct operation *op); /* entry and handle: create */
void reply_data(struct operation *op);       /* xattrs, by op->room */
void reply_link(struct operation *op);
void reply_statfs(struct operation *op);
void reply_bytes(struct operation *op); /* read */
void reply_written(struct operation *op);
void reply_offset(struct operation *op);

/* The kernel's entry for what an operation found. */
void front_entry(const struct operation *op, struct fuse_entry_param *entry);

/* How the data of the handle just opened is reached; fills op->fi. 0 or -errno. */
int front_choose_io(struct operation *op);

/* Closes the handle of an open whose asker was killed meanwhile. */
void front_abandon_handle(struct operation *op);

/* lookup.c */
void front_lookup(fuse_req_t req, fuse_ino_t parent, const char *name);
void front_forget(fuse_req_t req, fuse_ino_t ino, uint64_t count);
void front_forget_multi(fuse_req_t req, size_t count, struct fuse_forget_data *forgets);
void front_readlink(fuse_req_t req, fuse_ino_t ino);

/* attr.c */
void front_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void front_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *attr, int to_set,
		   struct fuse_file_info *fi);
void front_access(fuse_req_t req, fuse_ino_t ino, int mask);
void front_statfs(fuse_req_t req, fuse_ino_t ino);

/* create.c */
void front_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
		  struct fuse_file_info *fi);
void front_tmpfile(fuse_req_t req, fuse_ino_t parent, mode_t mode, struct fuse_file_info *fi);
void front_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode);
void front_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t rdev);
void front_symlink(fuse_req_t req, const char *target, fuse_ino_t parent, const char *name);
void front_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t parent, const char *name);

/* remove.c */
void front_unlink(fuse_req_t req, fuse_ino_t parent, const char *name);
void front_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name);

/* rename.c */
void front_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t new_parent,
		  const char *new_name, unsigned int flags);

/* open.c */
void front_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void front_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);

/* io.c */
void front_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
		struct fuse_file_info *fi);
void front_write(fuse_req_t req, fuse_ino_t ino, const char *bytes, size_t size, off_t offset,
		 struct fuse_file_info *fi);
void front_flush(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void front_fsync(fuse_req_t req, fuse_ino_t ino, int data_only, struct fuse_file_info *fi);
void front_fallocate(fuse_req_t req, fuse_ino_t ino, int mode, off_t offset, off_t length,
		     struct fuse_file_info *fi);
void front_lseek(fuse_req_t req, fuse_ino_t ino, off_t offset, int whence,
		 struct fuse_file_info *fi);
void front_copy_file_range(fuse_req_t req, fuse_ino_t ino_in, off_t offset_in,
			   struct fuse_file_info *fi_in, fuse_ino_t ino_out, off_t offset_out,
			   struct fuse_file_info *fi_out, size_t length, int flags);
void front_ioctl(fuse_req_t req, fuse_ino_t ino, unsigned int command, void *arg,
		 struct fuse_file_info *fi, unsigned int flags, const void *in, size_t in_size,
		 size_t out_size);

/* dir.c */
void front_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void front_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
		   struct fuse_file_info *fi);
void front_readdirplus(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
		       struct fuse_file_info *fi);
void front_releasedir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void front_fsyncdir(fuse_req_t req, fuse_ino_t ino, int data_only, struct fuse_file_info *fi);

/* xattr.c */
void front_getxattr(fuse_req_t req, fuse_ino_t ino, const char *name, size_t room);
void front_setxattr(fuse_req_t req, fuse_ino_t ino, const char *name, const char *value,
		    size_t size, int flags);
void front_listxattr(fuse_req_t req, fuse_ino_t ino, size_t room);
void front_removexattr(fuse_req_t req, fuse_ino_t ino, const char *name);

#endif
