/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asking what a token may do. */
#include "inquiry.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl/mask.h"
#include "command.h"
#include "error.h"
#include "keyring/scoped.h"
#include "rights.h"

int inquiry_action(const char *text, struct action *action)
{
	const struct action *found = action_find(text);
	struct rights_fault fault;
	uint32_t rights;

	if (found) {
		*action = *found;
		return STATUS_OK;
	}
	if (!rights_read(text, strlen(text), RIGHTS_ALLOW, &rights, &fault)) {
		error_usage("%s: expected an operation, such as open-read or unlink, or %s", text,
			    fault.expected);
		return STATUS_USAGE;
	}
	if (!rights)
		return error_usage("%s: no right at all", text);
	*action = action_of_rights(rights);
	return STATUS_OK;
}

static bool needs_place(const struct action *action, enum action_where where)
{
	for (size_t i = 0; i < ACTION_NEEDS; i++) {
		const struct action_need *need = &action->needs[i];

		if (need->where == where || (need->or_rights && need->or_where == where))
			return true;
	}
	return false;
}

/* Is something made in the object, a folder? */
static bool makes(const struct action *action)
{
	static const char *const names[] = {"create", "mkdir", "symlink", "mknod"};

	for (size_t i = 0; action->name && i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(action->name, names[i]) == 0)
			return true;
	}
	return false;
}

static int open_object(const char *path, const struct scope *scope, struct inquiry *inquiry)
{
	int error = site_open(path, scope, &inquiry->object);

	if (error == -ENOENT && makes(&inquiry->action)) {
		SCOPED_BUFFER char *copy = strdup(path);

		error = copy ? site_open(dirname(copy), NULL, &inquiry->object) : -ENOMEM;
	}
	if (error < 0)
		return error_report(path, -error);
	if (makes(&inquiry->action) && !inquiry->object.object.folder) {
		error_about(path, "not a folder, in which something could be made");
		return STATUS_USAGE;
	}
	return STATUS_OK;
}

/* The folder something goes to; *@has is false if it is the one it is in. */
static int open_target(const char *to, struct inquiry *inquiry)
{
	const struct object *folder = &inquiry->folder.object, *target = &inquiry->target.object;
	int error = site_open(to, NULL, &inquiry->target);

	if (error < 0)
		return error_report(to, -error);
	if (!target->folder) {
		error_about(to, "not a folder");
		return STATUS_USAGE;
	}
	inquiry->has_target = !inquiry->has_folder || folder->mount != target->mount ||
			      folder->ino != target->ino;
	return STATUS_OK;
}

static int open_folder(struct inquiry *inquiry)
{
	const struct action *action = &inquiry->action;
	int error;

	inquiry->above.object = &inquiry->object;
	if (!needs_place(action, ACTION_FOLDER) && !needs_place(action, ACTION_TARGET))
		return STATUS_OK;
	error = site_above(&inquiry->object, &inquiry->folder);
	inquiry->has_folder = error == 0;
	if (error < 0 && error != -ENOENT && error != -EACCES)
		return error_report(inquiry->object.path, -error);
	return STATUS_OK;
}

int inquiry_open(const char *path, const struct scope *scope, const char *to,
		 struct inquiry *inquiry)
{
	int status = open_object(path, scope, inquiry);

	if (status == STATUS_OK && to && !needs_place(&inquiry->action, ACTION_TARGET))
		return error_usage("--to is for rename and link");
	if (status == STATUS_OK)
		status = open_folder(inquiry);
	return status == STATUS_OK && to ? open_target(to, inquiry) : status;
}

int inquiry_adopt(struct object *object, const char *path, struct inquiry *inquiry)
{
	inquiry->above.object = &inquiry->object;
	return site_adopt(object, path, &inquiry->object);
}

int inquiry_visit(const struct visit *visit, struct inquiry *inquiry)
{
	int error = site_visit(visit, &inquiry->object);

	return error < 0 ? error_report(visit->path, -error) : open_folder(inquiry);
}

const struct site *inquiry_site(const struct inquiry *inquiry, enum action_where where)
{
	switch (where) {
	case ACTION_OBJECT:
		return &inquiry->object;
	case ACTION_TARGET:
		if (inquiry->has_target)
			return &inquiry->target;
		/* fall through */
	default:
		return inquiry->has_folder ? &inquiry->folder : NULL;
	}
}

/* Does finding @child (NULL: a name that is not there yet) in @folder take FILE_TRAVERSE on it? */
static bool must_traverse(const struct site *folder, const struct site *child)
{
	bool implied = folder->what.nature & ACTION_IMPLIED;

	/* what is not known could say so */
	if (folder->strict || !folder->sd || folder->no_natures || (child && child->no_natures))
		return true;
	if (implied)
		return !folder->root;
	return child && (child->what.nature & ACTION_IMPLIED);
}

static int step(const struct site *folder, const struct site *child, inquiry_passing visit,
		void *context)
{
	return must_traverse(folder, child) ? visit(context, folder) : 0;
}

int inquiry_way(struct inquiry *inquiry, inquiry_passing visit, void *context)
{
	const struct site *child = &inquiry->object, *folder;
	int stop = 0;

	/* where a mount of a backing folder begins is not known, so neither is the way */
	if (!child->object.guisefs)
		return 0;
	if (makes(&inquiry->action))
		stop = step(&inquiry->object, NULL, visit, context);
	if (stop == 0 && inquiry->has_target)
		stop = step(&inquiry->target, NULL, visit, context);
	for (size_t level = 0; stop == 0; level++) {
		folder = ancestry_get(&inquiry->above, level);
		if (!folder)
			break;
		stop = step(folder, child, visit, context);
		child = folder;
	}
	if (stop != 0 || inquiry->above.end == 0 || inquiry->above.end == -ENOENT)
		return stop;
	return inquiry->above.end == -ENOMEM ? -ENOMEM : visit(context, NULL);
}

struct passage {
	struct inquiry *inquiry;
	const struct token *token;
};

/* The highest that may not be passed is what keeps the token out. */
static int judge_step(void *context, const struct site *folder)
{
	const struct passage *passage = context;
	struct inquiry *inquiry = passage->inquiry;

	if (folder && folder->sd && explain_grants(folder->sd, passage->token, FILE_TRAVERSE))
		return 0;
	if (!folder || !folder->sd || folder->no_natures) {
		inquiry->way_unknown = true;
		inquiry->unread = folder;
		return 0;
	}
	explanation_clear(&inquiry->passing);
	inquiry->barrier = folder;
	return -sd_errno(explain(folder->sd, passage->token, FILE_TRAVERSE, &inquiry->passing));
}

static void forget_way(struct inquiry *inquiry)
{
	explanation_clear(&inquiry->passing);
	inquiry->barrier = inquiry->unread = NULL;
	inquiry->way_unknown = false;
}

int inquiry_judge_way(struct inquiry *inquiry, const struct token *token)
{
	struct passage passage = {inquiry, token};

	forget_way(inquiry);
	if (token_privileges(token) & SE_CHANGE_NOTIFY_PRIVILEGE)
		return 0;
	return inquiry_way(inquiry, judge_step, &passage);
}

static void forget_ruling(struct inquiry *inquiry)
{
	action_clear(&inquiry->ruling);
	forget_way(inquiry);
}

int inquiry_judge(struct inquiry *inquiry, const struct token *token)
{
	struct action_scene scene = {
		.token = token,
		.places = {&inquiry->object.what,
			   inquiry->has_folder ? &inquiry->folder.what : NULL,
			   inquiry->has_target ? &inquiry->target.what : NULL},
		.public_attributes = inquiry->object.public,
	};
	enum sd_error fault;

	forget_ruling(inquiry);
	fault = action_judge(&inquiry->action, &scene, &inquiry->ruling);
	return fault ? -sd_errno(fault) : inquiry_judge_way(inquiry, token);
}

bool inquiry_granted(const struct inquiry *inquiry)
{
	return inquiry->ruling.granted && !inquiry->barrier && !inquiry->way_unknown;
}

bool inquiry_unknown(const struct inquiry *inquiry)
{
	if (inquiry->barrier || inquiry->ruling.level_low)
		return false;
	return inquiry->ruling.unknown || (inquiry->ruling.granted && inquiry->way_unknown);
}

void inquiry_clear(struct inquiry *inquiry)
{
	forget_ruling(inquiry);
	ancestry_clear(&inquiry->above);
	site_clear(&inquiry->object);
	site_clear(&inquiry->folder);
	site_clear(&inquiry->target);
}
