/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rename, with RENAME_NOREPLACE and RENAME_EXCHANGE.  Like removing, under the
 * kernel's lock of both folders.
 */
#include <errno.h>
#include <stdio.h>

#include "fs/front.h"
#include "fs/guard.h"
#include "fs/kernel_cache.h"

/* What a rename is about. */
struct renaming {
	struct node *from, *to;
	struct node *node, *target; /* with a lookup counted; or NULL */
	unsigned int flags;
};

static void renaming_clear(struct renaming *renaming)
{
	if (renaming->target)
		node_forget(renaming->target, 1);
	if (renaming->node)
		node_forget(renaming->node, 1);
}

static int find(struct store *store, struct renaming *renaming, const char *name,
		const char *new_name)
{
	int err = store->ops->find(store, renaming->from, name, &renaming->node);

	if (err < 0) {
		renaming->node = NULL;
		return err;
	}
	err = store->ops->find(store, renaming->to, new_name, &renaming->target);
	if (err < 0)
		renaming->target = NULL;
	return err == -ENOENT && !(renaming->flags & RENAME_EXCHANGE) ? 0 : err;
}

static bool is_moved(const struct operation *op, const struct renaming *renaming)
{
	return op->session->options->on_move == ON_MOVE_INHERIT && renaming->from != renaming->to;
}

static int judge(struct operation *op, const struct renaming *renaming)
{
	bool exchange = renaming->flags & RENAME_EXCHANGE;
	int err;

	if (renaming->target && (renaming->flags & RENAME_NOREPLACE))
		return -EEXIST;
	err = guard_rename(op, renaming->from, renaming->node, renaming->to, renaming->target,
			   exchange);
	if (err < 0 || !is_moved(op, renaming))
		return err;
	/* by the time it is changed its name may be another's, behind the mount */
	if (guard_may_inherit(op, renaming->node))
		op->may_inherit[0] = renaming->node;
	if (exchange && guard_may_inherit(op, renaming->target))
		op->may_inherit[1] = renaming->target;
	return 0;
}

/* Does everyone find what was moved where it is now, and what is in it as before? */
static bool names_stay(struct operation *op, const struct renaming *renaming)
{
	bool exchange = renaming->flags & RENAME_EXCHANGE;

	return !is_moved(op, renaming) && guard_name_stays(op, renaming->node, renaming->to) &&
	       (!exchange || guard_name_stays(op, renaming->target, renaming->from));
}

/* Who may find it hangs on its folder, and so may who may do what with it. */
static void drop_caches(struct operation *op, const struct renaming *renaming)
{
	if (renaming->from == renaming->to || names_stay(op, renaming))
		return;
	kernel_cache_drop_names(op->session);
	if (!is_moved(op, renaming))
		return;
	kernel_cache_drop_attr(op->session, renaming->node);
	if (renaming->flags & RENAME_EXCHANGE)
		kernel_cache_drop_attr(op->session, renaming->target);
}

void front_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t new_parent,
		  const char *new_name, unsigned int flags)
{
	struct node *from = front_node(req, parent), *to = front_node(req, new_parent);
	__attribute__((cleanup(renaming_clear))) struct renaming renaming = {
		.from = from, .to = to, .flags = flags};
	struct operation op;
	int err = 0;

	operation_start(&op, req, "rename", from, NULL);
	if (flags & ~(unsigned int)(RENAME_NOREPLACE | RENAME_EXCHANGE))
		err = -EINVAL;
	if (err == 0)
		err = guard_lookup(&op, from);
	if (err == 0)
		err = guard_lookup(&op, to);
	if (err == 0)
		err = find(op.session->store, &renaming, name, new_name);
	if (err == 0)
		err = judge(&op, &renaming);
	if (err == 0)
		err = front_store(req)->rename(&op, from, name, to, new_name, flags);
	if (err == 0)
		drop_caches(&op, &renaming);
	operation_end(&op, err);
}
