/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * handles=revocable: what a server opened as its client ends with the client's token key.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "keyring/guise.h"
#include "keyring/key.h"
#include "tests/mount/cast.h"

/* revoked, or already forgotten by the kernel */
#define ENDED "reason=handle-"

static struct share *share;
static struct player *a, *b, *s;
static char alice_file[256], bob_file[256], server_file[256], alice_folder[256];

static void private_object(char path[256], const char *name, const struct person *person,
			   bool folder)
{
	snprintf(path, 256, "%s", share_path(share, name));
	if (folder)
		put_folder(path);
	else
		put_file(path, "contents of it");
	sddl_set(path, "O:%sD:P(A;;FA;;;%s)", sid_of(person), sid_of(person));
}

static void begin(const struct share_config *config)
{
	share = share_open_config(config);
	sddl_set(share_path(share, ""), "D:(A;;FRFX;;;WD)");
	private_object(alice_file, "alice", &alice, false);
	private_object(bob_file, "bob", &bob, false);
	private_object(server_file, "server", &server, false);
	private_object(alice_folder, "folder", &alice, true);
	a = player_start(&alice);
	b = player_start(&bob);
	s = player_start(&server);
}

static void setup(void)
{
	begin(&(struct share_config){.options = "handles=revocable"});
}

static void setup_cached(void)
{
	begin(&(struct share_config){.options = "handles=cached"});
}

static void setup_debug(void)
{
	begin(&(struct share_config){.options = "handles=revocable", .debug = true});
}

static void teardown(void)
{
	player_do(a, DEED_CLEAR, NULL, 0);
	player_do(b, DEED_CLEAR, NULL, 0);
	player_do(s, DEED_CLEAR, NULL, 0);
	player_end(a);
	player_end(b);
	player_end(s);
	share_close(share);
}

static void impersonate(int32_t serial)
{
	ck_assert_int_eq(player_do(s, DEED_IMPERSONATE, NULL, serial), 0);
}

static void revert(void)
{
	ck_assert_int_eq(player_do(s, DEED_REVERT, NULL, 0), 0);
}

static long must_open(struct player *player, const char *path, int flags)
{
	long handle = player_do(player, DEED_OPEN, path, flags);

	ck_assert_msg(handle >= 0, "%s: %s", path, strerror((int)-handle));
	return handle;
}

/* Opened by the server as @client with the key *@serial. */
static long open_as(struct player *client, int32_t *serial, const char *path, int flags)
{
	long handle;

	*serial = grant(client, &server, GUISE_IMPERSONATE, 600);
	impersonate(*serial);
	handle = must_open(s, path, flags);
	revert();
	return handle;
}

static long use(const char *call, long handle)
{
	return player_do(s, DEED_USE_FD, call, handle);
}

static void check_use(const char *const *calls, long handle, long wanted)
{
	for (; *calls; calls++) {
		long result = use(*calls, handle);

		ck_assert_msg(result == wanted, "%s: %ld, wanted %ld", *calls, result, wanted);
	}
}

static const char *const all[] = {"end",  "fsync",    "seek", "allocate",
				  "copy", "truncate", "send", NULL};

static void check_works(long handle)
{
	ck_assert_int_eq(player_do(s, DEED_WRITE_FD, NULL, handle), 1);
	ck_assert_int_eq(player_do(s, DEED_READ_FD, NULL, handle), 1);
	check_use(all, handle, 0);
}

static void check_ended(long handle, int error, const char *reason)
{
	unsigned int before = share_log_count(share, reason);

	ck_assert_int_eq(player_do(s, DEED_READ_FD, NULL, handle), error);
	ck_assert_uint_gt(share_log_count(share, reason), before);
	ck_assert_int_eq(player_do(s, DEED_WRITE_FD, NULL, handle), error);
	check_use(all, handle, error);
}

START_TEST(it_ends_with_the_key_and_others_go_on)
{
	int32_t alices, bobs;
	long of_alice = open_as(a, &alices, alice_file, O_RDWR);
	long of_bob = open_as(b, &bobs, bob_file, O_RDWR);
	long own = must_open(s, server_file, O_RDWR);

	check_works(of_alice);
	ck_assert_int_eq(player_do(a, DEED_REVOKE, NULL, alices), 0);
	check_ended(of_alice, -EKEYREVOKED, ENDED);
	check_works(of_bob);
	check_works(own);
	/* what was written then was not */
	ck_assert_str_eq(get_file(alice_file), "won");
	ck_assert_int_eq(use("close", of_alice), 0);
}
END_TEST

START_TEST(another_key_of_the_same_client_is_another)
{
	int32_t first, second;
	long one = open_as(a, &first, alice_file, O_RDWR);
	long two = open_as(a, &second, alice_file, O_RDWR);

	ck_assert_int_eq(player_do(a, DEED_REVOKE, NULL, first), 0);
	check_ended(one, -EKEYREVOKED, ENDED);
	check_works(two);
}
END_TEST

START_TEST(it_ends_when_the_key_is_invalidated)
{
	int32_t serial;
	long handle = open_as(a, &serial, alice_file, O_RDWR);

	ck_assert_int_eq(player_do(a, DEED_INVALIDATE, NULL, serial), 0);
	check_ended(handle, -EKEYREVOKED, "reason=handle-gone");
}
END_TEST

START_TEST(it_ends_when_the_key_expires)
{
	int32_t serial;
	long handle = open_as(a, &serial, alice_file, O_RDWR), result = 1;

	ck_assert_int_eq(player_do(a, DEED_TIMEOUT, NULL, serial), 0);
	for (int i = 0; i < 3000 && result == 1; i++) {
		usleep(10000);
		result = player_do(s, DEED_WRITE_FD, NULL, handle);
	}
	ck_assert_int_eq(result, -EKEYEXPIRED);
	check_ended(handle, -EKEYEXPIRED, "reason=handle-expired");
}
END_TEST

/* The kernel knows nothing of an end that stands in the text alone. */
START_TEST(it_ends_when_the_text_says_so)
{
	char text[300];
	long key, handle, result = 1;

	snprintf(text, sizeof(text), "guise-token 1\nlevel impersonate\nfor %s\nuntil %lld\n",
		 sid_of(&server), (long long)time(NULL) + 15);
	key = player_do(a, DEED_MAKE_KEY, text, (long)KEY_TOKEN_PERM);
	ck_assert_int_gt(key, 0);
	impersonate((int32_t)key);
	handle = must_open(s, alice_file, O_RDWR);
	revert();
	for (int i = 0; i < 4000 && result == 1; i++) {
		usleep(10000);
		result = player_do(s, DEED_WRITE_FD, NULL, handle);
	}
	ck_assert_int_eq(result, -EKEYEXPIRED);
}
END_TEST

START_TEST(a_listing_ends_too)
{
	int32_t serial;
	long handle = open_as(a, &serial, alice_folder, O_RDONLY | O_DIRECTORY);

	ck_assert_int_eq(use("list", handle), 0);
	ck_assert_int_eq(player_do(a, DEED_REVOKE, NULL, serial), 0);
	ck_assert_int_eq(use("list", handle), -EKEYREVOKED);
	ck_assert_int_eq(use("fsync", handle), -EKEYREVOKED);
}
END_TEST

START_TEST(what_was_made_ends_too)
{
	char path[300];
	int32_t serial;
	long handle;

	snprintf(path, sizeof(path), "%s/made", alice_folder);
	handle = open_as(a, &serial, path, O_RDWR | O_CREAT | O_EXCL);
	ck_assert_int_eq(player_do(s, DEED_WRITE_FD, NULL, handle), 1);
	ck_assert_int_eq(player_do(a, DEED_REVOKE, NULL, serial), 0);
	check_ended(handle, -EKEYREVOKED, ENDED);
}
END_TEST

START_TEST(it_cannot_be_read_through_a_new_mapping)
{
	int32_t serial;
	long handle = open_as(a, &serial, alice_file, O_RDONLY);

	ck_assert_int_eq(use("map", handle), 0);
	ck_assert_int_eq(use("share", handle), -ENODEV);
	ck_assert_int_eq(player_do(a, DEED_REVOKE, NULL, serial), 0);
	ck_assert_int_eq(use("map", handle), -EFAULT);
}
END_TEST

/* What the client itself reads and writes later is not taken from the kernel's memory. */
START_TEST(what_the_kernel_keeps_for_others_is_out_of_reach)
{
	long own = must_open(a, alice_file, O_RDWR), handle;
	int32_t serial;

	handle = open_as(a, &serial, alice_file, O_RDONLY);
	ck_assert_int_eq(use("send", handle), 0);
	ck_assert_int_eq(player_do(a, DEED_REVOKE, NULL, serial), 0);
	ck_assert_int_eq(player_do(a, DEED_WRITE_FD, NULL, own), 1);
	ck_assert_int_eq(player_do(a, DEED_READ_FD, NULL, own), 1);
	ck_assert_int_eq(use("send", handle), -EKEYREVOKED);
	ck_assert_int_eq(use("map", handle), -EFAULT);
}
END_TEST

/* A key that narrows another ends with it. */
START_TEST(it_ends_with_the_key_that_was_narrowed)
{
	int32_t whole = grant(a, &server, GUISE_IMPERSONATE, 600);
	long narrow = player_do(s, DEED_RESTRICT, "2 300 0xffffffff -", whole), handle;

	ck_assert_msg(narrow > 0, "%ld", narrow);
	impersonate((int32_t)narrow);
	handle = must_open(s, alice_file, O_RDWR);
	revert();
	check_works(handle);
	ck_assert_int_eq(player_do(a, DEED_REVOKE, NULL, whole), 0);
	check_ended(handle, -EKEYREVOKED, ENDED);
}
END_TEST

static void permit_as_alice(int32_t key, key_perm_t perm)
{
	ck_assert_int_eq(seteuid(alice.uid), 0);
	ck_assert_int_eq(keyctl_setperm(key, perm), 0);
	ck_assert_int_eq(seteuid(0), 0);
}

/* Its owner takes back what narrowing it needs, while the key itself lives. */
START_TEST(it_ends_when_the_key_that_was_narrowed_is_no_longer_lent)
{
	static const key_perm_t taken[] = {KEY_OTH_LINK, KEY_OTH_READ};

	for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++) {
		int32_t whole = grant(a, &server, GUISE_IMPERSONATE, 600);
		long narrow = player_do(s, DEED_RESTRICT, "2 300 0xffffffff -", whole), handle;

		ck_assert_msg(narrow > 0, "%ld", narrow);
		impersonate((int32_t)narrow);
		handle = must_open(s, alice_file, O_RDWR);
		revert();
		check_works(handle);
		permit_as_alice(whole, KEY_TOKEN_PERM & ~taken[i]);
		check_ended(handle, -EKEYREVOKED, "reason=handle-revoked");
		/* for good */
		permit_as_alice(whole, KEY_TOKEN_PERM);
		check_ended(handle, -EKEYREVOKED, "reason=handle-revoked");
	}
}
END_TEST

START_TEST(of_a_confined_tree_too)
{
	int32_t serial = grant(a, &server, GUISE_IMPERSONATE, 600);
	struct player *tree = player_start_confined(&server, serial);
	long handle = must_open(tree, alice_file, O_RDWR);

	ck_assert_int_eq(player_do(tree, DEED_READ_FD, NULL, handle), 1);
	ck_assert_int_eq(player_do(a, DEED_REVOKE, NULL, serial), 0);
	ck_assert_int_eq(player_do(tree, DEED_READ_FD, NULL, handle), -EKEYREVOKED);
	player_end(tree);
}
END_TEST

START_TEST(the_client_itself_goes_on)
{
	int32_t serial = grant(a, &server, GUISE_IMPERSONATE, 600);
	long handle = must_open(a, alice_file, O_RDWR);

	ck_assert_int_eq(player_do(a, DEED_REVOKE, NULL, serial), 0);
	ck_assert_int_eq(player_do(a, DEED_READ_FD, NULL, handle), 1);
	ck_assert_int_eq(player_do(a, DEED_WRITE_FD, NULL, handle), 1);
}
END_TEST

/* Whose own handle the kernel might serve by itself, with all others of that file. */
START_TEST(beside_a_handle_of_the_clients_own_it_ends_too)
{
	long own = must_open(a, alice_file, O_RDWR), handle;
	int32_t serial;

	ck_assert_int_eq(player_do(a, DEED_READ_FD, NULL, own), 1);
	handle = open_as(a, &serial, alice_file, O_RDWR);
	check_works(handle);
	ck_assert_int_eq(player_do(a, DEED_REVOKE, NULL, serial), 0);
	check_ended(handle, -EKEYREVOKED, ENDED);
	ck_assert_int_eq(player_do(a, DEED_READ_FD, NULL, own), 1);
}
END_TEST

/* Each read and write of a client's, also a second one of the same bytes, reaches the daemon. */
START_TEST(nothing_passes_the_daemon_by)
{
	int32_t serial;
	long handle = open_as(a, &serial, alice_file, O_RDWR);
	unsigned int reads, writes;

	player_do(s, DEED_READ_FD, NULL, handle);
	reads = share_log_count(share, "opcode: READ ");
	writes = share_log_count(share, "opcode: WRITE ");
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(player_do(s, DEED_READ_FD, NULL, handle), 1);
		ck_assert_int_eq(player_do(s, DEED_WRITE_FD, NULL, handle), 1);
	}
	ck_assert_uint_ge(share_log_count(share, "opcode: READ "), reads + 3);
	ck_assert_uint_ge(share_log_count(share, "opcode: WRITE "), writes + 3);
}
END_TEST

START_TEST(by_default_what_is_open_stays_open)
{
	int32_t serial;
	long handle = open_as(a, &serial, alice_file, O_RDWR);

	ck_assert_int_eq(player_do(a, DEED_REVOKE, NULL, serial), 0);
	check_works(handle);
}
END_TEST

static void add_case(Suite *suite, const char *name, void (*begins)(void),
		     const TTest *const *tests)
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, begins, teardown);
	for (; *tests; tests++)
		tcase_add_test(tcase, *tests);
	suite_add_tcase(suite, tcase);
}

int main(int argc, char **argv)
{
	const TTest *const revocable[] = {
		it_ends_with_the_key_and_others_go_on,
		another_key_of_the_same_client_is_another,
		it_ends_when_the_key_is_invalidated,
		it_ends_when_the_key_expires,
		it_ends_when_the_text_says_so,
		a_listing_ends_too,
		what_was_made_ends_too,
		it_cannot_be_read_through_a_new_mapping,
		what_the_kernel_keeps_for_others_is_out_of_reach,
		it_ends_with_the_key_that_was_narrowed,
		it_ends_when_the_key_that_was_narrowed_is_no_longer_lent,
		of_a_confined_tree_too,
		the_client_itself_goes_on,
		beside_a_handle_of_the_clients_own_it_ends_too,
		NULL,
	};
	const TTest *const debug[] = {nothing_passes_the_daemon_by, NULL};
	const TTest *const cached[] = {by_default_what_is_open_stays_open, NULL};
	Suite *suite = suite_create("revocable");

	add_case(suite, "revocable", setup, revocable);
	add_case(suite, "log", setup_debug, debug);
	add_case(suite, "cached", setup_cached, cached);
	return cast_run(argc, argv, suite);
}
