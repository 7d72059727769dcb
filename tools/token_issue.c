/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise token issue: a logon service states who a client is, and lets accounts act for it.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "acl/token.h"
#include "command.h"
#include "error.h"
#include "keyring/guise.h"
#include "keyring/issue.h"
#include "token_wish.h"

#define PRIVILEGES 32

/* Principals as SIDs, so that which of them is wrong can be said. */
struct statement {
	char user[SID_MAX_TEXT];
	size_t group_count;
	char groups[TOKEN_TEXT_GROUPS][SID_MAX_TEXT];
	const char *group[TOKEN_TEXT_GROUPS];
	size_t privilege_count;
	const char *privilege[PRIVILEGES];
};

static int take_principal(const char *word, bool is_group, char text[SID_MAX_TEXT])
{
	struct sid sid;
	int error = issue_sid(optarg, is_group, &sid);

	if (error == -ENOENT)
		return error_usage("--%s %s: no such %s; expected a name or a SID", word, optarg,
				   word);
	if (error < 0) {
		error_say("--%s %s: the look-up failed: %s", word, optarg, strerror(-error));
		return STATUS_FAILED;
	}
	sid_format(&sid, text);
	return STATUS_OK;
}

static int take_group(struct statement *statement)
{
	size_t at = statement->group_count;

	if (at == TOKEN_TEXT_GROUPS)
		return error_usage("--group %s: expected at most %d groups", optarg,
				   TOKEN_TEXT_GROUPS);
	statement->group[at] = statement->groups[at];
	statement->group_count++;
	return take_principal("group", true, statement->groups[at]);
}

static int take_privilege(struct statement *statement)
{
	if (!token_privilege_parse(optarg) || statement->privilege_count == PRIVILEGES)
		return error_usage(
			"--privilege %s: expected SeSecurityPrivilege, SeBackupPrivilege, "
			"SeRestorePrivilege, SeTakeOwnershipPrivilege, SeChangeNotifyPrivilege or "
			"SeRelabelPrivilege",
			optarg);
	statement->privilege[statement->privilege_count++] = optarg;
	return STATUS_OK;
}

static int take_option(struct statement *statement, struct token_wish *wish, int option)
{
	switch (option) {
	case 'u':
		if (*statement->user)
			return error_usage("--user %s: expected a single user", optarg);
		return take_principal("user", false, statement->user);
	case 'g':
		return take_group(statement);
	case 'p':
		return take_privilege(statement);
	default:
		return token_wish_take(wish, option);
	}
}

int token_issue_run(int argc, char **argv)
{
	static const struct option options[] = {
		{"user", required_argument, NULL, 'u'},
		{"group", required_argument, NULL, 'g'},
		{"privilege", required_argument, NULL, 'p'},
		TOKEN_WISH_FOR,
		{"level", required_argument, NULL, 'l'},
		{"ttl", required_argument, NULL, 't'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	static struct statement said;
	struct token_wish wish = {.level = -1};
	int32_t serial = 0;
	int option, error;

	while ((option = command_option(argc, argv, ":h", options)) != 0) {
		int status = take_option(&said, &wish, option);

		if (status != STATUS_OK || option == 'h')
			return status;
	}
	if (optind < argc)
		return error_usage("%s: no argument is expected here", argv[optind]);
	if (!*said.user)
		return error_usage("option --user USER is missing");
	if (!wish.count)
		return error_usage("option --for ACCOUNT is missing");
	if (wish.level < 0)
		return error_usage("option --level LEVEL is missing");
	if (!wish.ttl)
		wish.ttl = token_wish_ttl();
	error = guise_issue(said.user, said.group, said.group_count, said.privilege,
			    said.privilege_count, wish.accounts, wish.count, wish.level, wish.ttl,
			    &serial);
	return token_wish_report(error, serial);
}
