/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An operation: one request on its way through.
 *
 * A front end (here the kernel's FUSE requests) says who asks, for what, and
 * how to answer; the guard decides; the store performs and leaves its result in
 * @out.  A store may answer at once, by returning 0 or -errno, or later and
 * from another thread: then it takes a copy of the operation, returns STORE_LATER,
 * and ends the copy with operation_answer().
 */
#ifndef GUISE_FS_OPERATION_H
#define GUISE_FS_OPERATION_H

#define FUSE_USE_VERSION 314
#include <fuse_lowlevel.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "acl/descriptor.h"
#include "acl/token.h"
#include "fs/session.h"
#include "keyring/resolve.h"

struct audit_entry;
struct hold;
struct node;
struct handle;

/* what a store returns instead of 0 or -errno when it will answer by itself */
#define STORE_LATER 1

/* An object as it was when it was looked at. */
struct seen {
	const struct node *node; /* or NULL: none was */
	unsigned int version;    /* the node's, before */
	struct stat attr;
};

struct operation {
	struct session *session;
	fuse_req_t req;
	const char *name;          /* of the operation, for the log */
	struct node *node;         /* what it is about, for the log */
	struct caller caller;      /* who asks */
	const struct token *token; /* once somebody asked for it; dropped at the end */
	bool holds;                /* what is opened may end with the token (revocable.h) */
	struct hold *hold;         /* on the token's key, then; NULL: a primary token */
	bool groups;               /* the token has its supplementary groups */
	bool identify;             /* level identify suffices: it asks, opening nothing */
	struct audit_entry *audit; /* records, written after the answer */
	void (*reply)(struct operation *op); /* sends @out to the front end */
	struct fuse_file_info fi;            /* open and create: goes back with the answer */
	bool handing_on;                     /* chown: the old owner's ACEs become the new one's */
	const struct node *may_inherit[2];   /* rename: what goes, and what it is exchanged for, if
						its DACL may be changed */
	mode_t umask;                        /* the caller's, which a create may heed */
	struct seen seen;                    /* what was looked at last to decide */
	size_t room; /* bytes the asker has for out.data; 0: it asks how many there are */
	struct {
		struct node *node; /* found or made, with one lookup counted */
		struct stat attr;
		bool implied;          /* the node has no descriptor but what its mode means */
		double attr_timeout;   /* seconds the kernel may answer stat itself, for everyone */
		double entry_timeout;  /* seconds it may find the name itself, for everyone */
		struct handle *handle; /* opened */
		struct statvfs statfs;
		struct descriptor *sd;
		char *data;  /* malloc'ed bytes: link target, xattr, list of names */
		size_t size; /* of data, or bytes written */
		off_t offset;
		struct fuse_bufvec bytes; /* read: where they are; memory only in data */
	} out;
};

/* Starts @op for @req; @reply is called if it succeeds (NULL: a plain success). */
void operation_start(struct operation *op, fuse_req_t req, const char *name, struct node *node,
		     void (*reply)(struct operation *op));

/*
 * The token of whoever asks, for a decision; with @groups also supplementary
 * groups.  Owned by @op.  Refuses, and logs the reason of, every identity that
 * cannot be established.  Returns 0 or -errno.
 */
int operation_token(struct operation *op, bool groups, const struct token **token);

/* Logs, and tells the audit, that @op is refused; @token is the one that does not suffice, or NULL.
 */
void operation_refused(struct operation *op, const struct refusal *refusal,
		       const struct token *token);

/*
 * Where @node (NULL: nowhere) lies in the backing folder, for the log; what the kernel says is good
 * enough for that.  Returns @path, or NULL if it cannot be told.
 */
const char *operation_path(struct node *node, char *path, size_t size);

/* Ends @op with what a guard or store returned; STORE_LATER leaves it to the store. */
void operation_end(struct operation *op, int result);

/* Answers @op: an error reply, or @reply's; frees what it holds. */
void operation_answer(struct operation *op, int result);

#endif
