/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The text of a token key: what a client consents to, or an authority states.
 *
 * ASCII, at most TOKEN_TEXT_MAX bytes, every line ended by a newline:
 *
 *	guise-token 1
 *	level NAME        how far the server may go; at most once, else the host's default
 *	for SID           a server account that may use it; 1 to TOKEN_TEXT_AUDIENCE times
 *	until SECONDS     its end, since the epoch, decimal; at most once
 *	rights 0xHEX      rights it can use at most; at most once
 *	share NAME        the only share it is good on; at most once
 *	of SERIAL SID NAME  narrows the token key of that serial, decimal, of that owner and of
 *	                  that description; then no user; at most once
 *	user SID          acts as this user instead of the key's owner; at most once
 *	group SID         a group of that user; after user, up to TOKEN_TEXT_GROUPS times
 *	privilege NAME    a privilege of that user; after user, each at most once
 *
 * Anything else is malformed.  Pure functions.
 */
#ifndef GUISE_KEYRING_TOKEN_TEXT_H
#define GUISE_KEYRING_TOKEN_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "acl/sid.h"
#include "acl/token.h"

#define TOKEN_TEXT_MAX 4096
#define TOKEN_TEXT_AUDIENCE 64
#define TOKEN_TEXT_GROUPS 1024
#define TOKEN_TEXT_SHARE_MAX 64
#define TOKEN_TEXT_NAME_MAX 200

/* A token key that is narrowed.  Serials are used again: owner and name tell it from others. */
struct token_parent {
	int32_t serial; /* 0: none */
	uid_t owner;
	char name[TOKEN_TEXT_NAME_MAX + 1];
};

struct token_text {
	bool has_level;
	enum token_level level; /* identify if it has none */
	size_t audience_count;
	struct sid audience[TOKEN_TEXT_AUDIENCE];
	bool has_until;
	int64_t until;
	bool has_rights;
	uint32_t rights;
	bool has_share;
	char share[TOKEN_TEXT_SHARE_MAX + 1];
	struct token_parent parent;
	bool has_user;
	struct sid user;
	uint32_t privileges;
	size_t group_count;
	struct sid *groups; /* heap, owned */
};

/* Where and why a text was refused. */
struct token_text_fault {
	unsigned int line;    /* from 1 */
	const char *expected; /* what would have been right there; static string */
};

/*
 * Reads @length bytes.  Returns 0, -ENOMEM, or -EINVAL with *@fault (which may
 * be NULL) filled in; on failure *@text is empty and owns nothing.
 */
int token_text_read(const char *bytes, size_t length, struct token_text *text,
		    struct token_text_fault *fault);

/*
 * Writes @text and a NUL into @buffer.  Returns its length without the NUL,
 * -EFBIG if it does not fit @size or TOKEN_TEXT_MAX, or -EINVAL if reading it
 * back would fail or give something else.
 */
ssize_t token_text_write(const struct token_text *text, char *buffer, size_t size);

/* Frees what *@text owns; for __attribute__((cleanup)) too. */
void token_text_free(struct token_text *text);

/* Is @name 1 to TOKEN_TEXT_SHARE_MAX of letters, digits, '.', '_' and '-'? */
bool token_text_share_ok(const char *name);

/*
 * Can @name, the description of a token key, stand in a text: 1 to TOKEN_TEXT_NAME_MAX printable
 * characters, none of them a blank?
 */
bool token_text_name_ok(const char *name);

/* Is @sid in the audience? */
bool token_text_names(const struct token_text *text, const struct sid *sid);

/* Is the account @uid in the audience?  Root is named as S-1-22-1-0 or S-1-5-18. */
bool token_text_is_for(const struct token_text *text, uid_t uid);

#endif
