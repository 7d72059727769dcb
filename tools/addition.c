/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Entries that add and deny put into lists.
 */
#include "addition.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "entry.h"
#include "error.h"
#include "text.h"

#define AUDIT_FLAGS (SUCCESSFUL_ACCESS_ACE_FLAG | FAILED_ACCESS_ACE_FLAG)

static bool is_audit(const struct ace *ace)
{
	return ace->type == SYSTEM_AUDIT_ACE_TYPE || ace->type == SYSTEM_AUDIT_OBJECT_ACE_TYPE ||
	       ace->type == SYSTEM_AUDIT_CALLBACK_ACE_TYPE;
}

/* Why @ace is none that this command adds; NULL if it is one. */
static const char *unfit(const struct addition *addition, const struct ace *ace)
{
	if (ace->flags & INHERITED_ACE)
		return "inherited entries come from the folder: leave out (I), or change that";
	if (revision_is_sacl(ace->type) && !is_audit(ace))
		return "neither allows, denies nor audits: see guise set and guise edit";
	if (!ace->mask)
		return "names no right";
	if (addition->deny && !ace_type_is_deny(ace->type))
		return "does not deny: see guise add";
	if (!addition->deny && ace_type_is_deny(ace->type))
		return "denies: see guise deny";
	if (addition->audit && !is_audit(ace))
		return "is not one that --audit can make an audit entry of";
	return NULL;
}

static int read_one(struct addition *addition, const char *text)
{
	struct ace *ace = &addition->aces[addition->count];
	struct entry_fault fault;
	enum sd_error error = (addition->deny ? entry_read_denial : entry_read)(text, ace, &fault);
	const char *why;

	if (error)
		return entry_report(text, error, &fault);
	addition->count++;
	if (addition->audit && ace->type == ACCESS_ALLOWED_ACE_TYPE) {
		ace->type = SYSTEM_AUDIT_ACE_TYPE;
		ace->flags |= addition->audit;
	}
	why = unfit(addition, ace);
	return why ? error_usage("%s: %s", text, why) : STATUS_OK;
}

static int read_all(struct addition *addition, int count)
{
	int status = STATUS_OK;

	addition->aces = calloc((size_t)count, sizeof(*addition->aces));
	if (!addition->aces)
		return error_report("entries", ENOMEM);
	for (int i = 0; i < count && status == STATUS_OK; i++)
		status = read_one(addition, addition->texts[i]);
	return status;
}

/* @ace as @target can have it in *@fit; false if there is nothing of it that it could have. */
static bool fit(const struct target *target, const struct ace *ace, const char *text,
		struct ace *fit)
{
	bool applies;

	*fit = *ace;
	if (target->folder)
		return true;
	applies = edit_fit_file(fit);
	if (!target->named)
		return applies;
	if (!applies)
		error_about(target->path, "warning: %s is for what is in a folder, and left out",
			    text);
	else if (fit->flags != ace->flags)
		error_about(target->path,
			    "warning: a file hands nothing down: the flags of %s are "
			    "left out",
			    text);
	return applies;
}

static int refuse_open(const struct target *target)
{
	error_about(target->path,
		    "everybody has full control (it has no DACL), and an entry would take that "
		    "from all others; --force does so");
	return STATUS_DENIED;
}

static int add_one(struct addition *addition, struct revision *revision, size_t i)
{
	TEXT_CLEANUP char *name = NULL;
	struct edit_note note;
	struct acl *list = NULL;
	enum sd_error error;
	struct ace ace;

	if (!fit(revision->target, &addition->aces[i], addition->texts[i], &ace))
		return STATUS_OK;
	if (!revision_is_sacl(ace.type) && revision_is_open(revision) && !addition->force)
		return refuse_open(revision->target);
	error = edit_add(revision_list(revision, ace.type), &ace, addition->replace, &list, &note);
	if (error)
		return revision_report(revision->target, error);
	name = note.withheld ? entry_principal(&ace.sid) : NULL;
	revision_tell(revision, &note, name ? name : "it", &addition->tally);
	if (note.changed)
		revision_put(revision, ace.type, list);
	else
		acl_destroy(list);
	return STATUS_OK;
}

static int make(void *context, const struct target *target, struct descriptor **to)
{
	struct addition *addition = context;
	struct revision revision;
	int status = revision_begin(&revision, target);

	for (size_t i = 0; i < addition->count && status == STATUS_OK; i++)
		status = add_one(addition, &revision, i);
	revision_end(&revision, status == STATUS_OK ? to : NULL);
	return status;
}

int addition_run(struct addition *addition, char *const *arguments, int count)
{
	int paths = addition->change.scope.files_from ? 0 : 1;
	int status;

	if (count < paths + 1)
		return error_usage(paths ? "expected a PATH and one ENTRY or more"
					 : "expected one ENTRY or more");
	addition->texts = arguments + paths;
	status = read_all(addition, count - paths);
	if (status == STATUS_OK) {
		addition->change.make = make;
		addition->change.context = addition;
		status = change_paths(&addition->change, arguments, paths);
		revision_tell_tally(&addition->tally);
	}
	for (size_t i = 0; i < addition->count; i++)
		entry_clear(&addition->aces[i]);
	free(addition->aces);
	return status;
}
