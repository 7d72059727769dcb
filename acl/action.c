/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Operations, and judging them. */
#include "acl/action.h"

#include <strings.h>

#include "acl/mask.h"

#define ON_OBJECT(bits)                                                                            \
	{                                                                                          \
		{                                                                                  \
			.rights = (bits)                                                           \
		}                                                                                  \
	}
#define MAKING                                                                                     \
	{                                                                                          \
		.where = ACTION_TARGET, .by_kind = true                                            \
	}
#define REMOVING                                                                                   \
	{                                                                                          \
		.rights = DELETE, .or_rights = FILE_DELETE_CHILD, .or_where = ACTION_FOLDER,       \
		.sticky = true                                                                     \
	}
#define TIMES(besides)                                                                             \
	{                                                                                          \
		{                                                                                  \
			.rights = FILE_WRITE_ATTRIBUTES, .posix = (besides)                        \
		}                                                                                  \
	}

static const struct action actions[] = {
	{"stat",
	 "read attributes",
	 {{.rights = FILE_READ_ATTRIBUTES,
	   .or_rights = FILE_LIST_DIRECTORY,
	   .or_where = ACTION_FOLDER}}},
	{"open-read", "open a file to read", ON_OBJECT(FILE_READ_DATA)},
	{"open-write", "open a file to write", ON_OBJECT(FILE_WRITE_DATA)},
	{"open-read-write", "open a file to read and write",
	 ON_OBJECT(FILE_READ_DATA | FILE_WRITE_DATA)},
	{"open-append",
	 "open a file to append",
	 {{.rights = FILE_WRITE_DATA, .or_rights = FILE_APPEND_DATA, .or_where = ACTION_OBJECT}}},
	{"open-execute", "execute a file", ON_OBJECT(FILE_EXECUTE)},
	{"truncate", "truncate a file", ON_OBJECT(FILE_WRITE_DATA)},
	{"list", "list a folder", ON_OBJECT(FILE_LIST_DIRECTORY)},
	{"create", "make a file in a folder", ON_OBJECT(FILE_ADD_FILE)},
	{"symlink", "make a symbolic link in a folder", ON_OBJECT(FILE_ADD_FILE)},
	{"mknod", "make a fifo or socket in a folder", ON_OBJECT(FILE_ADD_FILE)},
	{"mkdir", "make a folder in a folder", ON_OBJECT(FILE_ADD_SUBDIRECTORY)},
	{"unlink", "remove a file", {REMOVING}},
	{"rmdir", "remove a folder", {REMOVING}},
	{"rename",
	 "rename or move",
	 {REMOVING, MAKING, {.rights = FILE_ADD_FILE | FILE_ADD_SUBDIRECTORY, .moved = true}}},
	{"link",
	 "make a hard link",
	 {{.rights = FILE_WRITE_ATTRIBUTES, .posix = FILE_READ_DATA | FILE_WRITE_DATA},
	  {.rights = FILE_ADD_FILE, .where = ACTION_TARGET}}},
	{"utimens", "set times at will", TIMES(0)},
	{"touch", "set times to the present one", TIMES(FILE_WRITE_DATA)},
	{"getxattr", "read extended attributes", ON_OBJECT(FILE_READ_EA)},
	{"setxattr", "write extended attributes", ON_OBJECT(FILE_WRITE_EA)},
	{"read-descriptor", "read owner, group and DACL", ON_OBJECT(READ_CONTROL)},
	{"write-dacl", "change the DACL", ON_OBJECT(WRITE_DAC)},
	{"chmod", "change the mode", ON_OBJECT(WRITE_DAC)},
	{"setfacl", "set a POSIX ACL", ON_OBJECT(WRITE_DAC)},
	{"write-owner", "change owner or group", ON_OBJECT(WRITE_OWNER)},
	{"chown", "change owner or group", ON_OBJECT(WRITE_OWNER)},
	{"read-sacl", "read the SACL", ON_OBJECT(ACCESS_SYSTEM_SECURITY)},
	{"write-sacl", "change the SACL", ON_OBJECT(ACCESS_SYSTEM_SECURITY)},
	{NULL},
};

const struct action *action_table(void)
{
	return actions;
}

const struct action *action_find(const char *name)
{
	for (const struct action *action = actions; action->name; action++) {
		if (strcasecmp(action->name, name) == 0)
			return action;
	}
	return NULL;
}

struct action action_of_rights(uint32_t rights)
{
	return (struct action){NULL, NULL, ON_OBJECT(rights)};
}

/* Does the token, also by what restricts it, hold the owner of @sd? */
static bool holds_owner(const struct token *token, const struct descriptor *sd)
{
	unsigned int held = sd->has_owner ? token_holds(token, &sd->owner) : 0;
	size_t restricted;

	token_restricted(token, &restricted);
	return (held & TOKEN_SID_ALLOW) && (!restricted || (held & TOKEN_SID_RESTRICTED));
}

/* One need in one scene. */
struct judging {
	const struct action_scene *scene;
	struct action_need need;
	struct action_part *part;
};

static const struct action_object *place(const struct judging *judging, enum action_where where)
{
	const struct action_scene *scene = judging->scene;

	if (where == ACTION_TARGET && !scene->places[ACTION_TARGET])
		where = ACTION_FOLDER;
	return scene->places[where];
}

/* Checks for @rights there; the verdict goes to the part. */
static enum sd_error check(struct judging *judging, enum action_where where, uint32_t rights)
{
	struct action_part *part = judging->part;
	struct action_check *check = &part->checks[part->count];
	const struct action_object *object = place(judging, where);
	enum sd_error error = SD_OK;

	check->where = where;
	check->known = object && object->sd;
	if (check->known)
		error = explain(object->sd, judging->scene->token, rights, &check->explanation);
	else
		part->unknown = true;
	if (error)
		return error;
	part->count++;
	part->granted = check->known && explanation_granted(&check->explanation);
	return SD_OK;
}

/* What POSIX gives besides, gives nobody who may not have the right at all. */
static bool may_have(const struct judging *judging)
{
	return (token_rights(judging->scene->token) & judging->need.rights) == judging->need.rights;
}

static bool grants(const struct judging *judging, enum action_where where, uint32_t rights)
{
	return explain_grants(place(judging, where)->sd, judging->scene->token, rights);
}

static bool granted_by_posix(const struct judging *judging)
{
	const struct action_object *object = place(judging, ACTION_OBJECT);

	return judging->need.posix && (object->nature & ACTION_BY_MODE) && may_have(judging) &&
	       grants(judging, ACTION_OBJECT, judging->need.posix);
}

static bool granted_by_sticky(const struct judging *judging)
{
	const struct action_object *folder = place(judging, ACTION_FOLDER);
	const struct action_object *object = place(judging, ACTION_OBJECT);

	return judging->need.sticky && folder && folder->sd && (folder->nature & ACTION_STICKY) &&
	       may_have(judging) && holds_owner(judging->scene->token, object->sd) &&
	       grants(judging, ACTION_FOLDER, FILE_ADD_FILE | FILE_ADD_SUBDIRECTORY);
}

static enum sd_error judge_need(struct judging *judging)
{
	const struct action_need *need = &judging->need;
	struct action_part *part = judging->part;
	enum sd_error error = check(judging, need->where, need->rights);

	if (!error && !part->granted && need->or_rights)
		error = check(judging, need->or_where, need->or_rights);
	if (error || part->granted || !part->checks[0].known)
		return error;
	if (granted_by_posix(judging))
		part->by = ACTION_BY_POSIX;
	else if (granted_by_sticky(judging))
		part->by = ACTION_BY_STICKY;
	part->granted = part->by != ACTION_BY_RIGHTS;
	return SD_OK;
}

/* @need as it is here; false if it is none. */
static bool need_here(const struct action_scene *scene, struct action_need *need)
{
	const struct action_object *object = scene->places[ACTION_OBJECT];

	if (need->by_kind)
		need->rights = object->folder ? FILE_ADD_SUBDIRECTORY : FILE_ADD_FILE;
	if (need->moved)
		return object->folder && (object->nature & ACTION_BY_MODE) &&
		       scene->places[ACTION_TARGET];
	return need->rights;
}

static bool is_stat(const struct action *action)
{
	return action->needs[0].rights == FILE_READ_ATTRIBUTES && action->needs[0].or_rights;
}

static bool level_suffices(const struct token *token)
{
	return !token_actor(token) || token_level(token) != TOKEN_IDENTIFY;
}

enum sd_error action_judge(const struct action *action, const struct action_scene *scene,
			   struct action_ruling *ruling)
{
	enum sd_error error = SD_OK;

	*ruling = (struct action_ruling){.granted = true};
	for (size_t i = 0; i < ACTION_NEEDS && ruling->granted && !error; i++) {
		struct judging judging = {scene, action->needs[i], &ruling->parts[ruling->count]};

		if (!need_here(scene, &judging.need))
			continue;
		error = judge_need(&judging);
		ruling->count++;
		ruling->granted = judging.part->granted;
		ruling->unknown = !judging.part->granted && judging.part->unknown;
	}
	ruling->level_low = !level_suffices(scene->token);
	if (ruling->level_low)
		ruling->granted = ruling->unknown = false;
	/* nobody is asked who they are */
	if (is_stat(action) && scene->public_attributes) {
		ruling->granted = true;
		ruling->unknown = ruling->level_low = false;
	}
	if (error)
		action_clear(ruling);
	return error;
}

void action_clear(struct action_ruling *ruling)
{
	for (size_t i = 0; i < ruling->count; i++) {
		for (size_t n = 0; n < ruling->parts[i].count; n++)
			explanation_clear(&ruling->parts[i].checks[n].explanation);
	}
	ruling->count = 0;
}
