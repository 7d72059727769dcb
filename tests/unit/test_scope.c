/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The library's side: acting as a client for the time of a function, taking an
 * identity to another thread, and knowing whether one is oneself.
 */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actor.h"
#include "keyring/guise.h"
#include "keyring/key.h"
#include "people.h"

static struct person people[3];
#define ALICE (&people[0])
#define BOB (&people[1])
#define SERVER (&people[2])

static struct actor *alice, *bob, *server;

static long do_grant(long account)
{
	int32_t serial = 0;
	int error = guise_grant((uid_t)account, GUISE_IMPERSONATE, 60, &serial);

	return error ? error : serial;
}

static long do_revoke(long key)
{
	return guise_revoke((int32_t)key);
}

static long do_invalidate(long key)
{
	return keyctl_invalidate((key_serial_t)key) < 0 ? -errno : 0;
}

static long do_forbid_link(long key)
{
	return keyctl_setperm((key_serial_t)key, KEY_TOKEN_PERM & ~KEY_OTH_LINK);
}

static long do_clear(long unused)
{
	(void)unused;
	return keyctl_clear(KEY_SPEC_USER_KEYRING);
}

static long do_impersonate(long key)
{
	return guise_impersonate((int32_t)key);
}

static long do_revert(long unused)
{
	(void)unused;
	return guise_revert();
}

static long do_no_unlink(long yes)
{
	actor_no_unlink = yes;
	return 0;
}

/* The client's key, 0: itself, or what guise_current() says. */
static long do_current(long unused)
{
	int32_t serial = 0;
	int is = guise_current(&serial);

	(void)unused;
	return is == 1 ? serial : is;
}

static long do_assert_self(long unused)
{
	(void)unused;
	return guise_assert_self();
}

/* The uid that a mount would see in the server's thread, or minus the reason. */
static long seen(void)
{
	struct caller caller = actor_caller(server);
	struct refusal refusal;
	const struct token *token;
	uid_t uid;

	if (resolver_token(actor_resolver, &caller, true, &token, &refusal))
		return -(long)refusal.reason;
	uid = token_uid(token);
	token_unref(token);
	return (long)uid;
}

static void check_itself(void)
{
	ck_assert_int_eq(seen(), SERVER->uid);
	ck_assert_int_eq(actor_do(server, do_current, 0), 0);
	ck_assert_int_eq(actor_do(server, do_assert_self, 0), 0);
}

/* Neither itself nor a client: refused, and it knows. */
static void check_lost(void)
{
	ck_assert_int_eq(seen(), -REASON_RING_UNREADABLE);
	ck_assert_int_eq(actor_do(server, do_current, 0), -ENOTRECOVERABLE);
	ck_assert_int_eq(actor_do(server, do_assert_self, 0), -EBUSY);
}

static long alices(void)
{
	return actor_do(alice, do_grant, SERVER->uid);
}

static long bobs(void)
{
	return actor_do(bob, do_grant, SERVER->uid);
}

static void setup(void)
{
	struct resolver_options options = {0};

	ck_assert_int_eq(resolver_create(&options, &actor_resolver), 0);
	alice = actor_start(ALICE->uid, ALICE->gid, 0);
	bob = actor_start(BOB->uid, BOB->gid, 0);
	server = actor_start(SERVER->uid, SERVER->gid, 0);
}

static void teardown(void)
{
	actor_do(alice, do_clear, 0);
	actor_do(bob, do_clear, 0);
	actor_end(alice);
	actor_end(bob);
	actor_end(server);
	resolver_destroy(actor_resolver);
}

/* ---- guise_with_token() ---- */

/* in the server: what functions under test do and saw */
static long other_key;
static long during;
static int calls;

static long do_other_key(long key)
{
	other_key = key;
	return 0;
}

static long do_during(long unused)
{
	(void)unused;
	return during;
}

static int fn_look(void *arg)
{
	calls++;
	during = do_current(0);
	return *(int *)arg;
}

static int fn_impersonate_other(void *arg)
{
	calls++;
	during = guise_impersonate((int32_t)other_key);
	return *(int *)arg;
}

static int fn_revert(void *arg)
{
	calls++;
	during = guise_revert();
	return *(int *)arg;
}

static int fn_forbid_unlink(void *arg)
{
	calls++;
	actor_no_unlink = true;
	return *(int *)arg;
}

static long with(int (*fn)(void *arg), long key)
{
	int number = 42, result = -1, error;

	calls = 0;
	error = guise_with_token((int32_t)key, fn, &number, &result);
	if (calls != 1)
		return calls == 0 && result == -1 ? error : -1000;
	return result == 42 ? error : -1001;
}

static long do_with_look(long key)
{
	return with(fn_look, key);
}

static long do_with_other(long key)
{
	return with(fn_impersonate_other, key);
}

static long do_with_revert(long key)
{
	return with(fn_revert, key);
}

static long do_with_no_unlink(long key)
{
	return with(fn_forbid_unlink, key);
}

static long do_with_no_result(long key)
{
	int number = 42;

	return guise_with_token((int32_t)key, fn_look, &number, NULL);
}

START_TEST(with_token_is_the_client_and_then_itself)
{
	long key = alices();

	ck_assert_int_eq(actor_do(server, do_with_look, key), 0);
	ck_assert_int_eq(actor_do(server, do_during, 0), key);
	check_itself();
	ck_assert_int_eq(actor_do(server, do_with_no_result, key), 0);
	check_itself();
}
END_TEST

START_TEST(with_token_reverts_what_the_function_impersonates)
{
	actor_do(server, do_other_key, bobs());
	ck_assert_int_eq(actor_do(server, do_with_other, alices()), 0);
	ck_assert_int_eq(actor_do(server, do_during, 0), 0);
	check_itself();
	ck_assert_int_eq(actor_do(server, do_with_revert, alices()), 0);
	ck_assert_int_eq(actor_do(server, do_during, 0), 0);
	check_itself();
}
END_TEST

/* Whoever the thread was before. */
START_TEST(with_token_leaves_the_thread_itself_in_any_case)
{
	long key = alices(), refused = actor_do(bob, do_grant, BOB->uid);

	ck_assert_int_eq(actor_do(server, do_with_look, refused), -EKEYREJECTED);
	check_itself();
	ck_assert_int_eq(actor_do(server, do_impersonate, key), 0);
	ck_assert_int_eq(seen(), ALICE->uid);
	ck_assert_int_eq(actor_do(server, do_with_look, refused), -EKEYREJECTED);
	check_itself();
	ck_assert_int_eq(actor_do(server, do_impersonate, key), 0);
	ck_assert_int_eq(actor_do(server, do_with_look, bobs()), 0);
	check_itself();
}
END_TEST

START_TEST(with_token_tells_that_it_could_not_revert)
{
	long key = alices();

	ck_assert_int_eq(actor_do(server, do_with_no_unlink, key), -ENOTRECOVERABLE);
	check_lost();
	actor_do(server, do_no_unlink, false);
	check_lost(); /* until a revert succeeds */
	ck_assert_int_eq(actor_do(server, do_revert, 0), 0);
	check_itself();
	ck_assert_int_eq(actor_do(server, do_impersonate, key), 0);
	ck_assert_int_eq(seen(), ALICE->uid);
}
END_TEST

/* A thread that is lost stays so, whatever fails next, and is a client again if that works. */
START_TEST(lost_until_something_succeeds)
{
	long key = alices(), other = bobs(), closed = bobs();

	ck_assert_int_eq(actor_do(server, do_impersonate, key), 0);
	actor_do(server, do_no_unlink, true);
	ck_assert_int_eq(actor_do(server, do_revert, 0), -ENOTRECOVERABLE);
	check_lost();
	ck_assert_int_eq(actor_do(server, do_impersonate, other), -ENOTRECOVERABLE);
	check_lost();
	ck_assert_int_eq(actor_do(server, do_with_look, other), -ENOTRECOVERABLE);
	check_lost();
	actor_do(server, do_no_unlink, false);
	ck_assert_int_eq(actor_do(server, do_impersonate, 1), -ENOKEY);
	check_lost();
	ck_assert_int_eq(actor_do(bob, do_forbid_link, closed), 0);
	ck_assert_int_eq(actor_do(server, do_impersonate, closed), -EACCES);
	check_lost(); /* its keyring is empty by now, and it is not itself */
	ck_assert_int_eq(actor_do(server, do_impersonate, other), 0);
	ck_assert_int_eq(seen(), BOB->uid);
	ck_assert_int_eq(actor_do(server, do_current, 0), other);
	ck_assert_int_eq(actor_do(server, do_revert, 0), 0);
	check_itself();
}
END_TEST

/* ---- guise_current(), guise_assert_self() ---- */

START_TEST(current_is_what_the_keyring_says)
{
	long key = alices(), other = bobs();

	check_itself();
	ck_assert_int_eq(actor_do(server, do_impersonate, key), 0);
	ck_assert_int_eq(actor_do(server, do_current, 0), key);
	ck_assert_int_eq(actor_do(server, do_assert_self, 0), -EBUSY);
	ck_assert_int_eq(actor_do(server, do_impersonate, other), 0);
	ck_assert_int_eq(actor_do(server, do_current, 0), other);
	ck_assert_int_eq(actor_do(server, do_revert, 0), 0);
	check_itself();
}
END_TEST

/* The thread is refused, and not itself: whose key it was is still known. */
START_TEST(current_of_a_key_that_ended)
{
	long revoked = alices(), invalidated = alices();

	ck_assert_int_eq(actor_do(server, do_impersonate, revoked), 0);
	ck_assert_int_eq(actor_do(alice, do_revoke, revoked), 0);
	ck_assert_int_eq(actor_do(server, do_current, 0), revoked);
	ck_assert_int_eq(actor_do(server, do_assert_self, 0), -EBUSY);
	ck_assert_int_eq(actor_do(server, do_impersonate, invalidated), 0);
	ck_assert_int_eq(actor_do(alice, do_invalidate, invalidated), 0);
	ck_assert_int_eq(actor_do(server, do_current, 0), invalidated);
	ck_assert_int_eq(actor_do(server, do_assert_self, 0), -EBUSY);
	ck_assert_int_eq(seen(), -REASON_MARKER_ALONE);
	ck_assert_int_eq(actor_do(server, do_revert, 0), 0);
	check_itself();
}
END_TEST

static long do_link(long key)
{
	return keyctl_link((key_serial_t)key, KEY_SPEC_THREAD_KEYRING);
}

static long do_unlink(long key)
{
	return keyctl_unlink((key_serial_t)key, KEY_SPEC_THREAD_KEYRING);
}

/* What the program did to its keyring itself. */
START_TEST(current_is_not_sure_of_an_odd_keyring)
{
	long key = alices(), other = bobs();

	ck_assert_int_eq(actor_do(server, do_impersonate, key), 0);
	ck_assert_int_eq(actor_do(server, do_link, other), 0);
	ck_assert_int_eq(actor_do(server, do_current, 0), -ENOTRECOVERABLE);
	ck_assert_int_eq(actor_do(server, do_assert_self, 0), -EBUSY);
	ck_assert_int_eq(actor_do(server, do_unlink, key), 0);
	ck_assert_int_eq(actor_do(server, do_current, 0), other);
}
END_TEST

/* ---- guise_capture(), guise_resume() ---- */

static struct guise_identity *captured;

static long do_capture(long unused)
{
	(void)unused;
	guise_identity_free(captured);
	return guise_capture(&captured);
}

static long do_resume(long unused)
{
	(void)unused;
	return guise_resume(captured);
}

struct outcome {
	long resumed, then, reverted;
};

static void *resume_elsewhere(void *argument)
{
	struct outcome *outcome = argument;

	outcome->resumed = guise_resume(captured);
	outcome->then = do_current(0);
	outcome->reverted = guise_revert();
	return NULL;
}

/* Whom another thread is once it resumed, or why it could not. */
static long do_resume_elsewhere(long unused)
{
	struct outcome outcome = {0};
	pthread_t thread;

	(void)unused;
	if (pthread_create(&thread, NULL, resume_elsewhere, &outcome) != 0)
		return -EAGAIN;
	pthread_join(thread, NULL);
	if (outcome.reverted)
		return -1000;
	return outcome.resumed ? outcome.resumed : outcome.then;
}

START_TEST(captured_on_one_thread_resumed_on_another)
{
	long key = alices();

	ck_assert_int_eq(actor_do(server, do_impersonate, key), 0);
	ck_assert_int_eq(actor_do(server, do_capture, 0), 0);
	ck_assert_int_eq(actor_do(server, do_resume_elsewhere, 0), key);
	ck_assert_int_eq(seen(), ALICE->uid); /* the first goes on */
	ck_assert_int_eq(actor_do(server, do_revert, 0), 0);
	ck_assert_int_eq(actor_do(server, do_resume_elsewhere, 0), key);
	check_itself();
	ck_assert_int_eq(actor_do(server, do_impersonate, bobs()), 0);
	ck_assert_int_eq(actor_do(server, do_resume, 0), 0);
	ck_assert_int_eq(seen(), ALICE->uid);
}
END_TEST

START_TEST(resuming_the_server_itself_reverts)
{
	ck_assert_int_eq(actor_do(server, do_capture, 0), 0);
	ck_assert_int_eq(actor_do(server, do_resume_elsewhere, 0), 0);
	ck_assert_int_eq(actor_do(server, do_impersonate, alices()), 0);
	ck_assert_int_eq(seen(), ALICE->uid);
	ck_assert_int_eq(actor_do(server, do_resume, 0), 0);
	check_itself();
}
END_TEST

/* Nobody links a revoked key any more: the kernel may have collected it. */
static void check_ended(long error)
{
	ck_assert_msg(error == -EKEYREVOKED || error == -ENOKEY, "%ld", error);
}

START_TEST(what_is_captured_keeps_no_consent_alive)
{
	long revoked = alices(), invalidated = bobs();

	ck_assert_int_eq(actor_do(server, do_impersonate, revoked), 0);
	ck_assert_int_eq(actor_do(server, do_capture, 0), 0);
	ck_assert_int_eq(actor_do(server, do_revert, 0), 0);
	ck_assert_int_eq(actor_do(alice, do_revoke, revoked), 0);
	check_ended(actor_do(server, do_resume, 0));
	check_itself();
	ck_assert_int_eq(actor_do(server, do_impersonate, invalidated), 0);
	ck_assert_int_eq(actor_do(server, do_capture, 0), 0);
	ck_assert_int_eq(actor_do(server, do_revert, 0), 0);
	ck_assert_int_eq(actor_do(bob, do_invalidate, invalidated), 0);
	ck_assert_int_eq(actor_do(server, do_resume, 0), -ENOKEY);
	check_itself();
}
END_TEST

static long do_captured_nothing(long unused)
{
	(void)unused;
	return captured == NULL;
}

START_TEST(what_is_not_certain_is_not_captured)
{
	long key = alices();

	ck_assert_int_eq(actor_do(server, do_impersonate, key), 0);
	ck_assert_int_eq(actor_do(alice, do_revoke, key), 0);
	ck_assert_int_eq(actor_do(server, do_capture, 0), -EKEYREVOKED);
	ck_assert_int_eq(actor_do(server, do_captured_nothing, 0), 1);
	ck_assert_int_eq(actor_do(server, do_resume, 0), -EINVAL);
	actor_do(server, do_no_unlink, true);
	ck_assert_int_eq(actor_do(server, do_revert, 0), -ENOTRECOVERABLE);
	ck_assert_int_eq(actor_do(server, do_capture, 0), -ENOTRECOVERABLE);
	ck_assert_int_eq(actor_do(server, do_captured_nothing, 0), 1);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		with_token_is_the_client_and_then_itself,
		with_token_reverts_what_the_function_impersonates,
		with_token_leaves_the_thread_itself_in_any_case,
		with_token_tells_that_it_could_not_revert,
		lost_until_something_succeeds,
		current_is_what_the_keyring_says,
		current_of_a_key_that_ended,
		current_is_not_sure_of_an_odd_keyring,
		captured_on_one_thread_resumed_on_another,
		resuming_the_server_itself_reverts,
		what_is_captured_keeps_no_consent_alive,
		what_is_not_certain_is_not_captured,
	};
	Suite *suite = suite_create("scope");
	TCase *cases = tcase_create("root");
	SRunner *runner;
	int failed;

	if (geteuid() != 0) {
		puts("needs root");
		return 77;
	}
	if (!people_add(3, people))
		return EXIT_FAILURE;
	tcase_set_timeout(cases, 60);
	tcase_add_checked_fixture(cases, setup, teardown);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(cases, tests[i]);
	suite_add_tcase(suite, cases);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
