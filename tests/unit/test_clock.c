/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The resolver when the host's clock is set.  Its clocks are this test's: only the daemon's
 * side sees them stepped, the actors and the kernel do not.
 */
#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "actor.h"
#include "keyring/caller.h"
#include "keyring/guise.h"
#include "keyring/idmap.h"
#include "keyring/key.h"
#include "keyring/ring.h"
#include "people.h"

static struct person people[2];
#define CLIENT (&people[0])
#define SERVER (&people[1])

static struct actor *client, *server;
static struct resolver *resolver;

/* seconds by which the clocks are off, in this process */
static time_t realtime_step, monotonic_step;
static bool inside; /* the resolver: Check, too, takes times */
static unsigned int group_look_ups;

int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	int result = __real_clock_gettime(clock, now);

	if (inside && clock == CLOCK_REALTIME)
		now->tv_sec += realtime_step;
	else if (inside && clock == CLOCK_MONOTONIC)
		now->tv_sec += monotonic_step;
	return result;
}

time_t __real_time(time_t *now);
time_t __wrap_time(time_t *now);

time_t __wrap_time(time_t *now)
{
	time_t value = __real_time(NULL) + (inside ? realtime_step : 0);

	if (now)
		*now = value;
	return value;
}

int __real_idmap_user_groups(uid_t uid, gid_t *gid, gid_t **groups, size_t *count);
int __wrap_idmap_user_groups(uid_t uid, gid_t *gid, gid_t **groups, size_t *count);

int __wrap_idmap_user_groups(uid_t uid, gid_t *gid, gid_t **groups, size_t *count)
{
	group_look_ups++;
	return __real_idmap_user_groups(uid, gid, groups, count);
}

static void setup(void)
{
	struct resolver_options options = {0};

	ck_assert_int_eq(resolver_create(&options, &resolver), 0);
	actor_resolver = resolver;
	client = actor_start(CLIENT->uid, CLIENT->gid, 0);
	server = actor_start(SERVER->uid, SERVER->gid, 0);
}

static long do_clear(long unused)
{
	return keyctl_clear(KEY_SPEC_USER_KEYRING);
}

static void teardown(void)
{
	actor_do(client, do_clear, 0);
	actor_end(client);
	actor_end(server);
	resolver_destroy(resolver);
}

/* A token key without an end of the kernel's, whose text ends @until. */
static long do_make(long until)
{
	char text[128];
	int length = snprintf(text, sizeof(text),
			      "guise-token 1\nlevel impersonate\nfor S-1-22-1-%u\nuntil %ld\n",
			      SERVER->uid, until);

	return key_make(KEY_TOKEN_PREFIX "clock", text, (size_t)length, KEY_TOKEN_PERM,
			KEY_SPEC_USER_KEYRING, false);
}

static long do_impersonate(long key)
{
	return guise_impersonate((int32_t)key);
}

static enum guise_reason refused(void)
{
	struct caller caller = actor_caller(server);
	struct refusal refusal;
	const struct token *token;

	inside = true;
	resolver_token(resolver, &caller, true, &token, &refusal);
	inside = false;
	ck_assert(!token || token_uid(token) == CLIENT->uid);
	token_unref(token);
	return refusal.reason;
}

/* The server acts as the client for @seconds from now. */
static void impersonating(long seconds)
{
	long key = actor_do(client, do_make, (long)__real_time(NULL) + seconds);

	ck_assert_int_gt(key, 0);
	ck_assert_int_eq(actor_do(server, do_impersonate, key), 0);
	ck_assert_int_eq(refused(), REASON_NONE);
}

/* Whether the token was seen before or not. */
START_TEST(a_step_over_its_end_ends_a_token)
{
	struct resolver_options options = {0};
	struct resolver *first = resolver;

	impersonating(1000);
	realtime_step = 900;
	ck_assert_int_eq(refused(), REASON_NONE);
	realtime_step = 1001;
	ck_assert_int_eq(refused(), REASON_KEY_EXPIRED);
	ck_assert_int_eq(resolver_create(&options, &resolver), 0);
	ck_assert_int_eq(refused(), REASON_KEY_EXPIRED);
	resolver_destroy(resolver);
	resolver = first;
	ck_assert_int_eq(refused(), REASON_KEY_EXPIRED);
}
END_TEST

/* The end is a time of day: a clock set right again makes it valid again, not for longer. */
START_TEST(a_step_back_undoes_a_step_forward_and_no_more)
{
	impersonating(1000);
	realtime_step = 5000;
	ck_assert_int_eq(refused(), REASON_KEY_EXPIRED);
	realtime_step = 0;
	ck_assert_int_eq(refused(), REASON_NONE);
	realtime_step = -5000;
	ck_assert_int_eq(refused(), REASON_NONE);
	/* long after, by the clock that nobody sets */
	monotonic_step = 3600;
	realtime_step = 1001;
	ck_assert_int_eq(refused(), REASON_KEY_EXPIRED);
}
END_TEST

/* What was looked up gets old by the clock that nobody sets. */
START_TEST(a_step_back_does_not_keep_groups_for_longer)
{
	unsigned int before;

	impersonating(1000000);
	before = group_look_ups;
	ck_assert_int_eq(refused(), REASON_NONE);
	ck_assert_uint_eq(group_look_ups, before);
	realtime_step = -86400;
	monotonic_step = 3600;
	ck_assert_int_eq(refused(), REASON_NONE);
	ck_assert_uint_eq(group_look_ups, before + 1);
}
END_TEST

/* An entry of a process that is no more, as a daemon that ended left it. */
static const char *leave_entry(int32_t ring)
{
	static char name[64];
	uint64_t space;

	ck_assert_int_eq(caller_pid_namespace(&space), 0);
	snprintf(name, sizeof(name), "guise:thread:%llu:%d", (unsigned long long)space, 0x3fffffff);
	ck_assert_int_gt(ring_entry_write(ring, name, "1 1 1"), 0);
	return name;
}

static void housekeep(void)
{
	inside = true;
	resolver_housekeep(resolver);
	inside = false;
}

START_TEST(a_step_back_does_not_end_housekeeping)
{
	int32_t ring = ring_open(RING_THREADS);
	const char *name;

	realtime_step = 1000000;
	housekeep();
	realtime_step = 0;
	name = leave_entry(ring);
	housekeep();
	ck_assert_int_eq(ring_find(ring, name), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("clock");
	TCase *tests = tcase_create("steps");
	SRunner *runner;
	int failed;

	if (geteuid() != 0) {
		puts("4 tests skipped: they need root");
		return 77;
	}
	if (!people_add(2, people))
		return EXIT_FAILURE;
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, a_step_over_its_end_ends_a_token);
	tcase_add_test(tests, a_step_back_undoes_a_step_forward_and_no_more);
	tcase_add_test(tests, a_step_back_does_not_keep_groups_for_longer);
	tcase_add_test(tests, a_step_back_does_not_end_housekeeping);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
