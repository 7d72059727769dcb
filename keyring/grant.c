/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Making a token key, and reading those that exist. */
#include "keyring/grant.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "keyring/guise.h"
#include "keyring/scoped.h"

_Static_assert(GUISE_ANONYMOUS == (int)TOKEN_ANONYMOUS && GUISE_IDENTIFY == (int)TOKEN_IDENTIFY &&
		       GUISE_IMPERSONATE == (int)TOKEN_IMPERSONATE &&
		       GUISE_DELEGATE == (int)TOKEN_DELEGATE,
	       "the public levels are those of tokens");

static int32_t grant_make(uid_t account, const char *payload, size_t length)
{
	char description[KEY_TOKEN_NAME_MAX + 1];
	uint64_t unique;

	/* two keys of one name would displace each other in the rings that link them */
	if (getrandom(&unique, sizeof(unique), 0) != (ssize_t)sizeof(unique))
		return -EIO;
	snprintf(description, sizeof(description), KEY_TOKEN_PREFIX "%u:%016" PRIx64,
		 (unsigned int)account, unique);
	return key_make(description, payload, length, KEY_TOKEN_PERM, KEY_SPEC_USER_KEYRING, false);
}

int guise_grant(uid_t account, int level, unsigned int ttl, int32_t *serial)
{
	struct token_text text = {.audience_count = 1, .has_until = true};
	char payload[TOKEN_TEXT_MAX + 1];
	struct timespec now;
	ssize_t length;
	int32_t key;

	if (level < GUISE_ANONYMOUS || level > GUISE_DELEGATE || ttl == 0 || account == (uid_t)-1)
		return -EINVAL;
	text.level = (enum token_level)level;
	text.audience[0] = sid_from_uid(account);
	/* whole seconds, not before the key's own end */
	clock_gettime(CLOCK_REALTIME, &now);
	text.until = (int64_t)now.tv_sec + (now.tv_nsec > 0) + ttl;
	length = token_text_write(&text, payload, sizeof(payload));
	if (length < 0)
		return (int)length;
	key = grant_make(account, payload, (size_t)length);
	if (key < 0)
		return key;
	if (keyctl_set_timeout(key, ttl) < 0) {
		int error = -errno;

		(void)keyctl_revoke(key);
		(void)keyctl_unlink(key, KEY_SPEC_USER_KEYRING);
		return error;
	}
	*serial = key;
	return 0;
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
