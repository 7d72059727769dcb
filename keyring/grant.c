/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Making a token key, and reading those that exist. */
#include "keyring/grant.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/random.h>
#include <time.h>

#include "keyring/expired.h"
#include "keyring/guise.h"
#include "keyring/scoped.h"

_Static_assert(GUISE_ANONYMOUS == (int)TOKEN_ANONYMOUS && GUISE_IDENTIFY == (int)TOKEN_IDENTIFY &&
		       GUISE_IMPERSONATE == (int)TOKEN_IMPERSONATE &&
		       GUISE_DELEGATE == (int)TOKEN_DELEGATE,
	       "the public levels are those of tokens");

/* Makes the key; nobody needs to know what is in its name. */
static int32_t key_grant(const struct token_text *text)
{
	char description[KEY_TOKEN_NAME_MAX + 1], payload[TOKEN_TEXT_MAX + 1];
	ssize_t length = token_text_write(text, payload, sizeof(payload));
	uint64_t unique;
	uid_t account = (uid_t)-1;

	if (length < 0)
		return (int32_t)length;
	(void)sid_to_uid(&text->audience[0], &account);
	/* two keys of one name would displace each other in the rings that link them */
	if (getrandom(&unique, sizeof(unique), 0) != (ssize_t)sizeof(unique))
		return -EIO;
	snprintf(description, sizeof(description), KEY_TOKEN_PREFIX "%u:%016" PRIx64,
		 (unsigned int)account, unique);
	return key_make(description, payload, (size_t)length, KEY_TOKEN_PERM, KEY_SPEC_USER_KEYRING,
			false);
}

/* Whole seconds, not before the key's own end. */
static void end_set(struct token_text *text, unsigned int ttl)
{
	struct timespec now;
	int64_t end;

	clock_gettime(CLOCK_REALTIME, &now);
	end = (int64_t)now.tv_sec + (now.tv_nsec > 0) + ttl;
	if (!text->has_until || end < text->until)
		text->until = end;
	text->has_until = true;
}

int grant_make(struct token_text *text, unsigned int ttl, int32_t *serial)
{
	int32_t key;

	if (ttl)
		end_set(text, ttl);
	expired_forget();
	key = key_grant(text);
	if (key < 0)
		return key;
	if (ttl && keyctl_set_timeout(key, ttl) < 0) {
		int error = -errno;

		(void)keyctl_revoke(key);
		(void)keyctl_unlink(key, KEY_SPEC_USER_KEYRING);
		return error;
	}
	*serial = key;
	return 0;
}

int grant_audience(struct token_text *text, const uid_t *accounts, size_t count)
{
	if (!count || count > TOKEN_TEXT_AUDIENCE)
		return -EINVAL;
	for (size_t i = 0; i < count; i++) {
		if (accounts[i] == (uid_t)-1)
			return -EINVAL;
		text->audience[i] = sid_from_uid(accounts[i]);
	}
	text->audience_count = count;
	return 0;
}

int grant_level(struct token_text *text, int level)
{
	if (level < -1 || level > GUISE_DELEGATE)
		return -EINVAL;
	text->has_level = level >= 0;
	text->level = level >= 0 ? (enum token_level)level : TOKEN_IDENTIFY;
	return 0;
}

/* An empty mask is what a mistaken computation gives, and would be a token for nothing. */
int grant_rights(struct token_text *text, uint32_t rights)
{
	if (!rights)
		return -EINVAL;
	text->has_rights = rights != UINT32_MAX;
	text->rights = text->has_rights ? rights : 0;
	return 0;
}

int grant_share(struct token_text *text, const char *share)
{
	text->has_share = share;
	if (!share)
		return 0;
	if (!token_text_share_ok(share))
		return -EINVAL;
	memcpy(text->share, share, strlen(share) + 1);
	return 0;
}

int guise_grant_with(const uid_t *accounts, size_t count, int level, unsigned int ttl,
		     uint32_t rights, const char *share, int32_t *serial)
{
	struct token_text text = {0};
	int error = grant_audience(&text, accounts, count);

	if (!error)
		error = grant_level(&text, level);
	if (!error)
		error = grant_rights(&text, rights);
	if (!error)
		error = grant_share(&text, share);
	if (!error && !ttl)
		error = -EINVAL;
	return error ? error : grant_make(&text, ttl, serial);
}

int guise_grant(uid_t account, int level, unsigned int ttl, int32_t *serial)
{
	/* here the level is always said */
	if (level < GUISE_ANONYMOUS)
		return -EINVAL;
	return guise_grant_with(&account, 1, level, ttl, UINT32_MAX, NULL, serial);
}

/* The state of a key that cannot be described or read, or the error it is. */
static int state_of_error(int error, enum grant_state *state)
{
	if (error != -EKEYREVOKED && error != -EKEYEXPIRED)
		return error;
	*state = error == -EKEYREVOKED ? GRANT_REVOKED : GRANT_EXPIRED;
	return 0;
}

int grant_read(int32_t serial, struct grant_info *grant)
{
	char payload[TOKEN_TEXT_MAX + 1];
	struct key_info info;
	ssize_t length;
	int error;

	memset(grant, 0, sizeof(*grant));
	grant->serial = serial;
	error = key_describe(serial, &info);
	if (error)
		return state_of_error(error, &grant->state);
	if (!key_is_token(&info))
		return -EKEYREJECTED;
	grant->owner = info.uid;
	snprintf(grant->description, sizeof(grant->description), "%s", info.description);
	length = key_read(serial, payload, sizeof(payload));
	if (length < 0 && length != -EFBIG)
		return state_of_error((int)length, &grant->state);
	/* one byte more than the grammar allows is as malformed as any more */
	error = token_text_read(payload, length < 0 ? sizeof(payload) : (size_t)length,
				&grant->text, &grant->fault);
	if (error == -ENOMEM)
		return error;
	if (error)
		grant->state = GRANT_MALFORMED;
	else if (info.perm & KEY_FOREIGN_CHANGE)
		grant->state = GRANT_WRITABLE;
	return 0;
}

void grant_free(struct grant_info *grant)
{
	token_text_free(&grant->text);
}

int grant_list(int (*each)(const struct grant_info *grant, void *context), void *context)
{
	SCOPED_BUFFER int32_t *keys = NULL;
	ssize_t count = key_list_all(KEY_SPEC_USER_KEYRING, &keys);
	int result = count < 0 ? (int)count : 0;

	for (ssize_t i = 0; i < count && result == 0; i++) {
		__attribute__((cleanup(grant_free))) struct grant_info grant;
		int error = grant_read(keys[i], &grant);

		if (error == -ENOMEM)
			return error;
		if (error || grant.state == GRANT_REVOKED || grant.state == GRANT_EXPIRED)
			continue;
		result = each(&grant, context);
	}
	return result;
}

struct listing {
	int32_t *serials;
	size_t room;
	int count;
	uid_t owner;
};

static int listing_add(const struct grant_info *grant, void *context)
{
	struct listing *listing = context;

	/* the user keyring may link keys of others, too */
	if (grant->owner != listing->owner)
		return 0;
	if ((size_t)listing->count < listing->room)
		listing->serials[listing->count] = grant->serial;
	listing->count++;
	return 0;
}

int guise_list(int32_t *serials, size_t room)
{
	struct listing listing = {serials, room, 0, (uid_t)setfsuid((uid_t)-1)};
	int error = grant_list(listing_add, &listing);

	return error ? error : listing.count;
}
