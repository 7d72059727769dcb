/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Decisions.
 */
#include "fs/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "acl/access.h"
#include "acl/audit.h"
#include "acl/mask.h"
#include "fs/audit.h"
#include "fs/handle.h"
#include "fs/kernel_cache.h"
#include "fs/node.h"
#include "fs/owner.h"
#include "fs/store/store.h"
#include "fs/verdict.h"

/* exec(2) opens with this flag of the kernel's own (FMODE_EXEC) */
#define OPEN_EXECUTE 0x20

/* How long the kernel may keep what is true for everyone, in seconds. */
#define PUBLIC_TIMEOUT 1.0
/* and names that nobody else makes or takes away; what a mapping writes changes attributes unseen
 */
#define EXCLUSIVE_NAMES_TIMEOUT 3600.0

static double names_timeout(const struct session *session)
{
	return session->options->backing == BACKING_EXCLUSIVE ? EXCLUSIVE_NAMES_TIMEOUT
							      : PUBLIC_TIMEOUT;
}

/* The descriptor of @node, to be given back. */
static int load(struct operation *op, struct node *node, struct interned **sd)
{
	return op->session->store->ops->get_descriptor(op, node, sd);
}

/* Of the kind @nature (store.h)? */
static bool is(const struct interned *sd, unsigned int nature)
{
	return interned_nature(sd) & nature;
}

/* The caller's token against @sd, the descriptor of @node: 0 or -EACCES, or -errno. */
static int judge(struct operation *op, struct node *node, const struct interned *sd,
		 uint32_t wanted)
{
	struct verdict verdict = {.node = node, .sd = sd, .wanted = wanted};

	return verdict_settle(op, &verdict, verdict_decide(op, &verdict));
}

/* The same for who only asks, or whom the kernel asks again only now and then. */
static int judge_asking(struct operation *op, struct node *node, const struct interned *sd,
			uint32_t wanted)
{
	struct verdict verdict = {.node = node, .sd = sd, .wanted = wanted, .asks = true};

	return verdict_settle(op, &verdict, verdict_decide(op, &verdict));
}

/* The same for what nobody learns who does not have the right: no access, so not audited. */
static bool has(struct operation *op, const struct interned *sd, uint32_t wanted)
{
	struct verdict verdict = {.sd = sd, .wanted = wanted};

	return verdict_decide(op, &verdict) == 0;
}

static int judge_node(struct operation *op, struct node *node, uint32_t wanted)
{
	INTERNED sd = NULL;
	int err = load(op, node, &sd);

	return err < 0 ? err : judge(op, node, sd, wanted);
}

/* May the token have @wanted at all?  What POSIX gives besides it gives nobody who may not. */
static bool may_have(const struct operation *op, uint32_t wanted)
{
	return (token_rights(op->token) & wanted) == wanted;
}

/*
 * @wanted; or, on an object whose descriptor just says what its mode says, @posix instead: what
 * POSIX lets do whoever may write, but no file right says.
 */
static int judge_or_posix(struct operation *op, struct node *node, uint32_t wanted, uint32_t posix)
{
	INTERNED sd = NULL;
	int err = load(op, node, &sd);
	struct verdict verdict = {.node = node, .sd = sd, .wanted = wanted};

	if (err < 0)
		return err;
	err = verdict_decide(op, &verdict);
	if (err == -EACCES && op->token && posix && is(sd, DESCRIPTOR_BY_MODE) &&
	    may_have(op, wanted) && has(op, sd, posix)) {
		verdict_grant(&verdict);
		err = 0;
	}
	return verdict_settle(op, &verdict, err);
}

/* Loads @verdict's descriptor into *@sd, and decides. */
static int decide_node(struct operation *op, struct verdict *verdict, struct interned **sd)
{
	int err = load(op, verdict->node, sd);

	verdict->sd = *sd;
	return err < 0 ? err : verdict_decide(op, verdict);
}

/* What the folder gave, it gave on the object. */
static int decide_by_folder(struct operation *op, struct verdict *object, struct node *folder,
			    uint32_t on_folder)
{
	INTERNED sd = NULL;
	struct verdict verdict = {.node = folder, .wanted = on_folder};
	int err = decide_node(op, &verdict, &sd);

	if (err == 0) {
		verdict_settle(op, &verdict, err);
		verdict_grant(object);
	}
	return err;
}

/* The right on the object, or another on the folder in which it lies. */
static int judge_either(struct operation *op, struct node *node, uint32_t on_object,
			struct node *folder, uint32_t on_folder)
{
	INTERNED sd = NULL;
	struct verdict verdict = {.node = node, .wanted = on_object};
	int err = decide_node(op, &verdict, &sd);

	if (err == -EACCES && op->token && folder)
		err = decide_by_folder(op, &verdict, folder, on_folder);
	return verdict_settle(op, &verdict, err);
}

/* What POSIX programs expect where an owner's doing is denied. */
static int as_owner(int err)
{
	return err == -EACCES ? -EPERM : err;
}

/*
 * Passing through a folder.  By default nobody needs a right for it, as
 * SeChangeNotifyPrivilege gives everyone on Windows.  But POSIX has no such
 * bypass: a folder without a descriptor of its own means what its mode says, and an
 * object without one relies on the folder that it lies in.  A private home must
 * stay one.  The root of the share is where everyone comes in.
 */
static int must_traverse(struct operation *op, struct node *folder, struct interned **sd,
			 bool *must)
{
	bool strict = op->session->options->traverse == TRAVERSE_STRICT;
	int err = 0;

	if (strict || !node_is_root(folder))
		err = load(op, folder, sd);
	*must = strict || (*sd && is(*sd, DESCRIPTOR_IMPLIED));
	return err;
}

/* Names in a folder that everyone may pass, as long as they can be taken back. */
static double public_names(struct operation *op, const struct interned *sd)
{
	if (!interned_lets_pass(sd) || !kernel_cache_keeps_names(op->session))
		return 0;
	return names_timeout(op->session);
}

static int judge_traverse(struct operation *op, struct node *folder, const struct interned *sd)
{
	const struct token *token;
	int err;

	op->out.entry_timeout = public_names(op, sd);
	err = operation_token(op, false, &token);
	if (err < 0 || (token_privileges(token) & SE_CHANGE_NOTIFY_PRIVILEGE))
		return err;
	return judge_asking(op, folder, sd, FILE_TRAVERSE);
}

int guard_lookup(struct operation *op, struct node *folder)
{
	INTERNED sd = NULL;
	bool must;
	int err = must_traverse(op, folder, &sd, &must);

	op->out.entry_timeout = names_timeout(op->session);
	return err < 0 || !must ? err : judge_traverse(op, folder, sd);
}

/*
 * The kernel opens fifos and connects to sockets without asking: who is not to
 * must not even find them, and is asked each time.
 */
static int judge_special(struct operation *op, struct node *node)
{
	op->out.entry_timeout = 0;
	op->identify = false; /* to find it is to open it */
	return judge_node(op, node, FILE_READ_DATA | FILE_WRITE_DATA);
}

int guard_found(struct operation *op, struct node *folder)
{
	INTERNED sd = NULL;
	int err = 0;

	/* it may be moved to where its mode is not all that protects it */
	if (op->out.implied && !kernel_cache_keeps_names(op->session))
		op->out.entry_timeout = 0;
	if (op->out.implied && op->session->options->traverse == TRAVERSE_BYPASS) {
		err = load(op, folder, &sd);
		if (err == 0 && !is(sd, DESCRIPTOR_IMPLIED))
			err = judge_traverse(op, folder, sd);
	}
	if (err == 0 && (S_ISFIFO(op->out.attr.st_mode) || S_ISSOCK(op->out.attr.st_mode)))
		err = judge_special(op, op->out.node);
	return err;
}

struct entry_timeouts guard_entry_timeouts(struct operation *op, struct node *folder)
{
	double names = names_timeout(op->session);
	struct entry_timeouts none = {0};
	INTERNED sd = NULL;
	double judged;
	bool implied;

	if (load(op, folder, &sd) < 0)
		return none;
	implied = is(sd, DESCRIPTOR_IMPLIED);
	judged = public_names(op, sd);
	if (op->session->options->traverse == TRAVERSE_STRICT)
		return (struct entry_timeouts){judged, judged};
	if (implied && node_is_root(folder))
		return (struct entry_timeouts){names,
					       kernel_cache_keeps_names(op->session) ? names : 0};
	return (struct entry_timeouts){implied ? judged : names, judged};
}

void guard_choose_timeout(struct operation *op, struct entry_timeouts timeouts)
{
	op->out.entry_timeout = op->out.implied ? timeouts.implied : timeouts.stored;
}

bool guard_names_closed(struct operation *op, struct node *folder, struct entry_timeouts before)
{
	struct entry_timeouts now = guard_entry_timeouts(op, folder);

	/* what cannot be told counts as closed */
	return now.stored < before.stored || now.implied < before.implied ||
	       (before.stored == 0 && before.implied == 0);
}

bool guard_name_stays(struct operation *op, struct node *node, struct node *folder)
{
	struct entry_timeouts now = guard_entry_timeouts(op, folder);
	INTERNED sd = NULL;

	if (load(op, node, &sd) < 0)
		return false;
	return (is(sd, DESCRIPTOR_IMPLIED) ? now.implied : now.stored) >=
	       names_timeout(op->session);
}

int guard_list(struct operation *op, struct node *folder)
{
	return judge_node(op, folder, FILE_LIST_DIRECTORY);
}

int guard_shows(struct operation *op, struct node *node)
{
	const struct token *token;
	INTERNED sd = NULL;
	int err = operation_token(op, false, &token);

	if (err < 0)
		return err;
	/* gone meanwhile, or nobody can tell */
	if (load(op, node, &sd) < 0)
		return 0;
	if (has(op, sd, FILE_READ_DATA))
		return 1;
	return op->token ? 0 : -EACCES;
}

int guard_create(struct operation *op, struct node *folder, bool is_folder)
{
	int err = judge_node(op, folder, is_folder ? FILE_ADD_SUBDIRECTORY : FILE_ADD_FILE);

	/* whose the new object is; no new object turns on supplementary groups */
	return err < 0 ? err : operation_token(op, false, &(const struct token *){NULL});
}

/* Does the token, also by what restricts it, hold the owner of @sd? */
static bool holds_owner(const struct token *token, const struct descriptor *sd)
{
	unsigned int held = sd->has_owner ? token_holds(token, &sd->owner) : 0;
	size_t restricted;

	token_restricted(token, &restricted);
	return (held & TOKEN_SID_ALLOW) && (!restricted || (held & TOKEN_SID_RESTRICTED));
}

/* In a folder that is sticky by its mode its own files are each owner's to remove. */
static int decide_sticky(struct operation *op, struct node *folder, struct verdict *object)
{
	INTERNED sd = NULL;
	int err = load(op, folder, &sd);

	if (err < 0)
		return err;
	if (!is(sd, DESCRIPTOR_STICKY) || !may_have(op, object->wanted) ||
	    !holds_owner(op->token, interned_descriptor(object->sd)) ||
	    !has(op, sd, FILE_ADD_FILE | FILE_ADD_SUBDIRECTORY))
		return -EACCES;
	verdict_grant(object);
	return 0;
}

int guard_remove(struct operation *op, struct node *folder, struct node *node)
{
	INTERNED sd = NULL;
	struct verdict verdict = {.node = node, .wanted = DELETE};
	int err = decide_node(op, &verdict, &sd);

	if (err == -EACCES && op->token)
		err = decide_by_folder(op, &verdict, folder, FILE_DELETE_CHILD);
	if (err == -EACCES && op->token)
		err = decide_sticky(op, folder, &verdict);
	return verdict_settle(op, &verdict, err);
}

static bool is_folder(const struct node *node)
{
	return node_type(node) == S_IFDIR;
}

/* A folder that goes elsewhere has ".." changed in it: POSIX wants writing to it for that. */
static int judge_moved(struct operation *op, struct node *node)
{
	INTERNED sd = NULL;
	int err = is_folder(node) ? load(op, node, &sd) : 0;

	if (!sd || !is(sd, DESCRIPTOR_BY_MODE))
		return err;
	return judge(op, node, sd, FILE_ADD_FILE | FILE_ADD_SUBDIRECTORY);
}

int guard_rename(struct operation *op, struct node *from, struct node *node, struct node *to,
		 struct node *target, bool exchange)
{
	int err = guard_remove(op, from, node);

	if (err == 0)
		err = guard_create(op, to, is_folder(node));
	if (err == 0 && target)
		err = guard_remove(op, to, target);
	if (err == 0 && exchange)
		err = guard_create(op, from, is_folder(target));
	if (err == 0 && from != to)
		err = judge_moved(op, node);
	if (err == 0 && from != to && exchange)
		err = judge_moved(op, target);
	return err;
}

bool guard_may_inherit(struct operation *op, struct node *node)
{
	INTERNED sd = NULL;

	return load(op, node, &sd) == 0 && has(op, sd, WRITE_DAC);
}

int guard_link(struct operation *op, struct node *node, struct node *to)
{
	int err = judge_or_posix(op, node, FILE_WRITE_ATTRIBUTES, FILE_READ_DATA | FILE_WRITE_DATA);

	return err < 0 ? err : guard_create(op, to, false);
}

int guard_stat(struct operation *op, struct node *node)
{
	struct node *folder;
	int err;

	if (op->session->options->attributes == ATTRIBUTES_PUBLIC)
		return 0;
	folder = node_get_folder(node);
	err = judge_either(op, node, FILE_READ_ATTRIBUTES, folder, FILE_LIST_DIRECTORY);
	if (folder)
		node_forget(folder, 1);
	return err;
}

/* What an open with @flags wants, but for writing itself. */
static uint32_t reading(int flags)
{
	uint32_t wanted = 0;

	if (flags & OPEN_EXECUTE)
		wanted |= FILE_EXECUTE;
	else if ((flags & O_ACCMODE) != O_WRONLY)
		wanted |= FILE_READ_DATA;
	return flags & O_TRUNC ? wanted | FILE_WRITE_DATA : wanted;
}

int guard_open(struct operation *op, struct node *node, int flags, uint32_t *rights)
{
	bool writes = (flags & O_ACCMODE) != O_RDONLY;
	uint32_t wanted = reading(flags);
	INTERNED sd = NULL;
	struct verdict verdict = {.node = node, .wanted = wanted};
	int err;

	*rights = wanted;
	if (writes) {
		/* Who may write anywhere may write at the end; who may only append needs O_APPEND.
		 */
		*rights |= FILE_WRITE_DATA | FILE_APPEND_DATA;
		verdict.wanted |= FILE_WRITE_DATA;
	}
	err = decide_node(op, &verdict, &sd);
	if (err == -EACCES && op->token && writes && (flags & O_APPEND) && !(flags & O_TRUNC)) {
		*rights = verdict.wanted = wanted | FILE_APPEND_DATA;
		err = verdict_decide(op, &verdict);
	}
	return verdict_settle(op, &verdict, err);
}

void guard_made(struct operation *op)
{
	struct node *node = op->out.node;
	struct verdict verdict = {.node = node, .wanted = op->out.handle->rights};
	INTERNED sd = NULL;

	if (!audit_records() || load(op, node, &sd) < 0)
		return;
	verdict.sd = sd;
	verdict_grant(&verdict);
	verdict_settle(op, &verdict, 0);
}

int guard_truncate(struct operation *op, struct node *node)
{
	return judge_node(op, node, FILE_WRITE_DATA);
}

int guard_set_times(struct operation *op, struct node *node, bool now)
{
	int err = judge_or_posix(op, node, FILE_WRITE_ATTRIBUTES, now ? FILE_WRITE_DATA : 0);

	/* POSIX has one error for who may not set times at will, another for who may not write */
	return now ? err : as_owner(err);
}

bool guard_may_set_times(struct operation *op, struct node *node)
{
	INTERNED sd = NULL;

	return load(op, node, &sd) == 0 && has(op, sd, FILE_WRITE_ATTRIBUTES);
}

/* Is @group one of the token's own, or may it restore? */
static bool may_give_group(const struct token *token, const struct sid *group)
{
	return token_allows(token, group) || (token_privileges(token) & SE_RESTORE_PRIVILEGE);
}

int guard_chmod(struct operation *op, struct node *node, mode_t *mode)
{
	INTERNED sd = NULL;
	struct verdict verdict = {.node = node, .wanted = WRITE_DAC};
	const struct token *token;
	int err = as_owner(verdict_settle(op, &verdict, decide_node(op, &verdict, &sd)));

	if (err < 0 || !(*mode & S_ISGID))
		return err;
	err = operation_token(op, true, &token);
	if (err == 0 && !(interned_descriptor(sd)->has_group &&
			  may_give_group(token, &interned_descriptor(sd)->group)))
		*mode &= ~(mode_t)S_ISGID;
	return err;
}

/* A new owner: the caller itself or a group that may own; anyone with SeRestorePrivilege. */
static int judge_owner(struct operation *op, struct verdict *verdict, const struct sid *owner)
{
	const struct descriptor *sd = interned_descriptor(verdict->sd);
	const struct token *token;
	int err;

	if (sd->has_owner && sid_equal(&sd->owner, owner))
		return 0;
	err = operation_token(op, true, &token);
	if (err < 0)
		return err;
	if (token_may_own(token, owner) || (token_privileges(token) & SE_RESTORE_PRIVILEGE))
		return 0;
	verdict_refuse(verdict, DENIAL_OWNER);
	return -EPERM;
}

/* A new group: one of the caller's own; any with SeRestorePrivilege. */
static int judge_group(struct operation *op, struct verdict *verdict, const struct sid *group)
{
	const struct descriptor *sd = interned_descriptor(verdict->sd);
	const struct token *token;
	int err;

	if (sd->has_group && sid_equal(&sd->group, group))
		return 0;
	err = operation_token(op, true, &token);
	if (err < 0)
		return err;
	if (may_give_group(token, group))
		return 0;
	verdict_refuse(verdict, DENIAL_GROUP);
	return -EPERM;
}

static int judge_new_owner(struct operation *op, struct node *node, const struct interned *sd,
			   const struct owners *owners)
{
	struct verdict verdict = {.node = node, .sd = sd, .wanted = WRITE_OWNER};
	int err = verdict_decide(op, &verdict);

	if (err == 0 && owners->has_owner)
		err = judge_owner(op, &verdict, &owners->owner);
	if (err == 0 && owners->has_group)
		err = judge_group(op, &verdict, &owners->group);
	return as_owner(verdict_settle(op, &verdict, err));
}

static bool is_owner(const struct token *token, const struct interned *sd)
{
	const struct descriptor *now = interned_descriptor(sd);

	return now->has_owner && token_allows(token, &now->owner);
}

/* Does the owner ask?  1 or 0, or -errno.  Mostly that can be told without supplementary groups. */
static int asked_by_owner(struct operation *op, const struct interned *sd)
{
	const struct token *token;
	int err = operation_token(op, false, &token);

	if (err == 0 && !is_owner(token, sd))
		err = operation_token(op, true, &token);
	return err < 0 ? err : is_owner(token, sd);
}

int guard_chown(struct operation *op, struct node *node, uid_t uid, gid_t gid)
{
	struct owners owners;
	INTERNED sd = NULL;
	int err = load(op, node, &sd);

	if (err == 0)
		err = operation_token(op, false, &(const struct token *){NULL});
	if (err == 0)
		err = owners_of_ids(interned_descriptor(sd), uid, gid, &owners);
	/* what leaves everything as it is takes no right then */
	if (err == 0 && !owners.changes)
		err = asked_by_owner(op, sd);
	if (err != 0)
		return err < 0 ? err : 0;
	err = judge_new_owner(op, node, sd, &owners);
	/* ACEs are the DACL's: to hand them on takes the right to change it */
	op->handing_on = err == 0 && has(op, sd, WRITE_DAC);
	return err;
}

int guard_read_ea(struct operation *op, struct node *node)
{
	return judge_node(op, node, FILE_READ_EA);
}

int guard_write_ea(struct operation *op, struct node *node)
{
	return judge_node(op, node, FILE_WRITE_EA);
}

int guard_access(struct operation *op, struct node *node, int mask)
{
	bool folder = is_folder(node);
	uint32_t wanted = 0;
	INTERNED sd = NULL;
	int err = load(op, node, &sd);

	if (err < 0)
		return err;
	if (mask & R_OK)
		wanted |= FILE_READ_DATA;
	if (mask & W_OK)
		wanted |= FILE_WRITE_DATA;
	if ((mask & X_OK) && !folder)
		wanted |= FILE_EXECUTE;
	if ((mask & X_OK) && folder) {
		err = guard_lookup(op, node);
		if (err < 0)
			return err;
	}
	return wanted ? judge_asking(op, node, sd, wanted)
		      : operation_token(op, false, &(const struct token *){NULL});
}

int guard_maximum(struct operation *op, struct node *node, uint32_t *granted)
{
	struct verdict verdict = {.node = node, .wanted = MAXIMUM_ALLOWED};
	INTERNED sd = NULL;
	int err = decide_node(op, &verdict, &sd);

	*granted = verdict.result.granted;
	/* Nothing at all is an answer here; a refused identity is not. */
	return err == -EACCES && op->token ? 0 : err;
}

int guard_check(struct operation *op, struct node *node, uint32_t wanted, uint32_t *granted,
		bool *allowed)
{
	struct verdict verdict = {.node = node, .wanted = MAXIMUM_ALLOWED};
	INTERNED sd = NULL;
	int err = decide_node(op, &verdict, &sd);

	*granted = verdict.result.granted;
	*allowed = false;
	if (err < 0 && (err != -EACCES || !op->token))
		return err;
	*allowed = has(op, sd, wanted);
	return 0;
}

int guard_read_descriptor(struct operation *op, struct node *node, unsigned int *parts)
{
	uint32_t wanted = READ_CONTROL;
	const struct token *token;
	INTERNED sd = NULL;
	int err = load(op, node, &sd);

	if (err == 0)
		err = operation_token(op, interned_names_group(sd), &token);
	if (err < 0)
		return err;
	if ((*parts & PART_SACL) && has(op, sd, ACCESS_SYSTEM_SECURITY))
		wanted |= ACCESS_SYSTEM_SECURITY;
	else
		*parts &= ~PART_SACL;
	return judge(op, node, sd, wanted);
}

int guard_write_descriptor(struct operation *op, struct node *node, const struct descriptor *given,
			   unsigned int parts)
{
	struct verdict verdict = {.node = node};
	INTERNED sd = NULL;
	int err;

	if (parts & (PART_OWNER | PART_GROUP))
		verdict.wanted |= WRITE_OWNER;
	if (parts & PART_DACL)
		verdict.wanted |= WRITE_DAC;
	if (parts & PART_SACL)
		verdict.wanted |= ACCESS_SYSTEM_SECURITY;
	err = decide_node(op, &verdict, &sd);
	if (err == 0 && (parts & PART_OWNER))
		err = judge_owner(op, &verdict, &given->owner);
	if (err == 0 && (parts & PART_GROUP))
		err = judge_group(op, &verdict, &given->group);
	return verdict_settle(op, &verdict, err);
}

double guard_attr_timeout(const struct session *session, const struct interned *sd)
{
	if (session->options->attributes == ATTRIBUTES_PUBLIC)
		return PUBLIC_TIMEOUT;
	/* what the kernel answers nobody audits */
	if (audit_records() && access_audited(interned_descriptor(sd), FILE_READ_ATTRIBUTES))
		return 0;
	return interned_shows_attributes(sd) ? PUBLIC_TIMEOUT : 0;
}
