/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Holds on token keys. */
#include "keyring/hold.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "keyring/client_cache.h"
#include "keyring/token_text.h"

/* A key by all that tells it from others: serials are used again. */
struct held {
	int32_t serial;
	uid_t owner;
	char *description;
};

struct hold {
	const struct token *token;
	struct held keys[2]; /* the token key, and the one that it narrows */
	size_t count;
	/* The kernel forgets keys that nobody links; how one ended is known if it was seen. */
	_Atomic enum guise_reason ended;
};

void hold_destroy(struct hold *hold)
{
	if (!hold)
		return;
	for (size_t i = 0; i < hold->count; i++)
		free(hold->keys[i].description);
	token_unref(hold->token);
	free(hold);
}

static enum guise_reason add(struct hold *hold, int32_t serial, uid_t owner,
			     const char *description)
{
	struct held *held = &hold->keys[hold->count];

	*held = (struct held){serial, owner, strdup(description)};
	if (!held->description)
		return REASON_NO_MEMORY;
	hold->count++;
	return REASON_NONE;
}

/* Not as the key's owner may have changed it since: it can name another parent, or none. */
static enum guise_reason add_parent(struct hold *hold, const char *bytes, size_t length)
{
	__attribute__((cleanup(token_text_free))) struct token_text text = {0};
	int error = token_text_read(bytes, length, &text, NULL);

	if (error)
		return error == -ENOMEM ? REASON_NO_MEMORY : REASON_TOKEN_MALFORMED;
	if (!text.parent.serial)
		return REASON_NONE;
	return add(hold, text.parent.serial, text.parent.owner, text.parent.name);
}

enum guise_reason hold_create(const struct evidence *evidence, const struct token *token,
			      struct hold **hold)
{
	struct hold *made = calloc(1, sizeof(*made));
	enum guise_reason reason;

	if (!made)
		return REASON_NO_MEMORY;
	made->token = token_ref(token);
	reason = add(made, evidence->key, evidence->info->uid, evidence->info->description);
	if (!reason)
		reason = add_parent(made, evidence->text, evidence->length);
	if (reason) {
		hold_destroy(made);
		return reason;
	}
	*hold = made;
	return REASON_NONE;
}

static enum guise_reason reason_of(int error)
{
	switch (error) {
	case -EKEYREVOKED:
		return REASON_HANDLE_REVOKED;
	case -EKEYEXPIRED:
		return REASON_HANDLE_EXPIRED;
	case -ENOMEM:
		return REASON_NO_MEMORY;
	default:
		return REASON_HANDLE_GONE;
	}
}

static enum guise_reason held_check(const struct hold *hold, const struct held *held)
{
	struct key_info info;
	int error = key_describe(held->serial, &info);

	if (error)
		return reason_of(error);
	if (info.uid != held->owner || strcmp(info.description, held->description) != 0)
		return REASON_HANDLE_GONE;
	/* who narrows a key uses it, as if it linked it anew: its owner can take that back, too */
	if (held != hold->keys && !key_lets_use(&info, hold->keys[0].owner))
		return REASON_HANDLE_REVOKED;
	return REASON_NONE;
}

static bool has_ended(const struct token *token)
{
	int64_t end = token_expiry(token);
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return end && end <= (int64_t)now.tv_sec;
}

enum guise_reason hold_check(struct hold *hold, int32_t *key)
{
	enum guise_reason reason = hold->ended;

	*key = hold->keys[0].serial;
	for (size_t i = 0; i < hold->count && !reason; i++) {
		*key = hold->keys[i].serial;
		reason = held_check(hold, &hold->keys[i]);
	}
	if (!reason && has_ended(hold->token)) {
		*key = hold->keys[0].serial;
		reason = REASON_HANDLE_EXPIRED;
	}
	/* short of memory it is not over */
	if (reason && reason != REASON_NO_MEMORY)
		hold->ended = reason;
	return reason;
}

const struct token *hold_token(const struct hold *hold)
{
	return hold->token;
}
