/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Vector cases of a file server: whole operations, as the table "what each operation needs" of
 * docs/access.md says, on descriptors alone.  The privileges in that table play no part:
 * the actors have none.
 */
#include <string.h>

#include "acl/access.h"
#include "acl/inherit.h"
#include "acl/mask.h"
#include "tests/vectors.h"

struct fs_case {
	const json_t *line;
	struct token *token;           /* of the actor */
	struct descriptor *parent;     /* of the folder the object is in */
	struct descriptor *object;     /* what is worked on; not for creations */
	struct descriptor *new_parent; /* the folder it is moved into */
	struct descriptor *given;      /* what is set, or asked for at creation */
	bool folder;                   /* is the object, or what is created, one? */
	uint32_t desired;
	struct sid new_owner;
};

/* How an operation ended. */
struct outcome {
	const char *status;
	uint32_t granted;         /* opens */
	struct descriptor *child; /* what was created or stored; owned */
};

static const char ok[] = "ok";
static const char denied[] = "access_denied";

static bool may(const struct descriptor *sd, const struct fs_case *tried, uint32_t rights)
{
	return access_check(sd, tried->token, rights, 0).status == ACCESS_OK;
}

/*
 * What the place of the object gives beside its own DACL.  [MS-FSA] has FILE_READ_ATTRIBUTES from
 * the folder's FILE_LIST_DIRECTORY; the server asked adds it always.
 */
static uint32_t granted_by_place(const struct fs_case *tried)
{
	return FILE_READ_ATTRIBUTES | (may(tried->parent, tried, FILE_DELETE_CHILD) ? DELETE : 0);
}

static void op_open(const struct fs_case *tried, struct outcome *outcome)
{
	uint32_t wanted = mask_map_generic(tried->desired);
	uint32_t left = wanted & ~granted_by_place(tried);
	struct access_result result = {.status = ACCESS_OK};

	if (left)
		result = access_check(tried->object, tried->token, left, 0);
	if (result.status == ACCESS_PRIVILEGE_NOT_HELD)
		outcome->status = "privilege_not_held";
	else if (result.status != ACCESS_OK)
		outcome->status = denied;
	else
		outcome->granted = wanted;
}

static void op_open_max(const struct fs_case *tried, struct outcome *outcome)
{
	struct access_result result = access_check(tried->object, tried->token, MAXIMUM_ALLOWED, 0);

	outcome->granted = result.granted | granted_by_place(tried);
}

static uint32_t right_to_add(const struct fs_case *tried)
{
	return tried->folder ? FILE_ADD_SUBDIRECTORY : FILE_ADD_FILE;
}

static void op_create(const struct fs_case *tried, struct outcome *outcome)
{
	if (!may(tried->parent, tried, right_to_add(tried)))
		outcome->status = denied;
	else if (inherit_create(tried->parent, tried->given, tried->folder, tried->token,
				&outcome->child))
		outcome->status = "no memory";
}

static bool may_delete(const struct fs_case *tried)
{
	return may(tried->object, tried, DELETE) || may(tried->parent, tried, FILE_DELETE_CHILD);
}

static void op_delete(const struct fs_case *tried, struct outcome *outcome)
{
	if (!may_delete(tried))
		outcome->status = denied;
}

static void op_rename(const struct fs_case *tried, struct outcome *outcome)
{
	const struct descriptor *target = tried->new_parent ? tried->new_parent : tried->parent;

	if (!may_delete(tried) || !may(target, tried, right_to_add(tried)))
		outcome->status = denied;
}

static void op_chown(const struct fs_case *tried, struct outcome *outcome)
{
	if (!may(tried->object, tried, WRITE_OWNER))
		outcome->status = denied;
	else if (!token_may_own(tried->token, &tried->new_owner))
		outcome->status = "invalid_owner";
}

static void op_set_dacl(const struct fs_case *tried, struct outcome *outcome)
{
	if (!may(tried->object, tried, WRITE_DAC))
		outcome->status = denied;
}

static void op_get_sd(const struct fs_case *tried, struct outcome *outcome)
{
	if (!may(tried->object, tried, READ_CONTROL))
		outcome->status = denied;
}

static void op_set_sacl(const struct fs_case *tried, struct outcome *outcome)
{
	struct access_result result =
		access_check(tried->object, tried->token, ACCESS_SYSTEM_SECURITY, 0);

	if (result.status == ACCESS_PRIVILEGE_NOT_HELD)
		outcome->status = "privilege_not_held";
	else if (result.status != ACCESS_OK)
		outcome->status = denied;
}

static void op_set_and_get(const struct fs_case *tried, struct outcome *outcome)
{
	outcome->child = descriptor_copy(tried->given);
	if (outcome->child)
		inherit_normalise(outcome->child);
}

/* Fields an operation cannot do without, beside actor, object and parent. */
#define NEEDS_NEW_PARENT 0x01u
#define NEEDS_NEW_OWNER 0x02u
#define NEEDS_DESIRED 0x04u
#define NEEDS_TYPE 0x08u
#define CREATES 0x10u /* there is no object yet */
#define STORES 0x20u  /* nobody acts: what is set is read back */
#define OPENS 0x40u   /* a handle has the rights granted */

static const struct op {
	const char *name;
	void (*run)(const struct fs_case *tried, struct outcome *outcome);
	unsigned int needs;
	bool folder;       /* unless NEEDS_TYPE */
	const char *given; /* field of the descriptor that is set or asked for */
	const char *child; /* field of the descriptor that comes of it */
} ops[] = {
	{"open", op_open, NEEDS_DESIRED | OPENS},
	{"open_max", op_open_max, OPENS},
	{"create", op_create, CREATES, false, NULL, "child"},
	{"mkdir", op_create, CREATES, true, NULL, "child"},
	{"create_with_sd", op_create, CREATES | NEEDS_TYPE, false, "explicit", "child"},
	{"delete", op_delete},
	{"rmdir", op_delete},
	{"rename", op_rename},
	{"rename_dir", op_rename, 0, true},
	{"move", op_rename, NEEDS_NEW_PARENT},
	{"move_dir", op_rename, NEEDS_NEW_PARENT, true},
	{"chown_self", op_chown, NEEDS_NEW_OWNER},
	{"chown_other", op_chown, NEEDS_NEW_OWNER},
	{"set_dacl", op_set_dacl},
	{"get_sd", op_get_sd},
	{"set_sacl", op_set_sacl},
	{"set_and_get", op_set_and_get, STORES | NEEDS_TYPE, false, "given", "stored"},
};

static const struct op *find_op(const char *name)
{
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		if (strcmp(ops[i].name, name) == 0)
			return &ops[i];
	}
	return NULL;
}

/* All groups are enabled; the first is the primary one. */
static bool actor_take_groups(struct token *token, const json_t *actor,
			      struct vector_report *report)
{
	const json_t *groups = need_list(actor, "groups", true, report);
	const char *end;
	struct sid sid;
	json_t *item;
	size_t i;

	if (!groups)
		return false;
	json_array_foreach(groups, i, item)
	{
		const char *text = json_string_value(item);

		if (!sid_parse(text, &sid, &end) || *end ||
		    token_add_group(token, &sid, SE_GROUP_ENABLED) ||
		    (i == 0 && token_set_primary_group(token, &sid))) {
			report_fail(report, "actor.groups expected a SID got %s", text);
			return false;
		}
	}
	return true;
}

static struct token *need_actor(const json_t *line, struct vector_report *report)
{
	const json_t *actor = json_object_get(line, "actor");
	struct token *token;
	struct sid user;

	if (!need_sid(actor, "user", &user, report))
		return NULL;
	token = token_create(&user);
	if (token && actor_take_groups(token, actor, report))
		return token;
	token_unref(token);
	return NULL;
}

static bool take_descriptors(const struct op *op, struct fs_case *tried,
			     struct vector_report *report)
{
	const json_t *line = tried->line;

	if (op->given && !(tried->given = need_descriptor(line, op->given, report)))
		return false;
	if (op->needs & STORES)
		return true;
	if (!(tried->parent = need_descriptor(line, "parent", report)))
		return false;
	if (!(op->needs & CREATES) && !(tried->object = need_descriptor(line, "object", report)))
		return false;
	return !(op->needs & NEEDS_NEW_PARENT) ||
	       (tried->new_parent = need_descriptor(line, "new_parent", report));
}

/* Reads what @op needs; false, reported, if anything is missing. */
static bool case_take(const struct op *op, struct fs_case *tried, struct vector_report *report)
{
	const json_t *line = tried->line;

	tried->folder = op->folder;
	if (!take_descriptors(op, tried, report))
		return false;
	if (!(op->needs & STORES) && !(tried->token = need_actor(line, report)))
		return false;
	if ((op->needs & NEEDS_TYPE) && !need_type(line, &tried->folder, report))
		return false;
	if ((op->needs & NEEDS_NEW_OWNER) && !need_sid(line, "new", &tried->new_owner, report))
		return false;
	return !(op->needs & NEEDS_DESIRED) || need_mask(line, "desired", &tried->desired, report);
}

static void case_clear(struct fs_case *tried)
{
	token_unref(tried->token);
	descriptor_destroy(tried->parent);
	descriptor_destroy(tried->object);
	descriptor_destroy(tried->new_parent);
	descriptor_destroy(tried->given);
}

static void outcome_clear(struct outcome *outcome)
{
	descriptor_destroy(outcome->child);
}

static bool check_granted(const struct op *op, const struct fs_case *tried,
			  const struct outcome *outcome, struct vector_report *report)
{
	uint32_t granted;

	if (!(op->needs & OPENS))
		return true;
	if (!need_mask(tried->line, "granted", &granted, report))
		return false;
	if (granted == outcome->granted)
		return true;
	report_fail(report, "granted expected 0x%x got 0x%x", granted, outcome->granted);
	return false;
}

/* Does the parent hand nothing at all to the child's DACL? */
static bool inherits_nothing(const struct fs_case *tried)
{
	const struct descriptor *parent = tried->parent;
	struct acl *list = NULL;
	bool nothing;

	if (inherit_acl(parent->dacl, false, tried->folder, NULL, NULL, &list))
		return false;
	nothing = !list->count;
	acl_destroy(list);
	return nothing;
}

/* The Unix group of the actor's new files: its first group that is one. */
static const struct sid *unix_group(const struct token *token)
{
	size_t count;
	const struct token_group *groups = token_groups(token, &count);
	gid_t gid;

	for (size_t i = 0; i < count; i++) {
		if (sid_to_gid(&groups[i].sid, &gid))
			return &groups[i].sid;
	}
	return NULL;
}

/*
 * What the record of a child cannot show, or the server does not do:
 * - A descriptor without a group was read without asking for it; every object has one.
 * - Where nothing is inheritable the server stores no descriptor, and when asked makes one up from
 *   the backing file, with the right default DACL.  Its group is therefore the backing file's, a
 *   Unix group, and not the primary group of the token.
 */
static void adapt_group(const struct fs_case *tried, const struct descriptor *expected,
			struct descriptor *child)
{
	const struct sid *group = tried->token ? unix_group(tried->token) : NULL;

	if (!expected->has_group)
		child->has_group = false;
	else if (group && !tried->given && inherits_nothing(tried) &&
		 sid_equal(&expected->group, group))
		child->group = *group;
}

static bool check_child(const struct op *op, const struct fs_case *tried,
			const struct outcome *outcome, struct vector_report *report)
{
	struct descriptor *expected __attribute__((cleanup(descriptor_destroyp))) = NULL;

	if (!op->child)
		return true;
	expected = need_descriptor(tried->line, op->child, report);
	if (!expected)
		return false;
	if (outcome->child) {
		adapt_group(tried, expected, outcome->child);
		if (descriptor_equal(expected, outcome->child))
			return true;
	}
	report_fail(report, "%s expected another descriptor got one with %zu ACEs", op->child,
		    outcome->child && outcome->child->dacl ? outcome->child->dacl->count : 0);
	return false;
}

static void check_fs(const struct op *op, const struct fs_case *tried, struct vector_report *report)
{
	struct outcome outcome __attribute__((cleanup(outcome_clear))) = {.status = ok};
	const char *status = need_text(tried->line, "status", report);

	if (!status)
		return;
	op->run(tried, &outcome);
	if (strcmp(status, outcome.status) != 0)
		report_fail(report, "status expected %s got %s", status, outcome.status);
	else if (outcome.status != ok || (check_granted(op, tried, &outcome, report) &&
					  check_child(op, tried, &outcome, report)))
		report_pass(report);
}

void vectors_fs(json_t *line, struct vector_report *report)
{
	struct fs_case tried __attribute__((cleanup(case_clear))) = {.line = line};
	const char *name = need_text(line, "op", report);
	const struct op *op = name ? find_op(name) : NULL;

	if (op && case_take(op, &tried, report))
		check_fs(op, &tried, report);
	else if (name && !op)
		report_fail(report, "op expected an operation got %s", name);
}
