/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise remove: takes entries out of lists.
 */
#include <errno.h>
#include <stdlib.h>

#include "acl/mask.h"
#include "command.h"
#include "entry.h"
#include "error.h"
#include "keyring/idmap.h"
#include "revision.h"

/* What goes: all entries of a principal, or one entry. */
struct subject {
	const char *text;
	bool exact;
	struct ace ace; /* its SID alone, unless exact */
};

struct removal {
	struct subject *subjects;
	size_t count;
	unsigned int kinds; /* EDIT_…, 0 if none was given */
	struct change change;
	struct revision_tally tally;
};

static int read_subject(struct removal *removal, const char *text)
{
	struct subject *subject = &removal->subjects[removal->count];
	struct entry_fault fault;
	enum sd_error error;

	subject->text = text;
	subject->ace = (struct ace){.type = removal->kinds == EDIT_AUDIT ? SYSTEM_AUDIT_ACE_TYPE
									 : ACCESS_ALLOWED_ACE_TYPE};
	removal->count++;
	/* "*S-1-1-0", as icacls wants it, is no ENTRY either */
	if (idmap_sid_parse(text[0] == '*' ? text + 1 : text, &subject->ace.sid))
		return STATUS_OK;
	subject->exact = true;
	error = entry_read(text, &subject->ace, &fault);
	if (error)
		return entry_report(text, error, &fault);
	if (removal->kinds)
		return error_usage("%s: an ENTRY says itself what it is; --allow, --deny and "
				   "--audit are for a PRINCIPAL",
				   text);
	return STATUS_OK;
}

/* On files entries are stored without inheritance flags, and everywhere without generic rights. */
static struct ace as_stored(const struct ace *ace, bool folder)
{
	struct ace stored = *ace;

	if (!folder && !(ace->flags & INHERIT_ONLY_ACE))
		edit_fit_file(&stored);
	if (!(stored.flags & INHERIT_ONLY_ACE))
		stored.mask = mask_map_generic(stored.mask);
	stored.flags |= ace->flags & INHERITED_ACE;
	return stored;
}

static enum sd_error take_exactly(const struct acl *list, const struct subject *subject,
				  bool folder, struct acl **result, struct edit_note *note)
{
	const struct ace stored = as_stored(&subject->ace, folder);
	enum sd_error error = edit_remove_exactly(list, &subject->ace, result, note);

	if (error || note->removed)
		return error;
	acl_destroy(*result);
	return edit_remove_exactly(list, &stored, result, note);
}

/* All that @list says of the SID of @subject, to show what the ENTRY could have been. */
static void tell_others(const struct target *target, const struct acl *list,
			const struct subject *subject)
{
	for (size_t i = 0; list && i < list->count; i++) {
		char *text = NULL;

		if (list->aces[i].opaque || !sid_equal(&list->aces[i].sid, &subject->ace.sid))
			continue;
		if (entry_write(&list->aces[i], &text) == SD_OK)
			error_about(target->path, "it has %s", text);
		free(text);
	}
}

/* There was nothing to take away. */
static int tell_nothing(const struct target *target, const struct acl *list,
			const struct subject *subject, const struct edit_note *note)
{
	if (note->inherited) {
		error_about(target->path,
			    "%s is there by inheritance only: take it out of the folder it comes "
			    "from, or cut the list off with guise inherit copy first",
			    subject->text);
		return STATUS_DENIED;
	}
	if (!subject->exact) {
		error_about(target->path, "warning: there is no such entry for %s", subject->text);
		return STATUS_OK;
	}
	error_about(target->path, "has no entry %s", subject->text);
	tell_others(target, list, subject);
	return STATUS_DENIED;
}

/* What there is to say after an edit. */
static int tell(struct removal *removal, const struct revision *revision, const struct acl *list,
		const struct subject *subject, const struct edit_note *note)
{
	const struct target *target = revision->target;

	revision_tell(revision, note, subject->text, &removal->tally);
	if (!target->named) {
		removal->tally.inherited += note->inherited > 0;
		return STATUS_OK;
	}
	if (!note->removed)
		return tell_nothing(target, list, subject, note);
	if (note->inherited)
		error_about(target->path, "warning: %s still has entries by inheritance",
			    subject->text);
	return STATUS_OK;
}

static int take(struct removal *removal, struct revision *revision, const struct subject *subject)
{
	uint8_t type = subject->ace.type;
	unsigned int kinds = removal->kinds ? removal->kinds : EDIT_ALLOW | EDIT_DENY;
	const struct acl *list = revision_list(revision, type);
	bool folder = revision->target->folder;
	struct edit_note note;
	struct acl *result = NULL;
	enum sd_error error;
	int status;

	if (!revision_is_sacl(type) && revision_is_open(revision)) {
		error_about(revision->target->path,
			    "everybody has full control (it has no DACL): there is no entry to "
			    "remove; guise set and guise add --force give it a list");
		return STATUS_DENIED;
	}
	error = subject->exact ? take_exactly(list, subject, folder, &result, &note)
			       : edit_remove(list, &subject->ace.sid, kinds, &result, &note);
	if (error)
		return revision_report(revision->target, error);
	status = tell(removal, revision, list, subject, &note);
	if (note.changed)
		revision_put(revision, type, result);
	else
		acl_destroy(result);
	return status;
}

static void tell_empty(struct removal *removal, const struct revision *revision)
{
	if (!revision->changed || !revision->sd->dacl || revision->sd->dacl->count > 0)
		return;
	if (revision->target->named)
		error_about(revision->target->path,
			    "warning: its list is empty now: nobody but the owner has rights");
	else
		removal->tally.emptied++;
}

static int make(void *context, const struct target *target, struct descriptor **to)
{
	struct removal *removal = context;
	struct revision revision;
	int status = revision_begin(&revision, target);

	for (size_t i = 0; i < removal->count && status == STATUS_OK; i++)
		status = take(removal, &revision, &removal->subjects[i]);
	if (status == STATUS_OK)
		tell_empty(removal, &revision);
	revision_end(&revision, status == STATUS_OK ? to : NULL);
	return status;
}

static int run(struct removal *removal, char *const *arguments, int count)
{
	int paths = removal->change.scope.files_from ? 0 : 1;
	int status = STATUS_OK;

	if (count < paths + 1)
		return error_usage(paths ? "expected a PATH and one PRINCIPAL or ENTRY or more"
					 : "expected one PRINCIPAL or ENTRY or more");
	if ((removal->kinds & EDIT_AUDIT) && removal->kinds != EDIT_AUDIT)
		return error_usage("--audit goes with neither --allow nor --deny");
	removal->subjects = calloc((size_t)count, sizeof(*removal->subjects));
	if (!removal->subjects)
		return error_report("entries", ENOMEM);
	for (int i = paths; i < count && status == STATUS_OK; i++)
		status = read_subject(removal, arguments[i]);
	if (status == STATUS_OK) {
		removal->change.make = make;
		removal->change.takes_away = true;
		removal->change.context = removal;
		status = change_paths(&removal->change, arguments, paths);
		revision_tell_tally(&removal->tally);
	}
	for (size_t i = 0; i < removal->count; i++)
		entry_clear(&removal->subjects[i].ace);
	free(removal->subjects);
	return status;
}

int remove_run(int argc, char **argv)
{
	static const struct option options[] = {
		CHANGE_OPTIONS,
		{"allow", no_argument, NULL, 'g'},
		{"deny", no_argument, NULL, 'd'},
		{"audit", no_argument, NULL, 'a'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct removal removal = {0};
	int option;

	while ((option = command_option(argc, argv, ":h" CHANGE_LETTERS, options)) != 0) {
		if (option == 'g')
			removal.kinds |= EDIT_ALLOW;
		else if (option == 'd')
			removal.kinds |= EDIT_DENY;
		else if (option == 'a')
			removal.kinds |= EDIT_AUDIT;
		else if (!change_option(&removal.change, option))
			return command_stop(option);
	}
	return run(&removal, argv + optind, argc - optind);
}
