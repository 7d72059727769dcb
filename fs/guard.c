/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Decisions.
 */
#include "fs/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "acl/access.h"
#include "acl/mask.h"
#include "fs/audit.h"
#include "fs/kernel_cache.h"
#include "fs/node.h"
#include "fs/store/store.h"

/* exec(2) opens with this flag of the kernel's own (FMODE_EXEC) */
#define OPEN_EXECUTE 0x20

/* How long the kernel may keep what is true for everyone, in seconds. */
#define PUBLIC_TIMEOUT 1.0

#define SD __attribute__((cleanup(descriptor_destroyp))) struct descriptor *

/* The descriptor of @node; @nature, which may be NULL, tells what kind it is (store.h). */
static int load(const struct operation *op, struct node *node, struct descriptor **sd,
		unsigned int *nature)
{
	struct store *store = op->session->store;
	unsigned int ignored;

	return store->ops->get_descriptor(store, node, sd, nature ? nature : &ignored);
}

/* The caller's token against @sd: 0 or -EACCES, or -errno of a refused identity. */
static int judge(struct operation *op, const struct descriptor *sd, uint32_t wanted,
		 uint32_t *granted)
{
	const struct token *token;
	struct access_result result;
	int err = operation_token(op, access_names_group(sd), &token);

	if (err < 0)
		return err;
	result = access_check(sd, token, wanted, ACCESS_BACKUP_INTENT);
	if (granted)
		*granted = result.granted;
	if (result.status == ACCESS_OK)
		return 0;
	if (result.status == ACCESS_NO_MEMORY)
		return -ENOMEM;
	if (op->session->options->debug)
		audit_note("denied op=%s tid=%d uid=%u wanted=0x%x missing=0x%x", op->name,
			   (int)op->caller.tid, (unsigned int)op->caller.uid, wanted,
			   result.missing);
	return -EACCES;
}

static int judge_node(struct operation *op, struct node *node, uint32_t wanted)
{
	SD sd = NULL;
	int err = load(op, node, &sd, NULL);

	return err < 0 ? err : judge(op, sd, wanted, NULL);
}

/*
 * @wanted; or, on an object that has no descriptor, @posix instead: what POSIX lets
 * do whoever may write, but no file right says.
 */
static int judge_or_posix(struct operation *op, struct node *node, uint32_t wanted, uint32_t posix)
{
	unsigned int nature = 0;
	SD sd = NULL;
	int err = load(op, node, &sd, &nature);

	if (err == 0)
		err = judge(op, sd, wanted, NULL);
	if (err == -EACCES && op->token && posix && (nature & DESCRIPTOR_IMPLIED))
		err = judge(op, sd, posix, NULL);
	return err;
}

/* The right on the object, or another on the folder in which it lies. */
static int judge_either(struct operation *op, struct node *node, uint32_t on_object,
			struct node *folder, uint32_t on_folder)
{
	int err = judge_node(op, node, on_object);

	if (err == -EACCES && op->token && folder)
		err = judge_node(op, folder, on_folder);
	return err;
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
static int must_traverse(struct operation *op, struct node *folder, struct descriptor **sd,
			 bool *must)
{
	bool strict = op->session->options->traverse == TRAVERSE_STRICT;
	unsigned int nature = 0;
	int err = 0;

	if (strict || !node_is_root(folder))
		err = load(op, folder, sd, &nature);
	*must = strict || (nature & DESCRIPTOR_IMPLIED);
	return err;
}

/* Names in a folder that everyone may pass, as long as they can be taken back. */
static double public_names(struct operation *op, const struct descriptor *sd)
{
	if (!access_public(sd, FILE_TRAVERSE) || !kernel_cache_keeps_names(op->session))
		return 0;
	return PUBLIC_TIMEOUT;
}

static int judge_traverse(struct operation *op, const struct descriptor *sd)
{
	const struct token *token;
	int err;

	op->out.entry_timeout = public_names(op, sd);
	err = operation_token(op, false, &token);
	if (err < 0 || (token_privileges(token) & SE_CHANGE_NOTIFY_PRIVILEGE))
		return err;
	return judge(op, sd, FILE_TRAVERSE, NULL);
}

int guard_lookup(struct operation *op, struct node *folder)
{
	SD sd = NULL;
	bool must;
	int err = must_traverse(op, folder, &sd, &must);

	op->out.entry_timeout = PUBLIC_TIMEOUT;
	return err < 0 || !must ? err : judge_traverse(op, sd);
}

/*
 * The kernel opens fifos and connects to sockets without asking: who is not to
 * must not even find them, and is asked each time.
 */
static int judge_special(struct operation *op, struct node *node)
{
	op->out.entry_timeout = 0;
	return judge_node(op, node, FILE_READ_DATA | FILE_WRITE_DATA);
}

int guard_found(struct operation *op, struct node *folder)
{
	SD sd = NULL;
	unsigned int nature;
	int err = 0;

	/* it may be moved to where its mode is not all that protects it */
	if (op->out.implied && !kernel_cache_keeps_names(op->session))
		op->out.entry_timeout = 0;
	if (op->out.implied && op->session->options->traverse == TRAVERSE_BYPASS) {
		err = load(op, folder, &sd, &nature);
		if (err == 0 && !(nature & DESCRIPTOR_IMPLIED))
			err = judge_traverse(op, sd);
	}
	if (err == 0 && (S_ISFIFO(op->out.attr.st_mode) || S_ISSOCK(op->out.attr.st_mode)))
		err = judge_special(op, op->out.node);
	return err;
}

struct entry_timeouts guard_entry_timeouts(struct operation *op, struct node *folder)
{
	struct entry_timeouts none = {0};
	unsigned int nature;
	SD sd = NULL;
	double judged;
	bool implied;

	if (load(op, folder, &sd, &nature) < 0)
		return none;
	implied = nature & DESCRIPTOR_IMPLIED;
	judged = public_names(op, sd);
	if (op->session->options->traverse == TRAVERSE_STRICT)
		return (struct entry_timeouts){judged, judged};
	if (implied && node_is_root(folder))
		return (struct entry_timeouts){
			PUBLIC_TIMEOUT, kernel_cache_keeps_names(op->session) ? PUBLIC_TIMEOUT : 0};
	return (struct entry_timeouts){implied ? judged : PUBLIC_TIMEOUT, judged};
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

int guard_list(struct operation *op, struct node *folder)
{
	return judge_node(op, folder, FILE_LIST_DIRECTORY);
}

int guard_create(struct operation *op, struct node *folder, bool is_folder)
{
	int err = judge_node(op, folder, is_folder ? FILE_ADD_SUBDIRECTORY : FILE_ADD_FILE);

	/* The new object's descriptor may turn on groups: it needs the whole token. */
	return err < 0 ? err : operation_token(op, true, &(const struct token *){NULL});
}

/* In a sticky folder without a descriptor its own files are each owner's to remove. */
static int judge_sticky(struct operation *op, struct node *folder, struct node *node)
{
	SD folder_sd = NULL;
	SD sd = NULL;
	unsigned int nature;
	int err = load(op, folder, &folder_sd, &nature);

	if (err == 0 && !(nature & DESCRIPTOR_STICKY))
		err = -EACCES;
	if (err == 0)
		err = load(op, node, &sd, NULL);
	if (err == 0 && (!sd->has_owner || !token_allows(op->token, &sd->owner)))
		err = -EACCES;
	return err < 0 ? err : judge(op, folder_sd, FILE_ADD_FILE | FILE_ADD_SUBDIRECTORY, NULL);
}

int guard_remove(struct operation *op, struct node *folder, struct node *node)
{
	int err = judge_either(op, node, DELETE, folder, FILE_DELETE_CHILD);

	if (err == -EACCES && op->token)
		err = judge_sticky(op, folder, node);
	return err;
}

static bool is_folder(const struct node *node)
{
	return node_type(node) == S_IFDIR;
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
	return err;
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

int guard_open(struct operation *op, struct node *node, int flags, uint32_t *rights)
{
	int mode = flags & O_ACCMODE;
	uint32_t wanted = 0;
	SD sd = NULL;
	int err = load(op, node, &sd, NULL);

	if (err < 0)
		return err;
	if (flags & OPEN_EXECUTE)
		wanted |= FILE_EXECUTE;
	else if (mode != O_WRONLY)
		wanted |= FILE_READ_DATA;
	if (flags & O_TRUNC)
		wanted |= FILE_WRITE_DATA;
	if (mode == O_RDONLY) {
		*rights = wanted;
		return judge(op, sd, wanted, NULL);
	}
	/* Who may write anywhere may write at the end; who may only append needs O_APPEND. */
	*rights = wanted | FILE_WRITE_DATA | FILE_APPEND_DATA;
	err = judge(op, sd, wanted | FILE_WRITE_DATA, NULL);
	if (err == -EACCES && op->token && (flags & O_APPEND) && !(flags & O_TRUNC)) {
		*rights = wanted | FILE_APPEND_DATA;
		err = judge(op, sd, wanted | FILE_APPEND_DATA, NULL);
	}
	return err;
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

int guard_chmod(struct operation *op, struct node *node)
{
	return as_owner(judge_node(op, node, WRITE_DAC));
}

/* A new owner: the caller itself or a group that may own; anyone with SeRestorePrivilege. */
static int judge_owner(struct operation *op, const struct descriptor *sd, const struct sid *owner)
{
	const struct token *token;
	int err;

	if (sd->has_owner && sid_equal(&sd->owner, owner))
		return 0;
	err = operation_token(op, true, &token);
	if (err < 0)
		return err;
	if (token_may_own(token, owner) || (token_privileges(token) & SE_RESTORE_PRIVILEGE))
		return 0;
	return -EPERM;
}

/* A new group: one of the caller's own; any with SeRestorePrivilege. */
static int judge_group(struct operation *op, const struct descriptor *sd, const struct sid *group)
{
	const struct token *token;
	int err;

	if (sd->has_group && sid_equal(&sd->group, group))
		return 0;
	err = operation_token(op, true, &token);
	if (err < 0)
		return err;
	if (token_allows(token, group) || (token_privileges(token) & SE_RESTORE_PRIVILEGE))
		return 0;
	return -EPERM;
}

/* Does chown(2) to @uid and @gid leave everything as it is, asked by the owner? */
static bool chown_changes(const struct descriptor *sd, uid_t uid, gid_t gid)
{
	uid_t owner;
	gid_t group;

	if (uid != (uid_t)-1 && (!sid_to_uid(&sd->owner, &owner) || owner != uid))
		return true;
	return gid != (gid_t)-1 && (!sid_to_gid(&sd->group, &group) || group != gid);
}

int guard_chown(struct operation *op, struct node *node, uid_t uid, gid_t gid)
{
	const struct token *token;
	struct sid sid;
	SD sd = NULL;
	int err = load(op, node, &sd, NULL);

	if (err == 0)
		err = operation_token(op, true, &token);
	if (err < 0)
		return err;
	if (sd->has_owner && token_allows(token, &sd->owner) && !chown_changes(sd, uid, gid))
		return 0;
	err = as_owner(judge(op, sd, WRITE_OWNER, NULL));
	if (err == 0 && uid != (uid_t)-1) {
		sid = sid_from_uid(uid);
		err = judge_owner(op, sd, &sid);
	}
	if (err == 0 && gid != (gid_t)-1) {
		sid = sid_from_gid(gid);
		err = judge_group(op, sd, &sid);
	}
	/* ACEs are the DACL's: to hand them on takes the right to change it */
	op->handing_on = err == 0 && judge(op, sd, WRITE_DAC, NULL) == 0;
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
	SD sd = NULL;
	int err = load(op, node, &sd, NULL);

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
	return wanted ? judge(op, sd, wanted, NULL)
		      : operation_token(op, false, &(const struct token *){NULL});
}

int guard_maximum(struct operation *op, struct node *node, uint32_t *granted)
{
	SD sd = NULL;
	int err = load(op, node, &sd, NULL);

	*granted = 0;
	if (err < 0)
		return err;
	err = judge(op, sd, MAXIMUM_ALLOWED, granted);
	/* Nothing at all is an answer here; a refused identity is not. */
	return err == -EACCES && op->token ? 0 : err;
}

int guard_read_descriptor(struct operation *op, struct node *node, unsigned int *parts)
{
	SD sd = NULL;
	int err = load(op, node, &sd, NULL);

	if (err < 0)
		return err;
	if ((*parts & PART_SACL) && judge(op, sd, ACCESS_SYSTEM_SECURITY, NULL) < 0)
		*parts &= ~PART_SACL;
	return judge(op, sd, READ_CONTROL, NULL);
}

int guard_write_descriptor(struct operation *op, struct node *node, const struct descriptor *given,
			   unsigned int parts)
{
	uint32_t wanted = 0;
	SD sd = NULL;
	int err = load(op, node, &sd, NULL);

	if (err < 0)
		return err;
	if (parts & (PART_OWNER | PART_GROUP))
		wanted |= WRITE_OWNER;
	if (parts & PART_DACL)
		wanted |= WRITE_DAC;
	if (parts & PART_SACL)
		wanted |= ACCESS_SYSTEM_SECURITY;
	err = judge(op, sd, wanted, NULL);
	if (err == 0 && (parts & PART_OWNER))
		err = judge_owner(op, sd, &given->owner);
	if (err == 0 && (parts & PART_GROUP))
		err = judge_group(op, sd, &given->group);
	return err;
}

double guard_attr_timeout(const struct session *session, const struct descriptor *sd)
{
	if (session->options->attributes == ATTRIBUTES_PUBLIC)
		return PUBLIC_TIMEOUT;
	return access_public(sd, FILE_READ_ATTRIBUTES) ? PUBLIC_TIMEOUT : 0;
}
