/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Consents that have ended, and still fill their maker's key quota. */
#include "keyring/expired.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>

#include "keyring/key.h"
#include "keyring/scoped.h"

/* dead keys at a time; more wait for the next */
#define DEAD_MAX 256
/* with more keys than that, only some calls look */
#define KEYS_CHEAP 64

static void file_close(FILE **file)
{
	if (*file)
		fclose(*file);
}

static bool contains(const int32_t *keys, size_t count, int32_t key)
{
	for (size_t i = 0; i < count; i++) {
		if (keys[i] == key)
			return true;
	}
	return false;
}

/* A line of /proc/keys: the token key of user @uid that it is about, or 0. */
static int32_t line_token(const char *line, uid_t uid)
{
	unsigned int serial, owner;
	char type[16];
	int used = -1;

	if (sscanf(line, "%x %*s %*d %*s %*x %u %*d %15s %n", &serial, &owner, type, &used) != 3 ||
	    used < 0 || owner != uid || strcmp(type, "user") != 0 ||
	    strncmp(line + used, KEY_TOKEN_PREFIX, strlen(KEY_TOKEN_PREFIX)) != 0)
		return 0;
	return (int32_t)serial;
}

/* A key that has ended does not say what it was; the list of all keys does. */
static void dead_unlink(const int32_t *dead, size_t count)
{
	__attribute__((cleanup(file_close))) FILE *file = fopen("/proc/keys", "re");
	uid_t uid = (uid_t)setfsuid((uid_t)-1);
	SCOPED_BUFFER char *line = NULL;
	size_t size = 0;

	while (file && getline(&line, &size, file) > 0) {
		int32_t key = line_token(line, uid);

		if (key && contains(dead, count, key))
			(void)keyctl_unlink(key, KEY_SPEC_USER_KEYRING);
	}
}

void expired_forget(void)
{
	static atomic_long skip;
	SCOPED_BUFFER int32_t *keys = NULL;
	ssize_t count;
	size_t dead = 0;

	if (atomic_fetch_sub(&skip, 1) > 0)
		return;
	count = key_list_all(KEY_SPEC_USER_KEYRING, &keys);
	skip = count / KEYS_CHEAP;
	for (ssize_t i = 0; i < count && dead < DEAD_MAX; i++) {
		struct key_info info;
		int error = key_describe(keys[i], &info);

		if (error == -EKEYEXPIRED || error == -EKEYREVOKED)
			keys[dead++] = keys[i];
	}
	if (dead)
		dead_unlink(keys, dead);
}
