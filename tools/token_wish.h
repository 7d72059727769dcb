/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a new token key shall say: the options that grant, restrict and issue share. */
#ifndef GUISE_TOOLS_TOKEN_WISH_H
#define GUISE_TOOLS_TOKEN_WISH_H

#include <getopt.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "keyring/token_text.h"

struct token_wish {
	size_t count;
	uid_t accounts[TOKEN_TEXT_AUDIENCE];
	int level;         /* -1: not given */
	unsigned int ttl;  /* as it was before if not given */
	uint32_t rights;   /* as it was before if not given */
	const char *share; /* NULL: not given */
};

#define TOKEN_WISH_FOR                                                                             \
	{                                                                                          \
		"for", required_argument, NULL, 'a'                                                \
	}
#define TOKEN_WISH_LIMITS                                                                          \
	{"level", required_argument, NULL, 'l'}, {"rights", required_argument, NULL, 'r'},         \
		{"share", required_argument, NULL, 's'},                                           \
	{                                                                                          \
		"ttl", required_argument, NULL, 't'                                                \
	}

/*
 * How long a consent lasts if nothing is said, in seconds: as the policy of the host's first mount
 * has it, or ten minutes, but never longer than that lets it last.
 */
unsigned int token_wish_ttl(void);

/* Takes @option, one of the above, with its value in optarg.  STATUS_OK or what to return. */
int token_wish_take(struct token_wish *wish, int option);

/*
 * Prints the serial that a call of libguise gave, or why it failed: @error, negative or 0.
 * Returns the status.
 */
int token_wish_report(int error, int32_t serial);

#endif
