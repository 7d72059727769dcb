/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Deeds with the functions of the library that are not in deeds.c. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "keyring/guise.h"
#include "tests/mount/deeds.h"

/* What DEED_GRANT_WITH and DEED_RESTRICT begin with. */
struct limits {
	int level, length;
	unsigned int ttl;
	uint32_t rights;
	char share[80];
};

static bool limits_read(const char *text, struct limits *limits)
{
	return sscanf(text, "%d %u %" SCNx32 " %79s%n", &limits->level, &limits->ttl,
		      &limits->rights, limits->share, &limits->length) == 4;
}

static const char *share_of(const struct limits *limits)
{
	return strcmp(limits->share, "-") == 0 ? NULL : limits->share;
}

long do_grant_with(const char *text, long number, char *said)
{
	struct limits limits;
	uid_t accounts[8];
	size_t count = 0;
	int32_t serial = 0;
	int used, error;

	if (!limits_read(text, &limits))
		return -EDOM;
	for (text += limits.length; count < 8; text += used, count++)
		if (sscanf(text, "%u%n", &accounts[count], &used) != 1)
			break;
	error = guise_grant_with(accounts, count, limits.level, limits.ttl, limits.rights,
				 share_of(&limits), &serial);
	return error ? error : serial;
}

long do_restrict(const char *text, long number, char *said)
{
	struct limits limits;
	int32_t serial = 0;
	int error;

	if (!limits_read(text, &limits))
		return -EDOM;
	error = guise_restrict((int32_t)number, limits.level, limits.ttl, limits.rights,
			       share_of(&limits), &serial);
	return error ? error : serial;
}

long do_issue(const char *text, long number, char *said)
{
	static const char *const privileges[] = {"SeBackupPrivilege"};
	char *copy = strdup(text), *rest = copy;
	int level = atoi(strsep(&rest, " "));
	uid_t account = (uid_t)atol(strsep(&rest, " "));
	const char *user = strsep(&rest, " "), *groups[8];
	size_t count = 0;
	int32_t serial = 0;
	int error;

	while (rest && count < 8)
		groups[count++] = strsep(&rest, " ");
	error = guise_issue(user, groups, count, privileges, (size_t)number, &account, 1, level, 60,
			    &serial);
	free(copy);
	return error ? error : serial;
}

long do_list(const char *text, long number, char *said)
{
	return guise_list(NULL, 0);
}

long do_query(const char *text, long number, char *said)
{
	struct guise_token *token;
	int error = guise_query(&token), length;
	const char *actor;

	if (error)
		return token ? -EDOM : error;
	actor = guise_token_actor(token);
	length = snprintf(said, DEED_TEXT, "%s %s %d %s %d 0x%" PRIx32, guise_token_user(token),
			  guise_token_name(token), guise_token_level(token), actor ? actor : "-",
			  guise_token_until(token) > 0, guise_token_rights(token));
	for (size_t i = 0; i < guise_token_group_count(token); i++)
		length += snprintf(said + length, DEED_TEXT - (size_t)length, " %s",
				   guise_token_group(token, i));
	if (guise_token_group(token, guise_token_group_count(token)))
		error = -EDOM;
	guise_token_free(token);
	return error;
}

long do_check(const char *text, long number, char *said)
{
	uint32_t granted = 1;
	int error = guise_access_check(text, (uint32_t)number, &granted);

	sprintf(said, "0x%" PRIx32, granted);
	return guise_access_check(text, (uint32_t)number, NULL) == error ? error : -EDOM;
}

long do_check_fd(const char *text, long number, char *said)
{
	uint32_t granted = 1;
	int error = guise_access_check_fd(atoi(text), (uint32_t)number, &granted);

	sprintf(said, "0x%" PRIx32, granted);
	return error;
}

static long attribute(const char *path, const char *name, char *said)
{
	return getxattr(path, name, said, DEED_TEXT - 1) < 0 ? -errno : 0;
}

long do_get_access(const char *text, long number, char *said)
{
	return attribute(text, "system.guise.access", said);
}

long do_get_sddl(const char *text, long number, char *said)
{
	return attribute(text, "system.guise.sddl", said);
}

long do_get_check(const char *text, long number, char *said)
{
	return attribute(text, "system.guise.access.check.0x0", said);
}

long do_current(const char *text, long number, char *said)
{
	int32_t serial = 0;
	int is = guise_current(&serial);

	return is == 1 ? serial : is;
}

long do_assert_self(const char *text, long number, char *said)
{
	return guise_assert_self();
}

long do_announce_self(const char *text, long number, char *said)
{
	return guise_announce_self();
}

static int fn_read(void *argument)
{
	return (int)deed_do(DEED_READ, argument, 0, NULL);
}

long do_with_read(const char *text, long number, char *said)
{
	char *path = strdup(text);
	int result = -EDOM, error = guise_with_token((int32_t)number, fn_read, path, &result);

	free(path);
	return error ? error : result;
}

static int fn_other(void *argument)
{
	char *path;
	int error = guise_impersonate((int32_t)strtol(argument, &path, 10));

	return error ? -EDOM : fn_read(path + 1);
}

long do_with_other(const char *text, long number, char *said)
{
	char *words = strdup(text);
	int result = -EDOM, error = guise_with_token((int32_t)number, fn_other, words, &result);

	free(words);
	return error ? error : result;
}

static struct guise_identity *captured;

long do_capture(const char *text, long number, char *said)
{
	guise_identity_free(captured);
	return guise_capture(&captured);
}

struct work {
	const char *path;
	long result;
};

static void *work_resume(void *argument)
{
	struct work *work = argument;

	work->result = guise_resume(captured);
	if (!work->result)
		work->result = deed_do(DEED_READ, work->path, 0, NULL);
	if (guise_revert())
		work->result = -EDOM;
	return NULL;
}

long do_resume_read(const char *text, long number, char *said)
{
	struct work work = {text, 0};
	pthread_t thread;

	if (pthread_create(&thread, NULL, work_resume, &work) != 0)
		return -EAGAIN;
	pthread_join(thread, NULL);
	return work.result;
}
