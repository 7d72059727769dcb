/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise save: whole descriptors of a tree, as a file for guise restore or for icacls.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "error.h"
#include "icacls.h"
#include "saved.h"
#include "walk.h"

enum save_value {
	SAVE_FORMAT = SCOPE_END,
};

struct save {
	struct scope scope;
	enum saved_format format;
	const char *root;        /* as it was named */
	char real[PATH_MAX];     /* what that is */
	const char *folder_name; /* its last name, with which paths for icacls begin */
	bool sacl;
	struct saved_writer writer;
	int failure;       /* of writing; nothing more is written */
	struct object top; /* what the root is */
};

/* The path of @visit below the root, "." that itself. */
static const char *below_root(const struct save *save, const struct visit *visit)
{
	const char *path = visit->path + (visit->depth ? strlen(save->root) : 0);

	if (visit->depth == 0)
		return ".";
	return path + strspn(path, "/");
}

static char type_of(const struct object *object)
{
	struct statx st;

	if (statx(object->fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &st) < 0)
		return SAVED_UNKNOWN;
	return saved_type(st.stx_mode);
}

static int put_guise(struct save *save, const struct visit *visit, struct saved *saved)
{
	saved->type = type_of(visit->object);
	saved->path = strdup(below_root(save, visit));
	return saved->path ? saved_put(&save->writer, saved) : -ENOMEM;
}

static int put_icacls(struct save *save, const struct visit *visit, const struct saved *saved)
{
	const char *path = below_root(save, visit);
	char *whole;
	int error;

	if (asprintf(&whole, "%s%s%s", save->folder_name, visit->depth ? "/" : "",
		     visit->depth ? path : "") < 0)
		return -ENOMEM;
	error = icacls_put(save->writer.file, whole, saved->sd);
	free(whole);
	return error;
}

/* What could not be read is not in the file, which says so. */
static void note_unread(struct save *save, const struct visit *visit, int error)
{
	if (save->format == SAVED_GUISE &&
	    saved_note(&save->writer, below_root(save, visit), error_text(error)) < 0)
		save->failure = EIO;
}

static int report_put(struct save *save, const char *path, int error)
{
	switch (error) {
	case EILSEQ:
		error_about(path, "not saved: Windows has no such names");
		return STATUS_FAILED;
	case ENOTSUP:
		error_about(path, "not saved: its DACL has no SDDL, and a file of icacls holds "
				  "nothing else");
		return STATUS_FAILED;
	default:
		save->failure = error;
		save->scope.keep_going = false;
		return error_report("standard output", error);
	}
}

static int save_visit(void *context, const struct visit *visit)
{
	struct save *save = context;
	SAVED_CLEANUP struct saved saved = {0};
	enum origin origin = ORIGIN_MOUNT;
	int error;

	if (visit->depth == 0 &&
	    (visit->object->ino != save->top.ino || visit->object->device != save->top.device)) {
		error_about(visit->path, "it was exchanged while it was looked at");
		save->failure = ESTALE;
		save->scope.keep_going = false;
		return STATUS_FAILED;
	}
	if (save->format == SAVED_ICACLS && visit->object->symlink)
		return STATUS_OK;
	error = object_read(visit->object, &saved.sd, &origin);
	if (error < 0) {
		note_unread(save, visit, -error);
		return object_report_read(visit->path, -error);
	}
	saved.implied = origin == ORIGIN_IMPLIED;
	error = save->format == SAVED_GUISE ? put_guise(save, visit, &saved)
					    : put_icacls(save, visit, &saved);
	return error < 0 ? report_put(save, visit->path, -error) : STATUS_OK;
}

/* Does a mount show the SACLs to the caller?  A backing folder hides none. */
static bool sees_sacl(const struct object *object)
{
	static const char wanted[] = "privilege SeSecurityPrivilege";
	char *text = NULL;
	size_t size;
	bool found = false;

	if (!object->guisefs)
		return true;
	if (object_attribute(object, ATTRIBUTE_WHOAMI, &text, &size) < 0)
		return false;
	for (const char *line = text; line && !found; line = strchr(line, '\n')) {
		line += *line == '\n';
		found = strncmp(line, wanted, strlen(wanted)) == 0 &&
			(line[strlen(wanted)] == '\n' || line[strlen(wanted)] == '\0');
	}
	free(text);
	return found;
}

/* Looks at the root: where it is, and what of it can be seen. */
static int look(struct save *save)
{
	struct object *object = &save->top;
	int flags = O_PATH | O_CLOEXEC | (scope_follows_named(&save->scope) ? 0 : O_NOFOLLOW);
	int fd = open(save->root, flags);
	int error = fd < 0 ? -errno : object_adopt(fd, object);
	ssize_t length;

	if (error < 0)
		return error_report(save->root, -error);
	if (object->symlink) {
		error_about(save->root, "a symbolic link; with a slash at the end it is what the "
					"link leads to");
		return STATUS_USAGE;
	}
	/* where this very object is: by its name it could be found elsewhere by now */
	length = readlink(object->link, save->real, sizeof(save->real) - 1);
	if (length < 0)
		return error_report(save->root, errno);
	save->real[length] = '\0';
	save->folder_name = strrchr(save->real, '/');
	save->folder_name = save->folder_name && save->folder_name[1] ? save->folder_name + 1 : ".";
	save->sacl = sees_sacl(object);
	return STATUS_OK;
}

static void say_what_is_left_out(const struct save *save)
{
	if (save->format == SAVED_ICACLS)
		error_about(save->root, "owners, groups and SACLs are not saved: a file of icacls "
					"holds DACLs only");
	else if (!save->sacl)
		error_about(save->root, "SACLs are not saved: to read them takes "
					"SeSecurityPrivilege");
}

static int save_tree(struct save *save)
{
	const struct walk walk = {.scope = &save->scope,
				  .visit = save_visit,
				  .context = save,
				  .shows_progress = walk_output_is_apart()};
	char *path;
	int error, status = look(save);

	if (status != STATUS_OK)
		return status;
	say_what_is_left_out(save);
	save->writer.file = stdout;
	error = save->format == SAVED_GUISE
			? saved_begin(&save->writer, stdout, save->real, save->sacl)
			: icacls_begin(stdout);
	if (error < 0)
		return error_report("standard output", -error);
	path = strdup(save->root);
	if (!path)
		return error_report(save->root, ENOMEM);
	status = walk_paths(&walk, &path, 1);
	free(path);
	if (save->failure)
		return STATUS_FAILED;
	error = save->format == SAVED_GUISE ? saved_end(&save->writer) : 0;
	return error < 0 ? error_report("standard output", -error) : status;
}

static int set_format(struct save *save, const char *text)
{
	if (strcmp(text, "guise") == 0)
		save->format = SAVED_GUISE;
	else if (strcmp(text, "icacls") == 0)
		save->format = SAVED_ICACLS;
	else
		return error_usage("--format %s: expected guise or icacls", text);
	return STATUS_OK;
}

int save_run(int argc, char **argv)
{
	static const struct option options[] = {
		{"recursive", no_argument, NULL, 'R'},
		{"one-file-system", no_argument, NULL, 'x'},
		{"format", required_argument, NULL, SAVE_FORMAT},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct save save = {.top = OBJECT_NONE, .format = SAVED_GUISE, .scope.keep_going = true};
	int option;

	while ((option = command_option(argc, argv, ":hRx", options)) != 0) {
		if (option == SAVE_FORMAT) {
			if (set_format(&save, optarg) != STATUS_OK)
				return STATUS_USAGE;
		} else if (!scope_option(&save.scope, option)) {
			return command_stop(option);
		}
	}
	if (argc - optind != 1)
		return error_usage("expected one PATH");
	if (save.format == SAVED_ICACLS && isatty(STDOUT_FILENO))
		return error_usage("a file of icacls is no text for a terminal: redirect it");
	save.root = argv[optind];
	return save_tree(&save);
}
