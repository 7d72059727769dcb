/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise doctor: says of a host, its mounts and their backing folders what is wrong with them,
 * what it means, and what to do.
 */
#include "doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "doctor_gather.h"
#include "error.h"
#include "keyring/policy.h"
#include "keyring/scoped.h"
#include "patience.h"
#include "text.h"

static void (*const host_checks[])(const struct host *host, struct report *report) = {
	check_device, check_kernel,    check_program, check_passthrough, check_lock,  check_keyring,
	check_quota,  check_quota_use, check_policy,  check_namespaces,  check_clock, check_daemons,
};

/* What a path is. */
struct whereabouts {
	int error; /* an errno of opening it as a folder, or 0 */
	char real[PATH_MAX];
};

static int resolve_here(void *path, int out)
{
	struct whereabouts found = {0};
	SCOPED_FD fd = -1;

	if (!realpath(path, found.real))
		snprintf(found.real, sizeof(found.real), "%s", (const char *)path);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		found.error = errno;
	return write(out, &found, sizeof(found)) == sizeof(found) ? 0 : -EIO;
}

/* To look for links in a path may take as long as a mount on the way does not answer. */
static int resolve(const char *path, struct whereabouts *found)
{
	TEXT_CLEANUP char *bytes = NULL;
	size_t size;
	int error = patience_ask(resolve_here, (void *)(uintptr_t)path, &bytes, &size);

	if (error < 0)
		return error;
	if (size != sizeof(*found))
		return -EIO;
	memcpy(found, bytes, size);
	return 0;
}

/* A mount by its mount point, or else a backing folder.  STATUS_OK, or what was reported. */
static int examine_path(const struct host *host, const char *path, struct report *report)
{
	struct whereabouts where;
	int found = doctor_mounts(host, path, report);
	int error = found == 0 ? resolve(path, &where) : 0;

	if (error == -ETIMEDOUT) {
		doctor_no_answer(path, report);
		return STATUS_OK;
	}
	if (error < 0)
		return error_report(path, -error);
	if (found == 0)
		found = doctor_mounts(host, where.real, report);
	if (found < 0)
		return error_report(path, -found);
	if (found > 0)
		return STATUS_OK;
	if (where.error)
		return error_report(path, where.error);
	doctor_backing(host, path, report);
	return STATUS_OK;
}

static int examine_mounts(const struct host *host, struct report *report)
{
	int found = doctor_mounts(host, NULL, report);

	if (found == 0)
		report_add(report, "mount", SEVERITY_NOTE, NULL,
			   "guise doctor SOURCE looks at a backing folder before it is mounted",
			   "there is no guisefs mount to look at");
	return found < 0 ? error_report("/proc/self/mountinfo", -found) : STATUS_OK;
}

static int examine(const char *path, struct report *report)
{
	struct utsname names;
	char build[128];
	struct host host = {
		.root = "",
		.policy = POLICY_FILE,
		.version = GUISE_VERSION,
		.now = time(NULL),
		.user = geteuid() != 0,
	};

	uname(&names);
	host.release = names.release;
	host.build = gather_build(build, sizeof(build)) ? build : NULL;
	host.keyring = gather_keyring();
	host.clock_unsynced = gather_clock_unsynced();
	for (size_t i = 0; i < sizeof(host_checks) / sizeof(host_checks[0]); i++)
		host_checks[i](&host, report);
	return path ? examine_path(&host, path, report) : examine_mounts(&host, report);
}

static int finish(const struct report *report, int status, bool json)
{
	int error = 0;

	if (json)
		error = report_print_json(report);
	else
		report_print_text(report);
	if (error < 0 || report->incomplete) {
		error_say("%s", strerror(ENOMEM));
		return STATUS_FAILED;
	}
	if (status != STATUS_OK)
		return status;
	return report_worst(report) >= SEVERITY_WARNING ? STATUS_DENIED : STATUS_OK;
}

int doctor_run(int argc, char **argv)
{
	static const struct option options[] = {
		{"format", required_argument, NULL, 'f'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct report report = {0};
	bool json = false;
	int option, status;

	while ((option = command_option(argc, argv, ":h", options)) != 0) {
		if (option != 'f')
			return command_stop(option);
		json = strcmp(optarg, "json") == 0;
		if (!json && strcmp(optarg, "text") != 0)
			return error_usage("--format %s: expected text or json", optarg);
	}
	if (argc - optind > 1)
		return error_usage("%s: more than one folder", argv[optind + 1]);
	status = examine(optind < argc ? argv[optind] : NULL, &report);
	status = finish(&report, status, json);
	report_clear(&report);
	return status;
}
