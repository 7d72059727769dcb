/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise token grant: the calling user's consent that an account acts for it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "acl/token.h"
#include "command.h"
#include "error.h"
#include "keyring/guise.h"
#include "keyring/idmap.h"
#include "parse.h"

#define DEFAULT_TTL (10 * 60)

struct consent {
	const char *account_name; /* as given; NULL: not given */
	uid_t account;
	enum token_level level;
	unsigned int ttl;
};

static int take_option(struct consent *consent, int option)
{
	switch (option) {
	case 'a':
		consent->account_name = optarg;
		return STATUS_OK;
	case 'l':
		if (token_level_parse(optarg, &consent->level))
			return STATUS_OK;
		return error_usage(
			"--level %s: expected anonymous, identify, impersonate or delegate",
			optarg);
	case 't':
		if (parse_ttl(optarg, &consent->ttl))
			return STATUS_OK;
		return error_usage(
			"--ttl %s: expected a positive number and s, m, h or d, as in 10m", optarg);
	default:
		return command_stop(option);
	}
}

static int grant(const struct consent *consent)
{
	int32_t serial;
	int error = guise_grant(consent->account, (int)consent->level, consent->ttl, &serial);

	if (error == -EINVAL) {
		error_say("the level or the time to live is out of range");
		return STATUS_USAGE;
	}
	if (error < 0) {
		error_say("%s", error_text(-error));
		return error_status(-error);
	}
	printf("%" PRId32 "\n", serial);
	return STATUS_OK;
}

int token_grant_run(int argc, char **argv)
{
	static const struct option options[] = {
		{"for", required_argument, NULL, 'a'},
		{"level", required_argument, NULL, 'l'},
		{"ttl", required_argument, NULL, 't'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct consent consent = {.level = TOKEN_IDENTIFY, .ttl = DEFAULT_TTL};
	int option;
	int error;

	while ((option = command_option(argc, argv, ":h", options)) != 0) {
		int status = take_option(&consent, option);

		if (status != STATUS_OK || option == 'h')
			return status;
	}
	if (optind < argc)
		return error_usage("%s: no argument is expected here", argv[optind]);
	if (!consent.account_name)
		return error_usage("option --for ACCOUNT is missing");
	error = idmap_account(consent.account_name, &consent.account);
	if (error == -ENOENT)
		return error_usage(
			"--for %s: no such account; expected a user name, a user id or a SID",
			consent.account_name);
	if (error < 0) {
		error_say("--for %s: the look-up failed: %s", consent.account_name,
			  strerror(-error));
		return STATUS_FAILED;
	}
	return grant(&consent);
}
