/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checking a password and stating who it was. */
#include "logon.h"

#include <crypt.h>
#include <errno.h>
#include <grp.h>
#include <guise.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define GROUPS_MAX 64
#define SECONDS 60

/* The hash of nobody's password, so that a user who is not there takes as long as one who is. */
#define NO_HASH "$6$guisefs-example$"

/* The hash of @user in @hash, or NO_HASH. */
static int hash_find(const char *file, const char *user, char *hash, size_t size)
{
	size_t length = strlen(user);
	char *line = NULL;
	size_t room = 0;
	FILE *list = fopen(file, "re");

	if (!list)
		return -EIO;
	snprintf(hash, size, "%s", NO_HASH);
	while (getline(&line, &room, list) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, user, length) == 0 && line[length] == ':')
			snprintf(hash, size, "%s", line + length + 1);
	}
	free(line);
	fclose(list);
	return 0;
}

/* In a time that does not depend on where they differ. */
static bool same(const char *a, const char *b)
{
	size_t length = strlen(a);
	int differ = 0;

	if (strlen(b) != length)
		return false;
	for (size_t i = 0; i < length; i++)
		differ |= a[i] ^ b[i];
	return !differ;
}

static int password_check(const char *file, const char *user, const char *password)
{
	char hash[CRYPT_OUTPUT_SIZE];
	struct crypt_data *data = calloc(1, sizeof(*data));
	int error = data ? hash_find(file, user, hash, sizeof(hash)) : -ENOMEM;

	if (!error) {
		const char *found = crypt_rn(password, hash, data, sizeof(*data));

		/* NULL: what stands in the file is no hash */
		error = found && same(found, hash) ? 0 : -EACCES;
		explicit_bzero(data, sizeof(*data));
	}
	free(data);
	if (error == -EACCES)
		sleep(1); /* with the few connections that an account gets, guessing is slow */
	return error;
}

/* The account's groups as SIDs, and pointers to them. */
struct groups {
	char sid[GROUPS_MAX][32];
	const char *pointer[GROUPS_MAX];
	int count;
};

static int groups_of(const struct passwd *account, struct groups *groups)
{
	gid_t gids[GROUPS_MAX];

	groups->count = GROUPS_MAX;
	if (getgrouplist(account->pw_name, account->pw_gid, gids, &groups->count) < 0)
		return -E2BIG;
	for (int i = 0; i < groups->count; i++) {
		snprintf(groups->sid[i], sizeof(groups->sid[i]), "S-1-22-2-%u", gids[i]);
		groups->pointer[i] = groups->sid[i];
	}
	return 0;
}

int logon_issue(const char *file, const char *user, const char *password, int32_t *serial)
{
	const uid_t self = geteuid();
	struct passwd account, *found;
	struct groups groups;
	char sid[32], text[4096];
	int error = *user ? password_check(file, user, password) : -EACCES;

	if (error)
		return error;
	/* root's password is not for services */
	if (getpwnam_r(user, &account, text, sizeof(text), &found) != 0 || !found ||
	    !account.pw_uid)
		return -EACCES;
	error = groups_of(&account, &groups);
	if (error)
		return error;
	snprintf(sid, sizeof(sid), "S-1-22-1-%u", account.pw_uid);
	return guise_issue(sid, groups.pointer, (size_t)groups.count, NULL, 0, &self, 1,
			   GUISE_IMPERSONATE, SECONDS, serial);
}
