/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* NSS look-ups, with buffers that grow. */
#include "keyring/idmap.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl/well_known.h"
#include "keyring/bounded.h"
#include "keyring/domain.h"
#include "keyring/idmap_parts.h"
#include "keyring/scoped.h"

/* A group with very many members needs much. */
#define LOOKUP_MAX (4 * 1024 * 1024)

/* What is looked up: by @name, or by id if that is NULL. */
struct lookup {
	const char *name;
	id_t id;
	struct passwd user;
	struct group group;
	char *buffer; /* owned; the strings of user and group */
};

static void lookup_free(struct lookup *lookup)
{
	free(lookup->buffer);
}

#define SCOPED_LOOKUP __attribute__((cleanup(lookup_free))) struct lookup

/* One attempt.  Returns an errno, positive as NSS has it; *@found says the rest. */
typedef int lookup_fn(struct lookup *lookup, size_t size, bool *found);

static int user_try(struct lookup *lookup, size_t size, bool *found)
{
	struct passwd *result = NULL;
	int error = lookup->name
			    ? getpwnam_r(lookup->name, &lookup->user, lookup->buffer, size, &result)
			    : getpwuid_r(lookup->id, &lookup->user, lookup->buffer, size, &result);

	*found = result != NULL;
	return error;
}

static int group_try(struct lookup *lookup, size_t size, bool *found)
{
	struct group *result = NULL;
	int error =
		lookup->name
			? getgrnam_r(lookup->name, &lookup->group, lookup->buffer, size, &result)
			: getgrgid_r(lookup->id, &lookup->group, lookup->buffer, size, &result);

	*found = result != NULL;
	return error;
}

static int lookup_run(struct lookup *lookup, lookup_fn *attempt)
{
	for (size_t size = 1024; size <= LOOKUP_MAX; size *= 2) {
		bool found;
		int error;

		free(lookup->buffer);
		lookup->buffer = malloc(size);
		if (!lookup->buffer)
			return -ENOMEM;
		error = attempt(lookup, size, &found);
		if (found)
			return 0;
		if (error != ERANGE && error != EINTR)
			return error ? -error : -ENOENT;
	}
	return -ERANGE;
}

/* getgrouplist() says how many there are if they do not fit. */
static int groups_of(const char *name, gid_t gid, gid_t **groups, size_t *count)
{
	int room = 64;

	for (int attempt = 0; attempt < 4; attempt++) {
		gid_t *list = reallocarray(NULL, (size_t)room, sizeof(*list));
		int needed = room;

		if (!list)
			return -ENOMEM;
		if (getgrouplist(name, gid, list, &needed) >= 0) {
			*groups = list;
			*count = (size_t)needed;
			return 0;
		}
		free(list);
		if (needed <= room)
			return -EIO;
		room = needed;
	}
	return -EIO;
}

/* An account's groups: what goes in, and what comes out. */
struct groups_work {
	struct work work;
	uid_t uid;
	gid_t gid;
	char *name; /* owned, and so is the list */
	gid_t *groups;
	size_t count;
};

static int groups_run(struct work *work)
{
	struct groups_work *groups = (struct groups_work *)work;
	SCOPED_LOOKUP lookup = {.id = groups->uid};
	int error = lookup_run(&lookup, user_try);

	if (error)
		return error;
	groups->gid = lookup.user.pw_gid;
	groups->name = strdup(lookup.user.pw_name);
	if (!groups->name)
		return -ENOMEM;
	return groups_of(groups->name, groups->gid, &groups->groups, &groups->count);
}

static void groups_destroy(struct work *work)
{
	struct groups_work *groups = (struct groups_work *)work;

	free(groups->name);
	free(groups->groups);
	free(groups);
}

/* NSS leaves out what it could not look up, and does not say so: the domain knows its own.  The
 * host's own, whichever SID they have, are in groups of the host. */
static int groups_complete(struct groups_work *groups)
{
	struct sid sid;
	int error = domain_user_sid(groups->uid, &sid);
	int own;

	if (error || !sid_is_domain(&sid))
		return error;
	own = domain_user_is_own(groups->uid);
	if (own)
		return own < 0 ? own : 0;
	return domain_add_groups(groups->name, groups->gid, &groups->groups, &groups->count);
}

int idmap_user_groups(uid_t uid, gid_t *gid, gid_t **groups, size_t *count)
{
	static struct lane lane = LANE_INITIALIZER;
	struct groups_work *found = calloc(1, sizeof(*found));
	struct work *work = &found->work;
	int error;

	if (!found)
		return -ENOMEM;
	found->work = (struct work){.run = groups_run, .destroy = groups_destroy};
	found->uid = uid;
	/* without a domain NSS is as it always was */
	error = domain_in_use() ? bounded_run(&lane, &work) : groups_run(work);
	if (!error)
		error = groups_complete(found);
	if (!error) {
		*gid = found->gid;
		*groups = found->groups;
		*count = found->count;
		found->groups = NULL;
	}
	if (work)
		groups_destroy(work);
	return error;
}

static int name_copy(const char *from, char *name, size_t size)
{
	int width = snprintf(name, size, "%s", from);

	return width < 0 || (size_t)width >= size ? -ENAMETOOLONG : 0;
}

int idmap_user_name(uid_t uid, char *name, size_t size)
{
	SCOPED_LOOKUP lookup = {.id = uid};
	int error = lookup_run(&lookup, user_try);

	return error ? error : name_copy(lookup.user.pw_name, name, size);
}

int idmap_group_name(gid_t gid, char *name, size_t size)
{
	SCOPED_LOOKUP lookup = {.id = gid};
	int error = lookup_run(&lookup, group_try);

	return error ? error : name_copy(lookup.group.gr_name, name, size);
}

int idmap_user(const char *name, uid_t *uid)
{
	SCOPED_LOOKUP lookup = {.name = name};
	int error = lookup_run(&lookup, user_try);

	if (!error)
		*uid = lookup.user.pw_uid;
	return error;
}

int idmap_group(const char *name, gid_t *gid)
{
	SCOPED_LOOKUP lookup = {.name = name};
	int error = lookup_run(&lookup, group_try);

	if (!error)
		*gid = lookup.group.gr_gid;
	return error;
}

bool idmap_id_parse(const char *text, uint32_t *id)
{
	uint64_t value = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		value = value * 10 + (uint64_t)(*text - '0');
		if (value >= UINT32_MAX)
			return false;
	}
	*id = (uint32_t)value;
	return true;
}

int idmap_account(const char *text, uid_t *uid)
{
	struct sid sid;
	const char *end;
	int error;

	if (idmap_id_parse(text, uid))
		return 0;
	if (sid_parse(text, &sid, &end) && *end == '\0')
		return domain_uid(&sid, uid);
	error = idmap_user(text, uid);
	if (error != -ENOENT)
		return error;
	error = domain_named(text, &sid);
	return error ? error : domain_uid(&sid, uid);
}

bool idmap_is_bare(const struct sid *sid)
{
	static const struct sid *const bare[] = {
		&sid_everyone,  &sid_creator_owner,       &sid_creator_group, &sid_owner_rights,
		&sid_anonymous, &sid_authenticated_users, &sid_system,
	};

	for (size_t i = 0; i < sizeof(bare) / sizeof(bare[0]); i++) {
		if (sid_equal(sid, bare[i]))
			return true;
	}
	return false;
}

/*
 * "Everyone", "BUILTIN\\Users".  What has no authority, and what each domain has, could be
 * taken for an account of the host.
 */
static bool well_known_text(const struct sid *sid, char *buffer, size_t size)
{
	const char *authority;
	const char *name = well_known_name(sid, &authority);

	if (!name)
		return false;
	if (idmap_is_bare(sid))
		snprintf(buffer, size, "%s", name);
	else if (*authority)
		snprintf(buffer, size, "%s\\%s", authority, name);
	else
		return false;
	return true;
}

char *idmap_sid_name(const struct sid *sid, char *buffer, size_t size)
{
	char text[SID_MAX_TEXT];
	uid_t uid;
	gid_t gid;

	if (well_known_text(sid, buffer, size))
		return buffer;
	if (sid_to_uid(sid, &uid) && idmap_user_name(uid, buffer, size) == 0)
		return buffer;
	if (sid_to_gid(sid, &gid) && idmap_group_name(gid, buffer, size) == 0)
		return buffer;
	if (domain_name(sid, buffer, size) == 0)
		return buffer;
	snprintf(buffer, size, "%s", sid_format(sid, text));
	return buffer;
}
