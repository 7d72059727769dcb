/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise token revoke: ends a consent.
 */
#include <errno.h>
#include <stddef.h>

#include "command.h"
#include "error.h"
#include "keyring/guise.h"
#include "parse.h"

static const char *revoke_error(int error)
{
	switch (error) {
	case EACCES:
	case EPERM:
		return "not your token key";
	case ENOKEY:
		return "there is no such token key";
	case EKEYREVOKED:
		return "it is revoked already";
	case EKEYEXPIRED:
		return "it has expired already";
	case EKEYREJECTED:
		return "this key is no token key";
	default:
		return error_text(error);
	}
}

int token_revoke_run(int argc, char **argv)
{
	static const struct option options[] = {
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option = command_option(argc, argv, ":h", options);
	int32_t serial;
	int error;

	if (option != 0)
		return command_stop(option);
	if (argc - optind != 1)
		return error_usage("expected one SERIAL");
	if (!parse_serial(argv[optind], &serial))
		return parse_serial_error(argv[optind]);
	error = guise_revoke(serial);
	if (error < 0) {
		error_about(argv[optind], "%s", revoke_error(-error));
		return error_status(-error);
	}
	return STATUS_OK;
}
