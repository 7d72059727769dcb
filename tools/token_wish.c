/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The options of new token keys. */
#include "token_wish.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "acl/token.h"
#include "command.h"
#include "error.h"
#include "keyring/defaults.h"
#include "keyring/idmap.h"
#include "parse.h"

static int take_account(struct token_wish *wish)
{
	int error;

	if (wish->count == TOKEN_TEXT_AUDIENCE)
		return error_usage("--for %s: expected at most %d accounts", optarg,
				   TOKEN_TEXT_AUDIENCE);
	error = idmap_account(optarg, &wish->accounts[wish->count]);
	if (error == -ENOENT)
		return error_usage(
			"--for %s: no such account; expected a user name, a user id or a SID",
			optarg);
	if (error < 0) {
		error_say("--for %s: the look-up failed: %s", optarg, strerror(-error));
		return STATUS_FAILED;
	}
	wish->count++;
	return STATUS_OK;
}

static int take_level(struct token_wish *wish)
{
	enum token_level level;

	if (!token_level_parse(optarg, &level))
		return error_usage(
			"--level %s: expected anonymous, identify, impersonate or delegate",
			optarg);
	wish->level = (int)level;
	return STATUS_OK;
}

int token_wish_take(struct token_wish *wish, int option)
{
	switch (option) {
	case 'a':
		return take_account(wish);
	case 'l':
		return take_level(wish);
	case 'r':
		if (parse_rights(optarg, &wish->rights))
			return STATUS_OK;
		return error_usage("--rights %s: expected read, write, execute, delete, modify or "
				   "full, with commas between, or 0x and hexadecimal digits",
				   optarg);
	case 's':
		wish->share = optarg;
		if (token_text_share_ok(optarg))
			return STATUS_OK;
		return error_usage("--share %s: expected 1 to %d letters, digits, '.', '_' and '-'",
				   optarg, TOKEN_TEXT_SHARE_MAX);
	case 't':
		if (parse_ttl(optarg, &wish->ttl))
			return STATUS_OK;
		return error_usage(
			"--ttl %s: expected a positive number and s, m, h or d, as in 10m", optarg);
	default:
		return command_stop(option);
	}
}

unsigned int token_wish_ttl(void)
{
	struct policy_defaults host;
	unsigned int ttl = 10 * 60;

	if (defaults_ask(&host) < 0)
		return ttl;
	if (host.ttl)
		ttl = host.ttl;
	return host.max_ttl && host.max_ttl < ttl ? host.max_ttl : ttl;
}

int token_wish_report(int error, int32_t serial)
{
	if (error == 0) {
		printf("%" PRId32 "\n", serial);
		return STATUS_OK;
	}
	if (error == -EINVAL) {
		error_say("the level, the share or the time to live is out of range");
		return STATUS_USAGE;
	}
	if (error == -EFBIG) {
		error_say("more accounts and groups than a token key can hold (%d bytes of text)",
			  TOKEN_TEXT_MAX);
		return STATUS_USAGE;
	}
	error_say("%s", error_text(-error));
	return error_status(-error);
}
