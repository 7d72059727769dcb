/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise restore: puts back what guise save, or icacls, saved.
 *
 * The file is read twice: nothing is changed before it is known to be whole.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "command.h"
#include "error.h"
#include "keyring/scoped.h"
#include "parts.h"
#include "restoration.h"
#include "saved.h"

enum restore_value {
	RESTORE_TO = 0x200,
	RESTORE_CONTINUE,
	RESTORE_FORCE,
	RESTORE_MAP,
	RESTORE_MAP_FILE,
	RESTORE_DOMAIN,
	RESTORE_HARD_LINKS,
};

struct restore {
	struct restoration restoration;
	struct sid domain;
	bool has_domain, keep_going, force;
	bool foreign;     /* somebody else could have written the file */
	const char *to;   /* where to; NULL: where the file says */
	char *saved_path; /* where the file says */
	const char *name; /* of the file */
	FILE *file;
	unsigned int parts;
	unsigned long taken, failed;
	int status; /* of the last failure */
};

static void fail(struct restore *restore, int status)
{
	restore->failed++;
	restore->status = status;
}

static int report_fault(const struct restore *restore, const struct saved_reader *reader, int error)
{
	if (error != -EBADMSG)
		return error_report(restore->name, -error);
	error_about(restore->name, "line %zu: %s", reader->line, reader->fault);
	return STATUS_USAGE;
}

/* Could somebody else have written what is in @file? */
static bool is_foreign(FILE *file)
{
	struct stat st;

	return fstat(fileno(file), &st) < 0 || (st.st_uid != geteuid() && st.st_uid != 0) ||
	       (st.st_mode & 0022);
}

/* A copy that can be read twice, and that nobody changes meanwhile. */
static FILE *spool(FILE *from)
{
	FILE *copy = tmpfile();
	char bytes[65536];
	size_t size;

	while (copy && (size = fread(bytes, 1, sizeof(bytes), from)) > 0) {
		if (fwrite(bytes, 1, size, copy) != size) {
			fclose(copy);
			return NULL;
		}
	}
	if (copy)
		rewind(copy);
	return copy;
}

static int open_file(struct restore *restore)
{
	bool standard = strcmp(restore->name, "-") == 0;
	FILE *file = standard ? stdin : fopen(restore->name, "re");
	int error;

	if (!file)
		return error_report(restore->name, errno);
	if (standard)
		restore->name = "standard input";
	restore->foreign = !standard && is_foreign(file);
	restore->file = spool(file);
	error = errno;
	if (!standard)
		fclose(file);
	return restore->file ? STATUS_OK : error_report(restore->name, error);
}

/* What is in the file decides where to, and which parts. */
static int settle(struct restore *restore, struct saved_reader *reader)
{
	struct restoration *restoration = &restore->restoration;

	restoration->whole = reader->format == SAVED_GUISE;
	restoration->parts = restore->parts;
	if (reader->format == SAVED_GUISE && !reader->sacl)
		restoration->parts &= ~PART_SACL;
	if (restore->to)
		return STATUS_OK;
	if (!reader->path)
		return error_usage("the file does not say where to: --to DIR is needed");
	if (restore->foreign)
		return error_usage(
			"the file is somebody else's, or others may write it, so it does "
			"not decide where to: --to DIR is needed");
	restore->saved_path = reader->path;
	reader->path = NULL;
	return STATUS_OK;
}

/* Reads the whole file and changes nothing. */
static int look_through(struct restore *restore)
{
	struct saved_reader reader;
	struct saved saved = {0};
	int got = saved_open(&reader, restore->file, restore->has_domain ? &restore->domain : NULL);
	int status = STATUS_OK;

	while (got > 0 || (got == 0 && !reader.ended)) {
		got = saved_next(&reader, &saved);
		saved_clear(&saved);
	}
	if (got < 0 && !(restore->force && got == -EBADMSG)) {
		status = report_fault(restore, &reader, got);
		if (got == -EBADMSG)
			error_about(restore->name, "nothing was changed%s",
				    reader.line > 1 ? " (--force restores what can be read)" : "");
	}
	if (status == STATUS_OK)
		status = settle(restore, &reader);
	saved_close(&reader);
	return status;
}

/* One that the file names has no symbolic link on its way; what the caller names may. */
static int open_root(struct restore *restore)
{
	const struct open_how how = {.flags = O_PATH | O_CLOEXEC,
				     .resolve = restore->to ? 0 : RESOLVE_NO_SYMLINKS};
	const char *path = restore->to ? restore->to : restore->saved_path;
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
	int error = fd < 0 ? -errno : object_adopt(fd, &restore->restoration.root);

	restore->restoration.name = path;
	return error < 0 ? error_report(path, -error) : STATUS_OK;
}

/* Reads on after a line that is wrong, as far as there is a next. */
static bool skip_fault(struct restore *restore, const struct saved_reader *reader, int error)
{
	fail(restore, report_fault(restore, reader, error));
	return error == -EBADMSG && reader->format == SAVED_GUISE && !reader->ended &&
	       restore->force;
}

static void take(struct restore *restore, struct saved *saved)
{
	int status = restoration_take(&restore->restoration, saved);

	restore->taken++;
	if (status != STATUS_OK)
		fail(restore, status);
	saved_clear(saved);
}

static void restore_records(struct restore *restore, struct saved_reader *reader)
{
	struct saved saved = {0};
	int got = 1, status;

	while (got != 0 && (restore->failed == 0 || restore->keep_going)) {
		got = saved_next(reader, &saved);
		if (got > 0)
			take(restore, &saved);
		else if (got < 0 && !skip_fault(restore, reader, got))
			break;
	}
	/* also after a failure: what was restored may rely on the folders above */
	status = restoration_finish(&restore->restoration);
	if (status != STATUS_OK)
		fail(restore, status);
}

static void summarize(const struct restore *restore)
{
	if (restore->failed == 0 && !isatty(STDERR_FILENO))
		return;
	error_say("%lu of %lu %s, %lu failed%s", restore->restoration.changed, restore->taken,
		  restore->restoration.dry_run ? "would be changed" : "changed", restore->failed,
		  restore->failed > 0 && !restore->keep_going ? "; ended at the first" : "");
}

static int restore_all(struct restore *restore)
{
	struct saved_reader reader;
	int got;

	if (fseeko(restore->file, 0, SEEK_SET) < 0)
		return error_report(restore->name, errno);
	got = saved_open(&reader, restore->file, restore->has_domain ? &restore->domain : NULL);
	if (got < 0) {
		int status = report_fault(restore, &reader, got);

		saved_close(&reader);
		return status;
	}
	restore_records(restore, &reader);
	saved_close(&reader);
	summarize(restore);
	if (!restore->failed)
		return STATUS_OK;
	return restore->taken > 1 || restore->failed > 1 ? STATUS_PARTIAL : restore->status;
}

/* A tree may be deeper than the usual number of descriptors. */
static void raise_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int run(struct restore *restore)
{
	int status = open_file(restore);

	if (status == STATUS_OK)
		status = look_through(restore);
	if (status == STATUS_OK)
		status = open_root(restore);
	if (status == STATUS_OK) {
		raise_files();
		status = restore_all(restore);
	}
	if (restore->file)
		fclose(restore->file);
	object_close(&restore->restoration.root);
	free(restore->saved_path);
	return status;
}

/* "S-1-5-21-1-2-3" */
static int set_domain(struct restore *restore, const char *text)
{
	const char *end;

	restore->has_domain = sid_parse(text, &restore->domain, &end) && !*end &&
			      restore->domain.sub_count == 4 && restore->domain.sub[0] == 21;
	return restore->has_domain ? STATUS_OK
				   : error_usage("--domain %s: expected S-1-5-21-N-N-N", text);
}

/* STATUS_OK, or what was wrong; -1 if it is none of these. */
static int set_option(struct restore *restore, int option)
{
	switch (option) {
	case 'n':
		restore->restoration.dry_run = true;
		return STATUS_OK;
	case RESTORE_TO:
		restore->to = optarg;
		return STATUS_OK;
	case RESTORE_CONTINUE:
		restore->keep_going = true;
		return STATUS_OK;
	case RESTORE_HARD_LINKS:
		restore->restoration.hard_links = true;
		return STATUS_OK;
	case RESTORE_FORCE:
		restore->force = restore->keep_going = true;
		return STATUS_OK;
	case RESTORE_MAP:
		return sidmap_add(restore->restoration.map, optarg);
	case RESTORE_MAP_FILE:
		return sidmap_add_file(restore->restoration.map, optarg);
	case RESTORE_DOMAIN:
		return set_domain(restore, optarg);
	default:
		return -1;
	}
}

int restore_run(int argc, char **argv)
{
	static const struct option options[] = {
		{"dry-run", no_argument, NULL, 'n'},
		{"to", required_argument, NULL, RESTORE_TO},
		{"continue", no_argument, NULL, RESTORE_CONTINUE},
		{"force", no_argument, NULL, RESTORE_FORCE},
		{"map-sid", required_argument, NULL, RESTORE_MAP},
		{"map-file", required_argument, NULL, RESTORE_MAP_FILE},
		{"domain", required_argument, NULL, RESTORE_DOMAIN},
		{"hard-links", no_argument, NULL, RESTORE_HARD_LINKS},
		PARTS_OPTIONS,
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	SIDMAP_CLEANUP struct sidmap map = {0};
	struct restore restore = {.restoration = {.root = OBJECT_NONE, .map = &map}};
	int option, status;

	while ((option = command_option(argc, argv, ":hn", options)) != 0) {
		if (parts_option(&restore.parts, option))
			continue;
		status = set_option(&restore, option);
		if (status != STATUS_OK)
			return status < 0 ? command_stop(option) : status;
	}
	if (argc - optind != 1)
		return error_usage("expected one FILE");
	restore.name = argv[optind];
	restore.parts = restore.parts ? restore.parts : PART_ALL;
	status = sidmap_ready(&map);
	return status == STATUS_OK ? run(&restore) : status;
}
