/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise token restrict: a server account's token key that is good for less than
 * its client's.
 */
#include <errno.h>
#include <stddef.h>

#include "command.h"
#include "error.h"
#include "keyring/guise.h"
#include "parse.h"
#include "token_wish.h"

static int report(const char *parent, int error, int32_t serial)
{
	switch (error) {
	case -ENOKEY:
		error_about(parent, "there is no such token key");
		return STATUS_DENIED;
	case -ELOOP:
		error_about(parent, "it is narrowed already; restrict the key that it is of");
		return STATUS_DENIED;
	case -EINVAL:
		error_about(parent, "it is for another share");
		return STATUS_USAGE;
	case -EKEYREJECTED:
	case -EKEYREVOKED:
	case -EKEYEXPIRED:
		return error_report(parent, -error);
	default:
		return token_wish_report(error, serial);
	}
}

int token_restrict_run(int argc, char **argv)
{
	static const struct option options[] = {
		TOKEN_WISH_LIMITS,
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct token_wish wish = {.level = -1, .rights = UINT32_MAX};
	int32_t serial = 0, parent;
	int option, error;

	while ((option = command_option(argc, argv, ":h", options)) != 0) {
		int status = token_wish_take(&wish, option);

		if (status != STATUS_OK || option == 'h')
			return status;
	}
	if (argc - optind != 1)
		return error_usage("expected one SERIAL");
	if (!parse_serial(argv[optind], &parent))
		return parse_serial_error(argv[optind]);
	error = guise_restrict(parent, wish.level, wish.ttl, wish.rights, wish.share, &serial);
	return report(argv[optind], error, serial);
}
