/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Tokens of clients that were made lately, and all that each was made from: found
 * again only if none of that has changed.  Private to keyring/client*.c.  Thread safe.
 */
#ifndef GUISE_KEYRING_CLIENT_CACHE_H
#define GUISE_KEYRING_CLIENT_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "acl/token.h"
#include "keyring/key.h"
#include "keyring/policy.h"

struct client_cache;

/* A key as it is now, who uses it and by what policy. */
struct evidence {
	const struct policy *policy;
	int32_t key;
	uid_t actor;
	const struct key_info *info;
	const char *text;
	size_t length;
};

/* What became of it. */
struct client_found {
	const struct token *token;
	bool elsewhere;           /* it is good on another share only */
	int32_t parent;           /* the key that it narrows, or 0, */
	const struct token *from; /* and that key's token */
};

struct client_cache *client_cache_create(void);
void client_cache_destroy(struct client_cache *cache);

/* With references of its own in *@found, for client_found_clear(). */
bool client_cache_find(struct client_cache *cache, const struct evidence *evidence,
		       struct client_found *found);

/* Takes references of its own. */
void client_cache_store(struct client_cache *cache, const struct evidence *evidence,
			const struct client_found *found);

/* Is there anything of a key of this serial? */
bool client_cache_knows(struct client_cache *cache, int32_t key);

/* Drops what is too old to be found. */
void client_cache_housekeep(struct client_cache *cache);

void client_found_clear(struct client_found *found); /* for __attribute__((cleanup)) too */

#endif
