/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise edit: descriptors in an editor.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl/canonical.h"
#include "change.h"
#include "command.h"
#include "edit_file.h"
#include "edit_text.h"
#include "error.h"
#include "keyring/scoped.h"
#include "lockout.h"
#include "specimen.h"
#include "text.h"

#define DESCRIPTOR_CLEANUP __attribute__((cleanup(descriptor_destroyp)))

/* what errors in the text begin with */
#define ERROR_MARK "# ERROR: "

struct editing {
	bool force;
	struct change change;
	struct edit_file file;
};

/* @text without the comments that told former errors, and @why as one before line @line. */
static int annotate(char **text, size_t line, const char *why)
{
	TEXT_CLEANUP char *escaped = text_escape(why, strlen(why));
	char *annotated = NULL;
	char *at = *text;
	size_t size, number = 0;
	FILE *out = escaped ? open_memstream(&annotated, &size) : NULL;

	if (!out)
		return -ENOMEM;
	if (line == 0)
		fprintf(out, ERROR_MARK "%s\n", escaped);
	while (*at) {
		size_t length = strcspn(at, "\n");

		length += at[length] == '\n';
		if (++number == line)
			fprintf(out, ERROR_MARK "%s\n", escaped);
		if (strncmp(at, ERROR_MARK, strlen(ERROR_MARK)) != 0)
			fwrite(at, 1, length, out);
		at += length;
	}
	if (line > number)
		fprintf(out, ERROR_MARK "%s\n", escaped);
	if (fclose(out) != 0) {
		free(annotated);
		return -ENOMEM;
	}
	free(*text);
	*text = annotated;
	return 0;
}

/* Again? */
static bool ask(void)
{
	char answer[16];

	fputs("Edit again (e), or give up and change nothing (q)? ", stderr);
	for (;;) {
		if (!fgets(answer, sizeof(answer), stdin)) {
			fputc('\n', stderr);
			return false;
		}
		if (tolower((unsigned char)answer[0]) == 'e' || answer[0] == '\n')
			return true;
		if (tolower((unsigned char)answer[0]) == 'q')
			return false;
		fputs("(e) or (q)? ", stderr);
	}
}

/* Is there anything but comments in @text? */
static bool is_empty(const char *text)
{
	while (*text) {
		text += strspn(text, " \t\r\n");
		if (*text && *text != '#')
			return false;
		text += strcspn(text, "\n");
	}
	return true;
}

/* What cannot be undone by who did it is not done by mistake; NULL if there is nothing such. */
static const char *objection(const struct editing *editing, const struct target *target,
			     const struct descriptor *to)
{
	bool open = !to->dacl && target->sd->dacl;
	bool out = false;
	int error;

	if (editing->force)
		return NULL;
	if (open)
		return "a DACL that is null gives everybody full control: say --force to mean it";
	error = lockout_check(target->visit->object, to, &out);
	if (error < 0)
		return "it cannot be told whether this would lock you out: say --force to do it "
		       "still";
	return out ? "you would have no WRITE_DAC left to change this again: say --force to mean it"
		   : NULL;
}

/* Reads *@text.  STATUS_OK, STATUS_USAGE with @fault filled in, or a status that was reported. */
static int judge(const struct editing *editing, const struct target *target, const char *text,
		 struct descriptor **to, struct edit_fault *fault)
{
	SCOPED_BUFFER char *copy = strdup(text);
	const char *why;
	int error;

	*fault = (struct edit_fault){0};
	error = copy ? edit_text_read(copy, target->sd, to, fault) : -ENOMEM;
	if (error == -EINVAL)
		return STATUS_USAGE;
	if (error < 0)
		return error_report(target->path, -error);
	why = descriptor_differs(target->sd, *to) ? objection(editing, target, *to) : NULL;
	if (!why)
		return STATUS_OK;
	descriptor_destroy(*to);
	*to = NULL;
	fault->why = strdup(why);
	return fault->why ? STATUS_USAGE : error_report(target->path, ENOMEM);
}

/* What is wrong goes into *@text, at its line; then, shall it be edited again? */
static int again(const struct target *target, char **text, struct edit_fault *fault)
{
	SCOPED_BUFFER char *why = fault->why;
	int error;

	if (fault->line)
		error_about(target->path, "line %zu: %s", fault->line, why);
	else
		error_about(target->path, "%s", why);
	error = annotate(text, fault->line, why);
	if (error < 0)
		return error_report(target->path, -error);
	if (ask())
		return STATUS_OK;
	error_about(target->path, "given up: nothing was changed");
	return STATUS_USAGE;
}

/* One time in the editor: *@text is what came of it. */
static int run_editor(const struct editing *editing, const struct target *target, char **text)
{
	char *edited = NULL;
	int error = edit_file_put(&editing->file, *text);
	int status;

	if (error < 0)
		return error_report(editing->file.path, -error);
	status = edit_file_run(&editing->file);
	if (status != STATUS_OK)
		return status;
	error = edit_file_get(&editing->file, &edited);
	if (error < 0)
		return error_report(editing->file.path, -error);
	free(*text);
	*text = edited;
	if (!is_empty(edited))
		return STATUS_OK;
	error_about(target->path, "the text is empty: nothing was changed");
	return STATUS_DENIED;
}

static char *text_of(const struct target *target)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int error = out ? edit_text_write(out, target->path, target->sd, target->folder) : -ENOMEM;

	if (out && fclose(out) != 0)
		error = -ENOMEM;
	if (error == 0)
		return text;
	free(text);
	return NULL;
}

/* Edits until it can be read, or is given up. */
static int edit(const struct editing *editing, const struct target *target, struct descriptor **to)
{
	SCOPED_BUFFER char *text = text_of(target);
	int status = text ? STATUS_OK : error_report(target->path, ENOMEM);

	while (status == STATUS_OK) {
		struct edit_fault fault;

		status = run_editor(editing, target, &text);
		if (status != STATUS_OK)
			break;
		status = judge(editing, target, text, to, &fault);
		if (status != STATUS_USAGE)
			break;
		status = again(target, &text, &fault);
	}
	return status;
}

static bool is_stream(const struct target *target)
{
	const struct specimen *specimen = target->visit->object->specimen;

	return specimen && specimen_is_stream(specimen);
}

/* The same of a file that holds a descriptor, which was read when it was opened. */
static int specimen_unchanged(const struct target *target)
{
	OBJECT_CLEANUP struct object again = OBJECT_NONE;
	int error = object_open_specimen(target->path, target->folder, &again);
	return error < 0 ? error : object_unchanged(&again, target->sd);
}

/* An editor takes its time: has somebody else changed the descriptor meanwhile? */
static int check_unchanged(const struct target *target)
{
	const struct object *object = target->visit->object;
	int error = object->specimen ? specimen_unchanged(target)
				     : object_unchanged(object, target->sd);

	return error < 0 ? object_report_write(target->path, -error, 0) : STATUS_OK;
}

static void tell(const struct target *target, const struct descriptor *to)
{
	if (!descriptor_differs(target->sd, to))
		error_about(target->path, "nothing was changed");
	else if (acl_is_canonical(target->sd->dacl, NULL) && !acl_is_canonical(to->dacl, NULL))
		error_about(target->path,
			    "warning: its DACL is not in canonical order any more (denials, "
			    "allowances, then what is inherited)");
}

static int make(void *context, const struct target *target, struct descriptor **to)
{
	DESCRIPTOR_CLEANUP struct descriptor *edited = NULL;
	struct editing *editing = context;
	int status;

	if (is_stream(target)) {
		error_about(target->path, "an editor needs standard input itself: put the "
					  "descriptor in a file, and see --descriptor");
		return STATUS_USAGE;
	}
	status = edit(editing, target, &edited);
	if (status == STATUS_OK && descriptor_differs(target->sd, edited))
		status = check_unchanged(target);
	if (status != STATUS_OK)
		return status;
	tell(target, edited);
	*to = edited;
	edited = NULL;
	return STATUS_OK;
}

static int run(struct editing *editing, char *const *paths, int count)
{
	int error = edit_file_create(&editing->file);
	int status;

	if (error < 0) {
		edit_file_remove(&editing->file);
		error_say("no temporary folder can be made: %s", strerror(-error));
		return STATUS_FAILED;
	}
	editing->change.make = make;
	editing->change.context = editing;
	status = change_paths(&editing->change, paths, count);
	edit_file_remove(&editing->file);
	return status;
}

int edit_run(int argc, char **argv)
{
	static const struct option options[] = {
		CHANGE_OPTIONS,
		{"force", no_argument, NULL, 'f'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct editing editing = {.file = EDIT_FILE_NONE};
	int option;

	while ((option = command_option(argc, argv, ":h" CHANGE_LETTERS, options)) != 0) {
		if (option == 'f')
			editing.force = true;
		else if (!change_option(&editing.change, option))
			return command_stop(option);
	}
	if (editing.change.scope.files_from && strcmp(editing.change.scope.files_from, "-") == 0)
		return error_usage("--files-from -: an editor needs standard input itself");
	if (optind >= argc && !editing.change.scope.files_from)
		return error_usage("no PATH given");
	return run(&editing, argv + optind, argc - optind);
}
