/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Vector cases of inheritance: what a folder hands to a child.
 */
#include <string.h>

#include "acl/inherit.h"
#include "tests/vectors.h"

struct inherit_case {
	const struct descriptor *parent;
	const struct descriptor *explicit; /* or NULL */
	const struct descriptor *expected; /* with inherits */
	const struct token *token;
	bool folder;
	bool inherits;
	bool reduced; /* the program asked reduced identical ACEs to one */
};

static bool acl_holds(const struct acl *acl, const struct ace *ace)
{
	for (size_t i = 0; i < acl->count; i++) {
		if (ace_equal(&acl->aces[i], ace))
			return true;
	}
	return false;
}

/* @from with the first only of identical ACEs; NULL without memory. */
static struct acl *acl_reduced(const struct acl *from)
{
	struct acl *acl = acl_create();

	for (size_t i = 0; acl && i < from->count; i++) {
		if (acl_holds(acl, &from->aces[i]))
			continue;
		if (acl_append(acl, &from->aces[i])) {
			acl_destroy(acl);
			return NULL;
		}
	}
	return acl;
}

/*
 * Are the two the same but for identical ACEs, which only @reduced has reduced to one?  What
 * Windows does is not known; we keep them.
 */
static bool equal_reduced(const struct descriptor *reduced, const struct descriptor *child)
{
	struct descriptor *copy __attribute__((cleanup(descriptor_destroyp))) =
		descriptor_copy(child);
	struct acl *dacl;

	if (!copy || !copy->dacl || !reduced->dacl)
		return false;
	dacl = acl_reduced(copy->dacl);
	if (!dacl)
		return false;
	descriptor_set_dacl(copy, dacl);
	return copy->dacl->count < child->dacl->count && descriptor_equal(reduced, copy);
}

/* How many ACEs the child inherits in its DACL; false, reported, without memory. */
static bool count_inherited(const struct inherit_case *tried, size_t *count,
			    struct vector_report *report)
{
	const struct descriptor *parent = tried->parent;
	struct acl *list = NULL;

	if (inherit_acl(parent->dacl, parent->control & SE_DACL_AUTO_INHERITED, tried->folder,
			token_user(tried->token), token_primary_group(tried->token), &list)) {
		report_fail(report, "no memory");
		return false;
	}
	*count = list->count;
	acl_destroy(list);
	return true;
}

static void check_child(const struct inherit_case *tried, struct vector_report *report)
{
	struct descriptor *child __attribute__((cleanup(descriptor_destroyp))) = NULL;

	if (inherit_create(tried->parent, tried->explicit, tried->folder, tried->token, &child))
		report_fail(report, "no memory");
	else if (descriptor_equal(tried->expected, child))
		report_pass(report);
	else if (tried->reduced && equal_reduced(tried->expected, child))
		report_skip(report, "identical ACEs are kept");
	else
		report_fail(report, "child expected another descriptor got one with %zu ACEs",
			    child->dacl ? child->dacl->count : 0);
}

static void check_inherit(const struct inherit_case *tried, struct vector_report *report)
{
	size_t count;

	if (!count_inherited(tried, &count, report))
		return;
	if (tried->inherits)
		check_child(tried, report);
	else if (count)
		report_fail(report, "inherits expected no ACE got %zu", count);
	else
		report_pass(report);
}

/* The token of the child's creator; NULL, reported, if it cannot be read. */
static struct token *need_creator(const json_t *line, struct vector_report *report)
{
	struct token *token;
	struct sid owner, group;

	if (!need_sid(line, "owner", &owner, report) || !need_sid(line, "group", &group, report))
		return NULL;
	token = token_create(&owner);
	if (token && token_set_primary_group(token, &group) == 0)
		return token;
	token_unref(token);
	report_fail(report, "no memory");
	return NULL;
}

void vectors_inherit(json_t *line, struct vector_report *report)
{
	struct descriptor *parent __attribute__((cleanup(descriptor_destroyp))) =
		need_descriptor(line, "parent", report);
	struct descriptor *explicit __attribute__((cleanup(descriptor_destroyp))) = NULL;
	struct descriptor *expected __attribute__((cleanup(descriptor_destroyp))) = NULL;
	struct token *token __attribute__((cleanup(vector_token_freep))) = NULL;
	struct inherit_case tried = {.parent = parent};
	const char *kind;

	if (!parent || !need_flag(line, "inherits", &tried.inherits, report) ||
	    !need_type(line, &tried.folder, report))
		return;
	kind = need_text(line, "kind", report);
	token = kind ? need_creator(line, report) : NULL;
	if (!token)
		return;
	if (json_is_string(json_object_get(line, "explicit")) &&
	    !(explicit = need_descriptor(line, "explicit", report)))
		return;
	if (tried.inherits && !(expected = need_descriptor(line, "child", report)))
		return;
	/* the directory server, whose answers the SACL cases are, notes where the owner came from
	 */
	if (expected)
		expected->control &= (uint16_t) ~(SE_OWNER_DEFAULTED | SE_GROUP_DEFAULTED);
	tried.explicit = explicit;
	tried.expected = expected;
	tried.token = token;
	tried.reduced = strcmp(kind, "duplicates") == 0;
	check_inherit(&tried, report);
}
