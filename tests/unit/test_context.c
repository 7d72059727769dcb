/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Call contexts: their one spelling, and the seal.  What needs the kernel's keyring has a user
 * namespace of its own, whose root has a user keyring of its own.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keyring/context_mac.h"
#include "keyring/context_seal.h"
#include "keyring/context_text.h"
#include "keyring/key.h"

#define FIRST "guise-context 1\n"
#define MADE "made 1763823454\n"
#define CALLER "user S-1-22-1-1000\nlevel identify\nauthentication consent\n"
#define ONE FIRST MADE "callers 1\n"
#define LETTERS_32 "abcdefghijklmnopqrstuvwxyz012345"
#define LETTERS_128 LETTERS_32 LETTERS_32 LETTERS_32 LETTERS_32

static const char all[] =
	FIRST MADE "host a.Host_1-x\ncallers 2\n"
		   "user S-1-22-1-1000\nlevel delegate\nauthentication logon\n"
		   "server S-1-22-1-33\nserver S-1-5-18\nrole Managers\nrole Night shift\nrole a\n"
		   "user S-1-22-1-33\nlevel anonymous\nauthentication narrowed\nrole \xc3\xa9\n";

static int read_text(const char *bytes, struct context_text *text)
{
	return context_text_read(bytes, strlen(bytes), text);
}

START_TEST(everything)
{
	char buffer[sizeof(all)];
	struct context_text text;

	ck_assert_int_eq(read_text(all, &text), 0);
	ck_assert_int_eq(text.made, 1763823454);
	ck_assert_str_eq(text.host, "a.Host_1-x");
	ck_assert_uint_eq(text.caller_count, 2);
	ck_assert_int_eq(text.callers[0].level, TOKEN_DELEGATE);
	ck_assert_int_eq(text.callers[0].authentication, CONTEXT_BY_LOGON);
	ck_assert_uint_eq(text.callers[0].server_count, 2);
	ck_assert(sid_equal(&text.callers[0].servers[1], &sid_system));
	ck_assert(context_caller_in_role(&text.callers[0], "Night shift"));
	ck_assert(!context_caller_in_role(&text.callers[0], "Night"));
	ck_assert(!context_caller_in_role(&text.callers[1], "Managers"));
	ck_assert_int_eq(text.callers[1].authentication, CONTEXT_BY_NARROWING);
	ck_assert_int_eq(context_text_write(&text, buffer, sizeof(buffer)), (int)strlen(all));
	ck_assert_str_eq(buffer, all);
	ck_assert_int_eq(context_text_write(&text, buffer, sizeof(buffer) - 1), -EFBIG);
	context_text_free(&text);
}
END_TEST

START_TEST(least)
{
	struct context_text text;

	ck_assert_int_eq(read_text(ONE CALLER, &text), 0);
	ck_assert_str_eq(text.host, "");
	ck_assert_uint_eq(text.callers[0].server_count, 0);
	ck_assert_uint_eq(text.callers[0].role_count, 0);
	context_text_free(&text);
}
END_TEST

static const char *const malformed[] = {
	"",
	"\n",
	"guise-context 2\n" MADE "callers 1\n" CALLER,
	"guise-context  1\n" MADE "callers 1\n" CALLER,
	"guise-token 1\n" MADE "callers 1\n" CALLER,
	FIRST,
	FIRST "callers 1\n" CALLER,
	FIRST "made 0\ncallers 1\n" CALLER,
	FIRST "made -1\ncallers 1\n" CALLER,
	FIRST "made 01\ncallers 1\n" CALLER,
	FIRST "made 9223372036854775808\ncallers 1\n" CALLER,
	FIRST "made 1 \ncallers 1\n" CALLER,
	FIRST MADE MADE "callers 1\n" CALLER,
	FIRST "callers 1\n" MADE CALLER,
	FIRST MADE CALLER,
	FIRST MADE "callers 0\n",
	FIRST MADE "callers 9\n" CALLER CALLER CALLER CALLER CALLER CALLER CALLER CALLER CALLER,
	ONE,
	FIRST MADE "callers 2\n" CALLER, /* too few, */
	ONE CALLER CALLER,               /* too many */
	FIRST MADE "host \ncallers 1\n" CALLER,
	FIRST MADE "host a b\ncallers 1\n" CALLER,
	FIRST MADE "host a\nhost b\ncallers 1\n" CALLER,
	FIRST MADE "host " LETTERS_32 LETTERS_32 "x\ncallers 1\n" CALLER,
	ONE "user S-1-22-1-1000\nlevel identify\n",
	ONE "user S-1-22-1-1000\nauthentication consent\nlevel identify\n",
	ONE "user s-1-22-1-1000\nlevel identify\nauthentication consent\n",
	ONE "user S-1-22-1-01000\nlevel identify\nauthentication consent\n",
	ONE "user alice\nlevel identify\nauthentication consent\n",
	ONE "user S-1-22-1-1000 \nlevel identify\nauthentication consent\n",
	ONE "user S-1-22-1-1000\nlevel Identify\nauthentication consent\n",
	ONE "user S-1-22-1-1000\nlevel identify\nauthentication trust\n",
	ONE "user S-1-22-1-1000\nlevel identify\nauthentication \n",
	ONE CALLER "server S-1-22-1-1x\n",
	ONE CALLER "server S-1-1-1\nserver S-1-1-1\nserver S-1-1-1\nserver S-1-1-1\n"
		   "server S-1-1-1\nserver S-1-1-1\nserver S-1-1-1\nserver S-1-1-1\n"
		   "server S-1-1-1\n",
	ONE CALLER "role a\nserver S-1-5-18\n",
	ONE CALLER "role \n",
	ONE CALLER "role a\nrole a\n",
	ONE CALLER "role b\nrole a\n",
	ONE CALLER "role a\tb\n",
	ONE CALLER "role a\x7f\n",
	ONE CALLER "role " LETTERS_128 "x\n",
	ONE CALLER "role a", /* no end */
	ONE CALLER "role a\n\n",
	ONE CALLER "group a\n",
	ONE CALLER "mac a\n",
};

START_TEST(malformed_is_refused)
{
	struct context_text text;

	ck_assert_int_eq(read_text(malformed[_i], &text), -EINVAL);
	ck_assert_uint_eq(text.caller_count, 0);
}
END_TEST

/* Beginnings, and a NUL where there was a letter. */
START_TEST(parts_are_refused)
{
	struct context_text text;

	for (size_t length = 0; length < strlen(all); length++) {
		char *copy = malloc(length + 1);

		memcpy(copy, all, length);
		/* without its last roles it is a text, though not a sealed one */
		if (context_text_read(copy, length, &text) == 0)
			ck_assert_int_eq(strncmp(all + length, "role ", 5), 0);
		context_text_free(&text);
		free(copy);
	}
	for (size_t at = 0; at < strlen(all); at++) {
		char copy[sizeof(all)];

		memcpy(copy, all, sizeof(all));
		copy[at] = '\0';
		ck_assert_int_eq(context_text_read(copy, strlen(all), &text), -EINVAL);
	}
}
END_TEST

START_TEST(what_cannot_be_read_is_not_written)
{
	struct context_text text = {.made = 1, .caller_count = 1};
	char buffer[500];

	text.callers[0].user = sid_anonymous;
	ck_assert_int_gt(context_text_write(&text, buffer, sizeof(buffer)), 0);
	text.made = 0;
	ck_assert_int_eq(context_text_write(&text, buffer, sizeof(buffer)), -EINVAL);
	text.made = 1;
	strcpy(text.host, "a b");
	ck_assert_int_eq(context_text_write(&text, buffer, sizeof(buffer)), -EINVAL);
	text.host[0] = '\0';
	ck_assert_int_eq(context_caller_add_role(&text.callers[0], "b"), 0);
	ck_assert_int_eq(context_caller_add_role(&text.callers[0], "a"), 0);
	ck_assert_int_eq(context_text_write(&text, buffer, sizeof(buffer)), -EINVAL);
	context_caller_sort_roles(&text.callers[0]);
	ck_assert_int_gt(context_text_write(&text, buffer, sizeof(buffer)), 0);
	ck_assert_int_eq(context_caller_add_role(&text.callers[0], "b\nrole c"), 0);
	ck_assert_int_eq(context_text_write(&text, buffer, sizeof(buffer)), -EINVAL);
	context_text_free(&text);
	ck_assert_int_eq(context_text_write(&text, buffer, sizeof(buffer)), -EINVAL);
}
END_TEST

START_TEST(as_many_roles_as_there_is_room_for)
{
	static char buffer[CONTEXT_TEXT_MAX + 1];
	struct context_text text = {.made = 1, .caller_count = 1}, again;
	char name[CONTEXT_ROLE_MAX + 1];
	ssize_t length;

	text.callers[0].user = sid_anonymous;
	for (int i = 0; i < CONTEXT_ROLES; i++) {
		snprintf(name, sizeof(name), "role-%04d", i);
		ck_assert_int_eq(context_caller_add_role(&text.callers[0], name), 0);
	}
	ck_assert_int_eq(context_caller_add_role(&text.callers[0], "more"), -E2BIG);
	length = context_text_write(&text, buffer, sizeof(buffer));
	ck_assert_int_gt(length, 0);
	ck_assert_int_eq(context_text_read(buffer, (size_t)length, &again), 0);
	ck_assert_uint_eq(again.callers[0].role_count, CONTEXT_ROLES);
	context_text_free(&again);
	context_text_free(&text);
}
END_TEST

/* FIPS 180-2, and the HMAC of prefix and digest as Python's hmac has it. */
START_TEST(digest_and_mac_are_the_agreed_ones)
{
	uint8_t key[CONTEXT_HASH], digest[CONTEXT_HASH], mac[CONTEXT_HASH];
	char text[CONTEXT_HASH_TEXT + 1];

	memset(key, 0x0b, sizeof(key));
	context_digest("abc", 3, digest);
	context_hash_format(digest, text);
	ck_assert_str_eq(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	context_mac(key, digest, mac);
	context_hash_format(mac, text);
	ck_assert_str_eq(text, "ed345bae040d6598ca40a90ac85d7f54fefc573ac763558eb481631bfcba8a0f");
}
END_TEST

START_TEST(only_the_seal_s_one_spelling_is_split_off)
{
	static const char sealed[] =
		"text\nmac 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n";
	uint8_t mac[CONTEXT_HASH];
	char line[CONTEXT_MAC_LINE + 1], copy[sizeof(sealed)];
	size_t size = strlen(sealed), length;

	ck_assert(context_split(sealed, size, &length, mac));
	ck_assert_uint_eq(length, 5);
	ck_assert_uint_eq(mac[1], 0x11);
	context_mac_line(mac, line);
	ck_assert_str_eq(line, sealed + 5);
	ck_assert(!context_split(sealed, size - 1, &length, mac));
	ck_assert(!context_split(sealed + 5, CONTEXT_MAC_LINE, &length, mac));
	for (size_t at = 5; at < size; at++) {
		memcpy(copy, sealed, sizeof(copy));
		copy[at] = 'A'; /* upper case is not its spelling */
		ck_assert(!context_split(copy, size, &length, mac));
	}
}
END_TEST

static void file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void setup(void)
{
	ck_assert_int_eq(unshare(CLONE_NEWUSER), 0);
	file_write("/proc/self/uid_map", "0 0 1");
	file_write("/proc/self/setgroups", "deny");
	file_write("/proc/self/gid_map", "0 0 1");
}

/* Does this host's key say that @sealed is its own? */
static int check_sealed(const char *sealed, size_t size)
{
	uint8_t digest[CONTEXT_HASH], mac[CONTEXT_HASH];
	size_t length;

	if (!context_split(sealed, size, &length, mac))
		return 0;
	context_digest(sealed, length, digest);
	return context_seal_check(digest, mac);
}

static size_t seal(char buffer[1000])
{
	ssize_t size;

	memcpy(buffer, all, strlen(all));
	size = context_seal(buffer, strlen(all), 1000);
	ck_assert_int_eq(size, (ssize_t)strlen(all) + CONTEXT_MAC_LINE);
	return (size_t)size;
}

START_TEST(each_byte_counts)
{
	char sealed[1000];
	size_t size = seal(sealed);

	ck_assert_int_eq(check_sealed(sealed, size), 1);
	for (size_t at = 0; at < size; at++) {
		for (int bit = 0; bit < 8; bit++) {
			sealed[at] = (char)(sealed[at] ^ 1 << bit);
			ck_assert_int_eq(check_sealed(sealed, size), 0);
			sealed[at] = (char)(sealed[at] ^ 1 << bit);
		}
		ck_assert_int_eq(check_sealed(sealed, at), 0);
	}
	ck_assert_int_eq(check_sealed(sealed, size), 1);
}
END_TEST

START_TEST(without_room_nothing_is_sealed)
{
	char sealed[1000];

	ck_assert_int_eq(context_seal(sealed, 10, 10 + CONTEXT_MAC_LINE - 1), -EFBIG);
	ck_assert_int_eq(context_seal(sealed, CONTEXT_TEXT_MAX + 1, CONTEXT_SEALED_MAX), -EFBIG);
}
END_TEST

static int32_t key_find(void)
{
	return (int32_t)keyctl_search(KEY_SPEC_USER_KEYRING, "user", CONTEXT_KEY_NAME, 0);
}

START_TEST(the_key_is_for_root_s_eyes_only)
{
	char sealed[1000];
	struct key_info info;

	seal(sealed);
	ck_assert_int_eq(key_describe(key_find(), &info), 0);
	ck_assert_uint_eq(info.uid, 0);
	/* nor the possessor's: who has root's session keyring is not root */
	ck_assert_uint_eq(info.perm & (KEY_POS_ALL | KEY_GRP_ALL | KEY_OTH_ALL), 0);
	ck_assert_uint_eq(info.perm & (KEY_USR_WRITE | KEY_USR_SETATTR), 0);
	ck_assert_int_eq(key_count(KEY_SPEC_USER_KEYRING), 1);
}
END_TEST

START_TEST(another_key_is_another_host_s)
{
	char sealed[1000], again[1000];
	size_t size = seal(sealed);

	ck_assert_int_eq(keyctl_unlink(key_find(), KEY_SPEC_USER_KEYRING), 0);
	/* no key at all: nothing was sealed, and asking makes none */
	ck_assert_int_eq(check_sealed(sealed, size), 0);
	ck_assert_int_eq(key_find(), -1);
	/* a new one */
	seal(again);
	ck_assert_int_eq(check_sealed(again, size), 1);
	ck_assert_int_eq(check_sealed(sealed, size), 0);
}
END_TEST

/* What has the key's name, but others could know. */
START_TEST(a_key_that_others_could_read_is_refused)
{
	static const uint32_t perms[] = {
		KEY_USR_ALL | KEY_POS_READ,
		KEY_USR_ALL | KEY_GRP_READ,
		KEY_USR_ALL | KEY_OTH_READ,
	};
	uint8_t secret[CONTEXT_HASH] = {0}, digest[CONTEXT_HASH] = {0};
	char sealed[1000] = "x\n";

	for (size_t i = 0; i < sizeof(perms) / sizeof(perms[0]); i++) {
		ck_assert_int_gt(key_make(CONTEXT_KEY_NAME, secret, sizeof(secret), perms[i],
					  KEY_SPEC_USER_KEYRING, false),
				 0);
		ck_assert_int_eq(context_seal(sealed, 2, sizeof(sealed)), -EPERM);
		ck_assert_int_eq(context_seal_check(digest, digest), -EPERM);
	}
	ck_assert_int_gt(key_make(CONTEXT_KEY_NAME, secret, sizeof(secret) - 1, KEY_USR_ALL,
				  KEY_SPEC_USER_KEYRING, false),
			 0);
	ck_assert_int_eq(context_seal(sealed, 2, sizeof(sealed)), -EPERM);
}
END_TEST

#define THREADS 8

static pthread_barrier_t start;

static void *seal_at_once(void *context)
{
	char *sealed = context;

	memcpy(sealed, all, strlen(all));
	pthread_barrier_wait(&start);
	return context_seal(sealed, strlen(all), 1000) < 0 ? sealed : NULL;
}

/* They share the process keyring, in which the key is made. */
START_TEST(threads_that_need_the_key_at_once_all_get_it)
{
	static char sealed[THREADS][1000];
	pthread_t threads[THREADS];

	ck_assert_int_eq(pthread_barrier_init(&start, NULL, THREADS), 0);
	/* as a daemon has it before its threads */
	ck_assert_int_gt(keyctl_get_keyring_ID(KEY_SPEC_PROCESS_KEYRING, 1), 0);
	for (int round = 0; round < 600; round++) {
		for (int i = 0; i < THREADS; i++)
			ck_assert_int_eq(pthread_create(&threads[i], NULL, seal_at_once, sealed[i]),
					 0);
		for (int i = 0; i < THREADS; i++) {
			void *failed;

			ck_assert_int_eq(pthread_join(threads[i], &failed), 0);
			ck_assert_ptr_null(failed);
			ck_assert_int_eq(memcmp(sealed[i], sealed[0], sizeof(sealed[0])), 0);
		}
		ck_assert_int_eq(keyctl_unlink(key_find(), KEY_SPEC_USER_KEYRING), 0);
	}
	pthread_barrier_destroy(&start);
}
END_TEST

/* Many daemons begin at the same time. */
START_TEST(the_key_is_made_once_in_a_race)
{
	int pipes[2];
	char sealed[1000], other[1000];
	size_t size;

	ck_assert_int_eq(pipe(pipes), 0);
	for (int i = 0; i < 16; i++) {
		if (fork() == 0) {
			size = seal(sealed);
			_exit(write(pipes[1], sealed, size) == (ssize_t)size ? 0 : 1);
		}
	}
	size = seal(sealed);
	for (int i = 0; i < 16; i++) {
		int status;

		ck_assert_int_gt(wait(&status), 0);
		ck_assert_int_eq(status, 0);
		ck_assert_int_eq(read(pipes[0], other, size), (ssize_t)size);
		ck_assert_int_eq(memcmp(sealed, other, size), 0);
	}
}
END_TEST

static Suite *context_suite(void)
{
	Suite *suite = suite_create("context");
	TCase *text = tcase_create("text");
	TCase *sealing = tcase_create("seal");

	tcase_add_test(text, everything);
	tcase_add_test(text, least);
	tcase_add_loop_test(text, malformed_is_refused, 0,
			    (int)(sizeof(malformed) / sizeof(malformed[0])));
	tcase_add_test(text, parts_are_refused);
	tcase_add_test(text, what_cannot_be_read_is_not_written);
	tcase_add_test(text, as_many_roles_as_there_is_room_for);
	tcase_add_test(text, digest_and_mac_are_the_agreed_ones);
	tcase_add_test(text, only_the_seal_s_one_spelling_is_split_off);
	suite_add_tcase(suite, text);
	if (getuid() == 0) {
		tcase_add_checked_fixture(sealing, setup, NULL);
		tcase_add_test(sealing, each_byte_counts);
		tcase_add_test(sealing, without_room_nothing_is_sealed);
		tcase_add_test(sealing, the_key_is_for_root_s_eyes_only);
		tcase_add_test(sealing, another_key_is_another_host_s);
		tcase_add_test(sealing, a_key_that_others_could_read_is_refused);
		tcase_add_test(sealing, the_key_is_made_once_in_a_race);
		tcase_add_test(sealing, threads_that_need_the_key_at_once_all_get_it);
		tcase_set_timeout(sealing, 100);
	}
	suite_add_tcase(suite, sealing);
	return suite;
}

int main(void)
{
	SRunner *runner = srunner_create(context_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
