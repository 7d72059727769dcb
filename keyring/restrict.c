/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Narrowing a client's consent: a token key of the server's own that is good for
 * what the client's is, but for less.  The daemon takes the least of both.
 */
#include <errno.h>
#include <string.h>
#include <sys/fsuid.h>

#include "keyring/consent.h"
#include "keyring/grant.h"
#include "keyring/guise.h"

#define SCOPED_GRANT __attribute__((cleanup(grant_free))) struct grant_info

/* What is said of @parent as well, so that nobody reads more in the key than it is good for. */
static void parent_limits(struct token_text *text, const struct token_text *parent)
{
	if (parent->has_level && (!text->has_level || parent->level < text->level)) {
		text->has_level = true;
		text->level = parent->level;
	}
	if (parent->has_rights) {
		text->rights = text->has_rights ? text->rights & parent->rights : parent->rights;
		text->has_rights = true;
	}
	text->has_until = parent->has_until;
	text->until = parent->until;
}

/* Two different shares leave none on which it would be good. */
static int parent_share(struct token_text *text, const struct token_text *parent)
{
	if (!parent->has_share)
		return 0;
	if (text->has_share)
		return strcmp(text->share, parent->share) == 0 ? 0 : -EINVAL;
	return grant_share(text, parent->share);
}

static int parent_read(int32_t serial, struct grant_info *parent)
{
	struct key_info info;
	int error = consent_check(serial, &info);

	if (!error)
		error = grant_read(serial, parent);
	if (error)
		return error;
	switch (parent->state) {
	case GRANT_VALID:
		return parent->text.parent ? -ELOOP : 0;
	case GRANT_REVOKED:
		return -EKEYREVOKED;
	case GRANT_EXPIRED:
		return -EKEYEXPIRED;
	default:
		return -EKEYREJECTED;
	}
}

int guise_restrict(int32_t serial, int level, unsigned int ttl, uint32_t rights, const char *share,
		   int32_t *narrowed)
{
	struct token_text text = {.has_rights = rights != 0, .rights = rights, .parent = serial};
	SCOPED_GRANT parent = {0};
	/* an invalid id changes nothing and is answered with the current one */
	uid_t self = (uid_t)setfsuid((uid_t)-1);
	int error = grant_level(&text, level);

	if (!error)
		error = grant_share(&text, share);
	if (!error)
		error = grant_audience(&text, &self, 1);
	if (!error)
		error = parent_read(serial, &parent);
	if (!error)
		error = parent_share(&text, &parent.text);
	if (error)
		return error;
	parent_limits(&text, &parent.text);
	return grant_make(&text, ttl, narrowed);
}
