/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Early checks of a token key on the server's side. */
#include "keyring/consent.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/fsuid.h>
#include <time.h>
#include <unistd.h>

#include "keyring/key.h"
#include "keyring/scoped.h"
#include "keyring/token_text.h"

/*
 * Are user ids here those of the daemon?  In a user namespace they may be
 * others, and only the daemon can tell whether the token is for this account.
 */
static bool ids_are_global(void)
{
	static atomic_int known; /* 0 not yet, 1 yes, 2 no */
	unsigned int inside, outside, count;
	char map[128];
	ssize_t length;

	if (known)
		return known == 1;
	SCOPED_FD fd = open("/proc/thread-self/uid_map", O_RDONLY | O_CLOEXEC);
	length = fd < 0 ? -1 : read(fd, map, sizeof(map) - 1);
	map[length > 0 ? length : 0] = '\0';
	known = sscanf(map, "%u %u %u", &inside, &outside, &count) == 3 && inside == 0 &&
				outside == 0 && count == UINT32_MAX
			? 1
			: 2;
	return known == 1;
}

static int text_check(int32_t key)
{
	__attribute__((cleanup(token_text_free))) struct token_text text = {0};
	char payload[TOKEN_TEXT_MAX];
	ssize_t length = key_read(key, payload, sizeof(payload));
	int error;

	if (length == -EFBIG)
		return -EKEYREJECTED;
	if (length < 0)
		return (int)length;
	error = token_text_read(payload, (size_t)length, &text, NULL);
	if (error)
		return error == -ENOMEM ? error : -EKEYREJECTED;
	/* an invalid id changes nothing and is answered with the current one */
	if (ids_are_global() && !token_text_is_for(&text, (uid_t)setfsuid((uid_t)-1)))
		return -EKEYREJECTED;
	return text.has_until && text.until <= (int64_t)time(NULL) ? -EKEYEXPIRED : 0;
}

int consent_check(int32_t key, struct key_info *info)
{
	int error = key_describe(key, info);

	if (error)
		return error;
	if (!key_is_token(info) || (info->perm & KEY_FOREIGN_CHANGE))
		return -EKEYREJECTED;
	return text_check(key);
}
