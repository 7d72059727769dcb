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

_Static_assert(TOKEN_TEXT_NAME_MAX == KEY_TOKEN_NAME_MAX, "a parent's name has room");

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

/* What tells it from a key that has its serial later.  A name that cannot be written tells nothing.
 */
static int parent_name(struct token_parent *name, const struct grant_info *parent)
{
	if (!token_text_name_ok(parent->description))
		return -EKEYREJECTED;
	name->serial = parent->serial;
	name->owner = parent->owner;
	memcpy(name->name, parent->description, strlen(parent->description) + 1);
	return 0;
}

static int parent_read(int32_t serial, uid_t self, struct grant_info *parent)
{
	struct key_info info;
	int error = consent_check(serial, &info);

	if (!error && !key_lets_use(&info, self))
		error = -EACCES;
	if (!error)
		error = grant_read(serial, parent);
	if (error)
		return error;
	switch (parent->state) {
	case GRANT_VALID:
		return parent->text.parent.serial ? -ELOOP : 0;
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
	struct token_text text = {0};
	SCOPED_GRANT parent = {0};
	/* an invalid id changes nothing and is answered with the current one */
	uid_t self = (uid_t)setfsuid((uid_t)-1);
	int error = grant_level(&text, level);

	if (!error)
		error = grant_rights(&text, rights);
	if (!error)
		error = grant_share(&text, share);
	if (!error)
		error = grant_audience(&text, &self, 1);
	if (!error)
		error = parent_read(serial, self, &parent);
	if (!error)
		error = parent_name(&text.parent, &parent);
	if (!error)
		error = parent_share(&text, &parent.text);
	if (error)
		return error;
	parent_limits(&text, &parent.text);
	return grant_make(&text, ttl, narrowed);
}
