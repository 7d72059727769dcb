/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake_domain.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keyring/domain_parts.h"

struct fake_domain fake_domain = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.changed = PTHREAD_COND_INITIALIZER,
};

static const struct {
	uint32_t id; /* 0: none */
	bool is_group;
	const char *sid, *name;
} members[] = {
	{ALICE, false, EX "1101", "EX\\alice"}, {BOB, false, EX "1102", "EX\\bob"},
	{ADMIN, false, EX "500", "EX\\admin"},  {STAFF, true, EX "1201", "EX\\staff"},
	{USERS, true, EX "513", "EX\\users"},   {ADMINS, true, EX "512", "EX\\admins"},
	{0, false, EX "1109", "EX\\ghost"},     {BUILTIN_USERS, true, "S-1-5-32-545", "-"},
};

#define MEMBERS (sizeof(members) / sizeof(members[0]))

static char folder[64];
static char paths[4][128];
static const char *const file_names[] = {"passwd", "group", "nsswitch.conf", "sssd"};

struct sid fake_sid(const char *text)
{
	struct sid sid;
	const char *end;

	ck_assert_msg(sid_parse(text, &sid, &end) && !*end, "%s is no SID", text);
	return sid;
}

/* Counts one question, and waits while it hangs. */
static int arrive(uint32_t id, unsigned int ids)
{
	int error;

	pthread_mutex_lock(&fake_domain.lock);
	fake_domain.questions++;
	fake_domain.asked += ids;
	while (id && fake_domain.hangs_at == id)
		pthread_cond_wait(&fake_domain.changed, &fake_domain.lock);
	error = fake_domain.error;
	pthread_mutex_unlock(&fake_domain.lock);
	return error;
}

void fake_domain_hang(uint32_t id)
{
	pthread_mutex_lock(&fake_domain.lock);
	fake_domain.hangs_at = id;
	pthread_cond_broadcast(&fake_domain.changed);
	pthread_mutex_unlock(&fake_domain.lock);
}

static const char *fake_lacks(void)
{
	return NULL;
}

static struct sid sid_of(const struct domain_id *id)
{
	if (fake_domain.answer)
		return fake_sid(fake_domain.answer);
	for (size_t i = 0; i < MEMBERS; i++) {
		if (members[i].id == id->id && members[i].is_group == id->is_group)
			return fake_sid(members[i].sid);
	}
	return sid_null;
}

static int fake_sids(const struct domain_id *ids, size_t count, struct sid *sids)
{
	int error = arrive(ids[0].id, (unsigned int)count);

	for (size_t i = 0; i < count && !error; i++)
		sids[i] = sid_of(&ids[i]);
	return error;
}

static int fake_ids(const struct sid *sid, struct domain_ids *ids)
{
	int error = arrive(sid->sub[4], 0);

	if (error)
		return error;
	if (fake_domain.has_other_ids) {
		*ids = (struct domain_ids){.has_uid = fake_domain.uid != UINT32_MAX,
					   .has_gid = fake_domain.gid != UINT32_MAX,
					   .uid = fake_domain.uid,
					   .gid = fake_domain.gid};
		return 0;
	}
	for (size_t i = 0; i < MEMBERS; i++) {
		struct sid own = fake_sid(members[i].sid);

		if (!members[i].id || !sid_equal(&own, sid))
			continue;
		ids->has_uid = ids->is_user = !members[i].is_group;
		ids->has_gid = members[i].is_group;
		ids->uid = ids->gid = members[i].id;
	}
	return 0;
}

static int fake_name(const struct sid *sid, char *name, size_t size)
{
	int error = arrive(0, 0);

	for (size_t i = 0; i < MEMBERS && !error; i++) {
		struct sid own = fake_sid(members[i].sid);

		if (sid_equal(&own, sid)) {
			snprintf(name, size, "%s", members[i].name);
			return 0;
		}
	}
	return error ? error : -ENOENT;
}

static int fake_named(const char *name, struct sid *sid)
{
	int error = arrive(0, 0);

	for (size_t i = 0; i < MEMBERS && !error; i++) {
		if (strcmp(members[i].name, name) == 0) {
			*sid = sid_of(&(struct domain_id){members[i].id, members[i].is_group});
			if (!members[i].id)
				*sid = fake_sid(members[i].sid);
			return 0;
		}
	}
	return error ? error : -ENOENT;
}

static int fake_groups(const char *account, gid_t gid, gid_t **groups, size_t *count)
{
	int error = arrive(0, 0);

	if (error)
		return error;
	*groups = calloc(2, sizeof(**groups));
	ck_assert_ptr_nonnull(*groups);
	(*groups)[(*count)++] = gid;
	if (fake_domain.extra_group)
		(*groups)[(*count)++] = fake_domain.extra_group;
	return 0;
}

static const struct domain_backend backend = {
	.lacks = fake_lacks,
	.sids = fake_sids,
	.ids = fake_ids,
	.name = fake_name,
	.named = fake_named,
	.groups = fake_groups,
};

void fake_domain_file(const char *name, const char *text)
{
	char path[128], fresh[160];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (!text) {
		ck_assert_int_eq(unlink(path), 0);
		return;
	}
	snprintf(fresh, sizeof(fresh), "%s.new", path);
	out = fopen(fresh, "w");
	ck_assert_ptr_nonnull(out);
	fputs(text, out);
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_int_eq(rename(fresh, path), 0);
}

void fake_domain_folder(const char *name, bool is_there)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	ck_assert_int_eq(is_there ? mkdir(path, 0700) : rmdir(path), 0);
}

void fake_domain_start(void)
{
	struct host_files files = {paths[0], paths[1], paths[2], paths[3]};

	snprintf(folder, sizeof(folder), "/tmp/guisefs-test.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	for (size_t i = 0; i < 4; i++)
		snprintf(paths[i], sizeof(paths[i]), "%s/%s", folder, file_names[i]);
	ck_assert_int_eq(mkdir(paths[3], 0700), 0);
	fake_domain_file("passwd", "root:x:0:0::/:/bin/sh\nlocal:x:1000:100::/:/bin/sh\n");
	fake_domain_file("group", "root:x:0:\nlocal:x:100:local\n");
	fake_domain_file("nsswitch.conf", "passwd: files winbind\ngroup: files winbind\n");
	host_test_files(&files);
	domain_test_backend(&backend);
}

void fake_domain_end(void)
{
	fake_domain_hang(0);
	domain_test_backend(NULL);
	host_test_files(NULL);
	for (size_t i = 0; i < 3; i++)
		unlink(paths[i]);
	for (size_t i = 0; i < 2; i++) {
		char path[160];

		snprintf(path, sizeof(path), "%s/%s", paths[3], i ? "conf.d/a.conf" : "sssd.conf");
		unlink(path);
	}
	snprintf(paths[0], sizeof(paths[0]), "%s/sssd/conf.d", folder);
	rmdir(paths[0]);
	rmdir(paths[3]);
	rmdir(folder);
}
