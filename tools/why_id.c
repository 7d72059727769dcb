/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise why --id: what a mount decided, and why, as its audit has it.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "error.h"
#include "keyring/mounts.h"
#include "object.h"
#include "text.h"
#include "why.h"
#include "why_record.h"

#define ATTRIBUTE_AUDIT "system.guise.audit"
#define ID_MAX 40

struct search {
	const char *id;
	json_t *record;
	unsigned int files; /* read to their end */
	int error;          /* of a mount that would not say, or of a file; positive */
};

static void search_stream(struct search *search, FILE *file, const char *name)
{
	errno = 0;
	search->record = why_find(file, search->id);
	if (search->record || !ferror(file)) {
		search->files++;
		return;
	}
	search->error = errno ? errno : EIO;
	error_report(name, search->error);
}

/* What is no regular file would make us wait, and has no records. */
static FILE *open_regular(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;
	FILE *file = NULL;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		file = fdopen(fd, "r");
	else
		errno = ENOTSUP;
	if (!file)
		close(fd);
	return file;
}

static void search_file(struct search *search, const char *path)
{
	FILE *file = open_regular(path);

	if (file) {
		search_stream(search, file, path);
		fclose(file);
		return;
	}
	search->error = errno;
	if (errno == ENOTSUP)
		error_about(path, "not a regular file");
	else
		error_report(path, search->error);
}

/* The audit file of the mount whose root @fd is. */
static bool search_mount(int fd, const char *path, void *context)
{
	OBJECT_CLEANUP struct object object = OBJECT_NONE;
	TEXT_CLEANUP char *file = NULL;
	struct search *search = context;
	size_t size;
	int own, error;

	if (fd < 0)
		return false;
	own = dup(fd);
	error = own < 0 ? -errno : object_adopt(own, &object);
	if (error == 0)
		error = object_attribute(&object, ATTRIBUTE_AUDIT, &file, &size);
	if (error == 0)
		search_file(search, file);
	else if (error != -ENODATA)
		search->error = -error;
	return search->record;
}

/* Why nothing was found; the exit status. */
static int report_missing(const struct search *search)
{
	if (search->files) {
		error_about(search->id, "no such record in the audit");
		return STATUS_FAILED;
	}
	if (search->error == EPERM || search->error == EACCES) {
		error_say("only root may ask a mount where its audit is; or name the file by "
			  "--audit");
		return STATUS_DENIED;
	}
	if (!search->error)
		error_say("no guisefs mount that writes an audit file; name one by --audit");
	return STATUS_FAILED;
}

static int explain_record(const char *id, const char *file)
{
	struct search search = {.id = id};

	if (!file)
		mounts_each_open(search_mount, &search);
	else if (strcmp(file, "-") == 0)
		search_stream(&search, stdin, "standard input");
	else
		search_file(&search, file);
	if (!search.record)
		return report_missing(&search);
	why_print(search.record);
	why_now(search.record);
	json_decref(search.record);
	return STATUS_OK;
}

static bool is_id(const char *text)
{
	size_t length = strspn(text, "0123456789abcdefghijklmnopqrstuvwxyz-");

	return length && length <= ID_MAX && !text[length];
}

int why_id(const char *id, const char *audit_file)
{
	if (!is_id(id))
		return error_usage("--id %s: expected an id such as 7m2kx0qd-3", id);
	return explain_record(id, audit_file);
}
