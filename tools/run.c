/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise run: a command as the client of a token key.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "error.h"
#include "keyring/guise.h"
#include "parse.h"

/* as env(1), nohup(1) and timeout(1): never to be taken for the command's own */
#define RUN_FAILED 125
#define RUN_NOT_EXECUTABLE 126
#define RUN_NOT_FOUND 127

/* Why guise_confine() failed, in words: @error is a positive errno. */
static const char *confine_error(int error)
{
	switch (error) {
	case EPERM:
		return "no user namespace may be made here (user.max_user_namespaces, or a "
		       "security module)";
	case EACCES:
		return "refused: the client has no account on this host, or this is inside of "
		       "another guise run (the mount's log says which)";
	case ENOKEY:
		return "there is no such token key";
	default:
		return error_text(error);
	}
}

static int confine_and_execute(int32_t serial, const char *serial_text, char **command)
{
	int error = guise_confine(serial);

	if (error < 0) {
		error_about(serial_text, "%s", confine_error(-error));
		return RUN_FAILED;
	}
	execvp(command[0], command);
	error = errno;
	error_about(command[0], "%s", strerror(error));
	return error == ENOENT ? RUN_NOT_FOUND : RUN_NOT_EXECUTABLE;
}

int run_run(int argc, char **argv)
{
	static const struct option options[] = {
		{"token", required_argument, NULL, 't'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	const char *token = NULL;
	int32_t serial;
	int option;

	while ((option = command_option(argc, argv, "+:h", options)) != 0) {
		if (option != 't')
			return option == 'h' ? STATUS_OK : RUN_FAILED;
		token = optarg;
	}
	if (!token)
		error_usage("option --token is missing");
	else if (!parse_serial(token, &serial))
		parse_serial_error(token);
	else if (optind >= argc)
		error_usage("no COMMAND given");
	else
		return confine_and_execute(serial, token, argv + optind);
	return RUN_FAILED;
}
