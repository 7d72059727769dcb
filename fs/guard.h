/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The guard: the one place where a token meets a descriptor.
 *
 * One function for each thing that can be done, named after it; each returns 0
 * (allowed) or -errno, having logged refusals of identity.  The rights are those
 * of [MS-FSA] as docs/access.md lists them.  What a handle may do was decided at
 * open: its operations do not come here.
 */
#ifndef GUISE_FS_GUARD_H
#define GUISE_FS_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "acl/descriptor.h"
#include "fs/interned.h"
#include "fs/operation.h"

/* names in @folder */
int guard_lookup(struct operation *op, struct node *folder);
/* what a lookup in @folder found (op->out): may the caller know more of it than its name? */
int guard_found(struct operation *op, struct node *folder);
int guard_list(struct operation *op, struct node *folder);
/* list=readable: may the caller see that @node is in a folder that it may list?  1, 0 or -errno of
 * a refused identity */
int guard_shows(struct operation *op, struct node *node);
int guard_create(struct operation *op, struct node *folder, bool is_folder);
int guard_remove(struct operation *op, struct node *folder, struct node *node);
/* the object @node of @from under a new name in @to, where @target (or NULL) is replaced or
 * exchanged */
int guard_rename(struct operation *op, struct node *from, struct node *node, struct node *to,
		 struct node *target, bool exchange);
/* only asks: on-move=inherit, may who moves @node have its DACL changed by that? */
bool guard_may_inherit(struct operation *op, struct node *node);
int guard_link(struct operation *op, struct node *node, struct node *to);

/* the object itself */
int guard_stat(struct operation *op, struct node *node);
int guard_open(struct operation *op, struct node *node, int flags, uint32_t *rights);
/* op->out: a file was made and opened, which needed no right on it; tells the audit */
void guard_made(struct operation *op);
int guard_truncate(struct operation *op, struct node *node);
/* @now: not to any time, but to the present one */
int guard_set_times(struct operation *op, struct node *node, bool now);
/* only asks: what nobody learns who may not is no access */
bool guard_may_set_times(struct operation *op, struct node *node);
/* takes S_ISGID out of @mode where the caller may not give it: the group is not its own */
int guard_chmod(struct operation *op, struct node *node, mode_t *mode);
/* sets op->handing_on */
int guard_chown(struct operation *op, struct node *node, uid_t uid, gid_t gid);
int guard_read_ea(struct operation *op, struct node *node);
int guard_write_ea(struct operation *op, struct node *node);
/* access(2) with R_OK, W_OK, X_OK */
int guard_access(struct operation *op, struct node *node, int mask);
/* the most that the caller may do with @node */
int guard_maximum(struct operation *op, struct node *node, uint32_t *granted);
/* the same, and whether all of @wanted is allowed: who asks does nothing, so nothing is audited */
int guard_check(struct operation *op, struct node *node, uint32_t wanted, uint32_t *granted,
		bool *allowed);

/* @parts: PART_….  Reads: on entry what is wanted; PART_SACL is taken away again if only that is
 * not allowed.
 */
int guard_read_descriptor(struct operation *op, struct node *node, unsigned int *parts);
int guard_write_descriptor(struct operation *op, struct node *node, const struct descriptor *given,
			   unsigned int parts);

/*
 * How long the kernel may find the names in @folder itself, for everyone, of objects
 * with and without a descriptor of their own.  Seconds, 0: not at all.
 */
struct entry_timeouts {
	double stored, implied;
};
struct entry_timeouts guard_entry_timeouts(struct operation *op, struct node *folder);

/* Sets op->out.entry_timeout for what op->out.node is, by @timeouts of its folder. */
void guard_choose_timeout(struct operation *op, struct entry_timeouts timeouts);

/* After a change to @folder: may the kernel keep names in it less than @before? */
bool guard_names_closed(struct operation *op, struct node *folder, struct entry_timeouts before);

/*
 * After @node was moved into @folder: may the kernel go on finding it there by itself, for
 * everyone, whatever folder it found it in before?
 */
bool guard_name_stays(struct operation *op, struct node *node, struct node *folder);

/* May the kernel answer stat for everyone?  Seconds, 0: no. */
double guard_attr_timeout(const struct session *session, const struct interned *sd);

#endif
