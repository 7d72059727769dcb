/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whose token a command is about: an account, a SID alone, the caller itself, another thread, the
 * client of a token key; with all that is not known of it.
 */
#ifndef GUISE_TOOLS_WHOSE_H
#define GUISE_TOOLS_WHOSE_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>

#include "acl/token.h"
#include "site.h"

#define WHOSE_GROUPS 64
#define WHOSE_NOTES 8

/* What was asked for on the command line. */
struct whose_ask {
	bool self;
	const char *tid;
	const char *serial;
	const char *policy;
	size_t group_count;
	const char *groups[WHOSE_GROUPS];
};

enum whose_value { WHOSE_SELF = 0x200, WHOSE_TID, WHOSE_SERIAL, WHOSE_POLICY, WHOSE_GROUP };

/* for a table of options */
#define WHOSE_OPTIONS                                                                              \
	{"self", no_argument, NULL, WHOSE_SELF}, {"tid", required_argument, NULL, WHOSE_TID},      \
		{"serial", required_argument, NULL, WHOSE_SERIAL},                                 \
		{"policy", required_argument, NULL, WHOSE_POLICY},                                 \
	{                                                                                          \
		"group", required_argument, NULL, WHOSE_GROUP                                      \
	}

/* Takes @option, as command_option() gave it, if it is one of these; -1 if there are too many
 * groups, which was reported. */
int whose_option(struct whose_ask *ask, int option);

/* Is it said already who, so that no USER stands on the command line? */
bool whose_is_named(const struct whose_ask *ask);

enum whose_kind {
	WHOSE_ACCOUNT, /* what the host's user database says of an account */
	WHOSE_SID,     /* a SID alone, with what all tokens have */
	WHOSE_CALLER,  /* as a mount sees the caller */
	WHOSE_THREAD,  /* or another thread, */
	WHOSE_CLIENT,  /* or the client of a token key */
	WHOSE_RECORD,  /* as an audit record has it */
};

struct whose {
	enum whose_kind kind;
	const struct token *token;
	char *refused; /* WHOSE_THREAD: why that thread is refused everything; then no token */
	size_t note_count;
	const char *notes[WHOSE_NOTES]; /* what is not known; static strings */
};

#define WHOSE_CLEANUP __attribute__((cleanup(whose_clear)))

/*
 * Finds the token of @user (NULL: ask says who) as it is on @site's mount, or would be on a mount
 * of that backing folder.  An enum status: failures were reported.
 */
int whose_find(const struct whose_ask *ask, const char *user, const struct site *site,
	       struct whose *whose);
void whose_clear(struct whose *whose);

/* Is group @i the same SID as one before it? */
bool whose_repeats(const struct token_group *groups, size_t i);

/* The rules by which tokens are made there, for who makes several (whose_of()). */
struct whose_rules {
	const struct policy *policy;
	bool squash_root;
	bool policy_unknown;
};
int whose_rules(const struct whose_ask *ask, const struct site *site, struct whose_rules *rules);
void whose_rules_clear(struct whose_rules *rules);

/*
 * The token of @sid: of the account that it is, or else of the SID alone.  0 or -errno: -EHOSTDOWN
 * if a domain cannot be asked.
 */
int whose_of(const struct sid *sid, const struct whose_rules *rules, struct whose *whose);

#endif
