/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From a token key to the client's token: validation, and a bounded cache of
 * what validation costs most, reading the text and looking up groups.
 *
 * The kernel is asked about the key each time; the cache only saves the rest,
 * and only for a key of the same serial, owner, name and text.
 */
#ifndef GUISE_KEYRING_CLIENT_H
#define GUISE_KEYRING_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "acl/token.h"
#include "keyring/key.h"
#include "keyring/reason.h"

struct clients;

struct clients *clients_create(bool squash_root);
void clients_destroy(struct clients *clients);

/* The reason for @error, as key_describe() or key_read() gave it for a token key. */
enum guise_reason client_reason(int error);

/*
 * The token of key @key, which @info describes, for server account @actor; one
 * reference in *@token.
 */
enum guise_reason client_token(struct clients *clients, int32_t key, const struct key_info *info,
			       uid_t actor, const struct token **token);

/* Was a key of this serial used as a token key lately?  (It may be another by now.) */
bool client_known(struct clients *clients, int32_t key);

/* Drops what is too old to be used. */
void clients_housekeep(struct clients *clients);

#endif
