/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise policy reload: every mount of the host reads its policy again, and says what came of it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "error.h"
#include "keyring/mounts.h"
#include "object.h"
#include "text.h"

#define ATTRIBUTE_RELOAD "system.guise.policy.reload"

struct tally {
	unsigned int mounts, failed;
	bool denied;
};

/* Asks the mount whose root @fd is; its answer (caller frees) or -errno. */
static int ask(int fd, char **answer)
{
	OBJECT_CLEANUP struct object object = OBJECT_NONE;
	size_t size;
	int own, error;

	if (fd < 0)
		return fd;
	own = dup(fd);
	if (own < 0)
		return -errno;
	error = object_adopt(own, &object);
	return error < 0 ? error : object_attribute(&object, ATTRIBUTE_RELOAD, answer, &size);
}

static bool reload(int fd, const char *path, void *context)
{
	TEXT_CLEANUP char *answer = NULL;
	struct tally *tally = context;
	int error = ask(fd, &answer);

	/* unmounted meanwhile, or without a daemon that could have a policy */
	if (error == -ENOENT || error == -ENOTCONN || error == -ECONNABORTED)
		return false;
	tally->mounts++;
	if (error == -EPERM) {
		tally->denied = true;
		return true;
	}
	if (error < 0) {
		error_about(path, "%s", error_text(-error));
		tally->failed++;
	} else if (strcmp(answer, "ok") != 0) {
		error_about(path, "%s", answer);
		tally->failed++;
	} else {
		text_print_name(stdout, path);
		puts(": ok");
	}
	return false;
}

static int reload_all(void)
{
	struct tally tally = {0};
	int error = mounts_each_open(reload, &tally);

	if (tally.denied) {
		error_say("only root may have mounts read their policy");
		return STATUS_DENIED;
	}
	/* that no mount ended the search is no error, if there was one */
	if (error < 0 && (error != -ENODEV || !tally.mounts)) {
		error_say("%s", error_text(-error));
		return STATUS_FAILED;
	}
	return tally.failed ? STATUS_DENIED : STATUS_OK;
}

int policy_reload_run(int argc, char **argv)
{
	static const struct option options[] = {
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option = command_option(argc, argv, ":h", options);

	if (option != 0)
		return command_stop(option);
	if (optind < argc)
		return error_usage("%s: no argument is expected here", argv[optind]);
	return reload_all();
}
