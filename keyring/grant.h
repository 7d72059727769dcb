/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Token keys as their owner sees them, for the tools. */
#ifndef GUISE_KEYRING_GRANT_H
#define GUISE_KEYRING_GRANT_H

#include <stdint.h>
#include <sys/types.h>

#include "keyring/key.h"
#include "keyring/token_text.h"

enum grant_state {
	GRANT_VALID,
	GRANT_REVOKED,
	GRANT_EXPIRED,
	GRANT_MALFORMED, /* fault says where; text is empty */
	GRANT_WRITABLE,  /* others than its owner could change it: refused in use */
};

struct grant_info {
	int32_t serial;
	enum grant_state state;
	uid_t owner; /* these only if neither revoked nor expired */
	char description[KEY_TOKEN_NAME_MAX + 1];
	struct token_text text;
	struct token_text_fault fault;
};

/*
 * Makes a token key of the calling user that ends in @ttl seconds: stores the end in
 * @text (or sooner, if it has one already), the key in the user keyring, and
 * its serial in *@serial.  @ttl 0: no end but the one of @text.  -EFBIG if @text
 * is too long, -EINVAL if it is none, or what the kernel says.
 */
int grant_make(struct token_text *text, unsigned int ttl, int32_t *serial);

/* The audience of @text: @count accounts.  0 or -EINVAL. */
int grant_audience(struct token_text *text, const uid_t *accounts, size_t count);

/*
 * The level (-1: the host's default), the most rights (UINT32_MAX: any; none is an error) and the
 * only share (NULL: any) of @text.  0 or -EINVAL.
 */
int grant_level(struct token_text *text, int level);
int grant_rights(struct token_text *text, uint32_t rights);
int grant_share(struct token_text *text, const char *share);

/*
 * Reads token key @serial.  Returns 0 (a revoked or expired key is a state, not
 * an error), -EKEYREJECTED if it is no token key, -ENOKEY, -EACCES, -ENOMEM.
 */
int grant_read(int32_t serial, struct grant_info *grant);

/* Frees what *@grant owns; for __attribute__((cleanup)) too. */
void grant_free(struct grant_info *grant);

/*
 * Calls @each for every token key in the calling user's keyring, until it
 * returns something else than 0, which is then returned.  Revoked and expired
 * keys are left out: whether they were token keys cannot be told.
 */
int grant_list(int (*each)(const struct grant_info *grant, void *context), void *context);

#endif
