/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Taking an identity along to another thread.
 *
 * What is captured is which key it is, not the key: nothing here keeps a consent
 * alive.  Serials are used again one day, hence owner and name.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/guise.h"
#include "keyring/key.h"
#include "keyring/thread.h"

struct guise_identity {
	int32_t serial; /* 0: the server itself */
	uid_t owner;
	char name[KEY_TOKEN_NAME_MAX + 1];
};

static int identity_describe(struct guise_identity *identity)
{
	struct key_info info;
	int error = key_describe(identity->serial, &info);

	if (error)
		return error;
	if (!key_is_token(&info))
		return -EKEYREJECTED;
	identity->owner = info.uid;
	snprintf(identity->name, sizeof(identity->name), "%s", info.description);
	return 0;
}

int guise_capture(struct guise_identity **identity)
{
	struct guise_identity found = {0};
	int error = 0;

	*identity = NULL;
	switch (thread_is(&found.serial)) {
	case THREAD_ITSELF:
		break;
	case THREAD_CLIENT:
		error = identity_describe(&found);
		break;
	default:
		error = -ENOTRECOVERABLE;
	}
	if (error)
		return error;
	*identity = malloc(sizeof(found));
	if (!*identity)
		return -ENOMEM;
	memcpy(*identity, &found, sizeof(found));
	return 0;
}

int guise_resume(const struct guise_identity *identity)
{
	struct guise_identity now = {0};
	int error;

	if (!identity)
		return -EINVAL;
	if (!identity->serial)
		return guise_revert();
	now.serial = identity->serial;
	error = identity_describe(&now);
	if (error)
		return error;
	if (now.owner != identity->owner || strcmp(now.name, identity->name) != 0)
		return -ENOKEY;
	return guise_impersonate(identity->serial);
}

void guise_identity_free(struct guise_identity *identity)
{
	free(identity);
}
