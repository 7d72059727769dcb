/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise token grant: the calling user's consent that accounts act for it.
 */
#include <stddef.h>

#include "command.h"
#include "error.h"
#include "keyring/guise.h"
#include "token_wish.h"

int token_grant_run(int argc, char **argv)
{
	static const struct option options[] = {
		TOKEN_WISH_FOR,
		TOKEN_WISH_LIMITS,
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct token_wish wish = {.level = -1, .rights = UINT32_MAX};
	int32_t serial = 0;
	int option, error;

	while ((option = command_option(argc, argv, ":h", options)) != 0) {
		int status = token_wish_take(&wish, option);

		if (status != STATUS_OK || option == 'h')
			return status;
	}
	if (optind < argc)
		return error_usage("%s: no argument is expected here", argv[optind]);
	if (!wish.count)
		return error_usage("option --for ACCOUNT is missing");
	if (!wish.ttl)
		wish.ttl = token_wish_ttl();
	error = guise_grant_with(wish.accounts, wish.count, wish.level, wish.ttl, wish.rights,
				 wish.share, &serial);
	return token_wish_report(error, serial);
}
