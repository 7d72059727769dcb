/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From a token key to the client's token: validation, and a bounded cache of
 * what validation costs most, reading the text and looking up groups.
 *
 * The kernel is asked about the key each time; the cache only saves the rest,
 * and only for a key of the same serial, owner, name and text, by the same policy.
 */
#ifndef GUISE_KEYRING_CLIENT_H
#define GUISE_KEYRING_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "acl/token.h"
#include "keyring/key.h"
#include "keyring/policy.h"
#include "keyring/reason.h"

struct clients;
struct hold;

/* @share is the name of the share that all is for, or NULL; it is kept, not copied. */
struct clients *clients_create(bool squash_root, const char *share);
void clients_destroy(struct clients *clients);

/* The reason for @error, as key_describe() or key_read() gave it for a token key. */
enum guise_reason client_reason(int error);

/* Which key, and who wants to use it. */
struct client_ask {
	const struct policy *policy;
	int32_t key;
	const struct key_info *info; /* what the kernel says of it */
	uid_t actor;                 /* the server account */
	bool any_share;              /* not to act with it here: it may be for another share */
	struct hold **hold;          /* wanted on what the token is made from, or NULL */
};

/* The token of a token key; one reference in *@token. */
enum guise_reason client_token(struct clients *clients, const struct client_ask *ask,
			       const struct token **token);

/* Was a key of this serial used as a token key lately?  (It may be another by now.) */
bool client_known(struct clients *clients, int32_t key);

/* Drops what is too old to be used. */
void clients_housekeep(struct clients *clients);

#endif
