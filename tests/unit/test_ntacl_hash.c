/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Samba's hash in security.NTACL.  What it is made of was recorded from Samba 4.17's own
 * library (ndr_push_smb_acl_wrapper()), and its SHA-256 from Python.
 */
#include <acl/libacl.h>
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/acl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "acl/ntacl_hash.h"
#include "acl/sddl.h"

/* Named entries in an order that is not theirs, with large ids. */
#define MANY "g:4294967293:rwx,u::rwx,u:3000000000:r-x,o::--x,g::---,m::rwx,u:1001:rw-,g:1002:r--"

static const struct recorded {
	struct ntacl_system system;
	const char *access, *inherit; /* lists as text */
	const char *bytes, *hash;
} recorded[] = {
	{{.mode = S_IFREG | 0640, .uid = 1000, .gid = 1001},
	 NULL,
	 NULL,
	 "0000020000000000e803000000000000e903000000000000a0810000030000000300000000000000"
	 "020002000600000004000400040000000500050000000000",
	 "d2c017a9ae4201a87f21f21679cb39e5a437a2aae67d5d9b37306b305e98f3b8"},
	{{.mode = S_IFREG | 0771, .uid = 1000, .gid = 100},
	 MANY,
	 NULL,
	 "0000020000000000e8030000000000006400000000000000f9810000080000000800000000000000"
	 "02000200070000000100010000000000e90300000000000006000000000000000100010000000000"
	 "005ed0b200000000050000000000000004000400000000000300030000000000ea03000000000000"
	 "04000000000000000300030000000000fdffffff0000000007000000000000000600060007000000"
	 "0500050001000000",
	 "905eb6b96a4460294a626e90763b0d4dc868769f7442e4cb293a3def9f13bb53"},
	{{.mode = S_IFDIR | 0755, .uid = 0, .gid = 0},
	 NULL,
	 NULL,
	 "000002000400020000000000000000000000000000000000ed410000030000000300000000000000"
	 "02000200070000000400040005000000050005000500000000000000000000000000000000000000",
	 "cd6af5f9910940b526b039daa3cf990206afe7e772cdf77f27a8153482c8abd4"},
	{{.mode = S_IFDIR | 03750, .uid = 0, .gid = 4000000000},
	 MANY,
	 MANY,
	 "0000020004000200000000000000000000286bee00000000e8470000080000000800000000000000"
	 "02000200070000000100010000000000e90300000000000006000000000000000100010000000000"
	 "005ed0b200000000050000000000000004000400000000000300030000000000ea03000000000000"
	 "04000000000000000300030000000000fdffffff0000000007000000000000000600060005000000"
	 "05000500000000000800000000000000080000000000000002000200070000000100010000000000"
	 "e90300000000000006000000000000000100010000000000005ed0b2000000000500000000000000"
	 "04000400000000000300030000000000ea0300000000000004000000000000000300030000000000"
	 "fdffffff00000000070000000000000006000600070000000500050001000000",
	 "9df22b6f0f45bb9900f78a9908851e1d759002b001d97d6bbe7e62d849df55d7"},
	{{.mode = S_IFDIR | 0700, .uid = 58741, .gid = 58750},
	 NULL,
	 MANY,
	 "000002000400020075e50000000000007ee5000000000000c0410000030000000300000000000000"
	 "02000200070000000400040000000000050005000000000008000000000000000800000000000000"
	 "02000200070000000100010000000000e90300000000000006000000000000000100010000000000"
	 "005ed0b200000000050000000000000004000400000000000300030000000000ea03000000000000"
	 "04000000000000000300030000000000fdffffff0000000007000000000000000600060007000000"
	 "0500050001000000",
	 "9ec9c1be95c7ebb5af9605a75b8c3faeacb1900e0101133c94e1ee909fcfbb98"},
};

static acl_t list_of(const char *text)
{
	acl_t list = text ? acl_from_text(text) : NULL;
	ck_assert_msg((list == NULL) == (text == NULL), "%s: %s", text, strerror(errno));
	return list;
}

static void list_free(acl_t list)
{
	if (list)
		acl_free(list);
}

static char *hex_of(const uint8_t *bytes, size_t size)
{
	char *hex = calloc(2, size + 1);
	for (size_t i = 0; i < size; i++)
		sprintf(hex + 2 * i, "%02x", bytes[i]);
	return hex;
}

static struct descriptor *from_text(const char *text)
{
	struct descriptor *sd = NULL;
	ck_assert_int_eq(sddl_read(text, NULL, &sd, NULL), SD_OK);
	return sd;
}

/* The blob of a descriptor of some object, with another behind it. */
static uint8_t *blob_of(const struct ntacl_system *system, size_t *size)
{
	struct descriptor *sd = from_text("O:SYD:(A;;FR;;;WD)");
	struct descriptor *kept = from_text("O:SYD:(A;;FA;;;WD)");
	uint8_t *blob = NULL;
	ck_assert_int_eq(ntacl_write_hashed(sd, kept, system, &blob, size), SD_OK);
	descriptor_destroy(sd);
	descriptor_destroy(kept);
	return blob;
}

static void expect_bytes(const struct ntacl_system *system, const char *wanted)
{
	uint8_t *bytes = NULL;
	size_t size;
	ck_assert_int_eq(ntacl_system_write(system, &bytes, &size), SD_OK);
	char *hex = hex_of(bytes, size);
	ck_assert_str_eq(hex, wanted);
	free(hex);
	free(bytes);
}

static void expect_hash(const struct ntacl_system *system, const char *wanted)
{
	static const uint8_t none[NTACL_HASH_SIZE];
	struct descriptor *sd = NULL, *kept = NULL;
	struct ntacl_info info;
	size_t size;
	uint8_t *blob = blob_of(system, &size);
	ck_assert_int_eq(ntacl_read_info(blob, size, &sd, &kept, &info), SD_OK);
	ck_assert_uint_eq(info.version, 4);
	ck_assert_uint_eq(info.hash_type, 1);
	ck_assert_str_eq(info.description, "posix_acl");
	ck_assert_uint_eq(info.time, 0);
	ck_assert_mem_eq(info.hash, none, sizeof(none));
	ck_assert_mem_eq(info.sys_acl_hash + 32, none, 32);
	char *hex = hex_of(info.sys_acl_hash, 32);
	ck_assert_str_eq(hex, wanted);
	ck_assert_ptr_nonnull(kept);
	free(hex);
	descriptor_destroy(sd);
	descriptor_destroy(kept);
	ntacl_info_clear(&info);
	free(blob);
}

START_TEST(the_hash_is_of_what_samba_hashes)
{
	const struct recorded *record = &recorded[_i];
	acl_t access = list_of(record->access), inherit = list_of(record->inherit);
	struct ntacl_system system = record->system;
	system.access = access;
	system.inherit = inherit;
	expect_bytes(&system, record->bytes);
	expect_hash(&system, record->hash);
	list_free(access);
	list_free(inherit);
}
END_TEST

/* What the hash is when chmod(2) leaves the list as it is. */
static void expect_as_listed(const char *before, mode_t mode, const char *after)
{
	acl_t lists[2] = {list_of(before), list_of(after)};
	uint8_t *bytes[2] = {0};
	size_t sizes[2];
	for (int i = 0; i < 2; i++) {
		struct ntacl_system system = {.mode = S_IFREG | mode, .access = lists[i]};
		ck_assert_int_eq(ntacl_system_write(&system, &bytes[i], &sizes[i]), SD_OK);
	}
	ck_assert_uint_eq(sizes[0], sizes[1]);
	ck_assert_mem_eq(bytes[0], bytes[1], sizes[0]);
	for (int i = 0; i < 2; i++) {
		free(bytes[i]);
		acl_free(lists[i]);
	}
}

START_TEST(a_list_is_as_chmod_leaves_it)
{
	char kept[64] = "/tmp/guisefs-hash-XXXXXX";
	acl_t list = list_of("u::rwx,u:1001:rwx,g::rwx,m::rwx,o::rwx");
	int fd = mkstemp(kept);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(unlink(kept), 0);
	expect_as_listed("u::rwx,u:1001:rwx,g::rwx,m::rwx,o::rwx", 0654,
			 "u::rw-,u:1001:rwx,g::rwx,m::r-x,o::r--");
	expect_as_listed("u::rwx,g::rwx,o::rwx", 0654, "u::rw-,g::r-x,o::r--");
	/* and so does the kernel */
	if (acl_set_fd(fd, list) == 0) {
		ck_assert_int_eq(fchmod(fd, 0654), 0);
		acl_t now = acl_get_fd(fd);
		char *text = acl_to_any_text(now, NULL, ',', TEXT_NUMERIC_IDS | TEXT_ABBREVIATE);
		ck_assert_str_eq(text, "u::rw-,u:1001:rwx,g::rwx,m::r-x,o::r--");
		acl_free(text);
		acl_free(now);
	}
	acl_free(list);
	close(fd);
}
END_TEST

START_TEST(a_default_list_is_not_changed_by_the_mode)
{
	acl_t list = list_of("u::rwx,g::rwx,o::rwx");
	const struct ntacl_system closed = {.mode = S_IFDIR, .inherit = list};
	uint8_t *bytes = NULL;
	size_t size;
	ck_assert_int_eq(ntacl_system_write(&closed, &bytes, &size), SD_OK);
	/* type and permissions of the last entry */
	ck_assert_mem_eq(bytes + size - 8, "\5\0\5\0\7\0\0\0", 8);
	acl_free(list);
	free(bytes);
}
END_TEST

START_TEST(what_says_nothing_of_the_descriptor_can_be_made_zero)
{
	struct ntacl_system system = {.mode = S_IFREG | 0640, .uid = 1000};
	size_t sizes[2];
	uint8_t *blobs[2] = {blob_of(&system, &sizes[0])};
	system.mode = S_IFDIR | 0755;
	blobs[1] = blob_of(&system, &sizes[1]);
	ck_assert_uint_eq(sizes[0], sizes[1]);
	ck_assert_mem_ne(blobs[0], blobs[1], sizes[0]);
	blobs[1][12] = 7;  /* the type of the hash */
	blobs[1][14] = 7;  /* the hash that we do not have */
	blobs[1][77] = 7;  /* its end */
	blobs[1][88] = 7;  /* the time */
	blobs[1][159] = 7; /* the end of the other hash */
	for (int i = 0; i < 2; i++)
		ntacl_blank(blobs[i], sizes[i]);
	ck_assert_mem_eq(blobs[0], blobs[1], sizes[0]);
	blobs[1][160 + 24] ^= 1; /* within the descriptor */
	ntacl_blank(blobs[1], sizes[1]);
	ck_assert_mem_ne(blobs[0], blobs[1], sizes[0]);
	for (int i = 0; i < 2; i++)
		free(blobs[i]);
}
END_TEST

START_TEST(every_version_can_be_made_zero_and_says_the_same)
{
	for (uint16_t version = 1; version <= NTACL_VERSION_MAX; version++) {
		struct ntacl_info info = {.version = version, .hash_type = 1, .time = ~0ull}, found;
		struct descriptor *sd = from_text("O:SYD:(A;;FR;;;WD)"), *again = NULL;
		const struct ntacl_info wanted = {.version = version};
		uint8_t *blob;
		size_t size;
		memset(info.hash, 0xff, sizeof(info.hash));
		memset(info.sys_acl_hash, 0xff, sizeof(info.hash));
		ck_assert_int_eq(ntacl_write_info(sd, NULL, &info, &blob, &size), SD_OK);
		ntacl_blank(blob, size);
		ck_assert_int_eq(ntacl_read_info(blob, size, &again, NULL, &found), SD_OK);
		ck_assert(descriptor_equal(sd, again));
		free(found.description);
		found.description = NULL;
		ck_assert_mem_eq(&found, &wanted, sizeof(found));
		for (size_t cut = 0; cut < size; cut++) {
			/* of its exact size, so that a sanitizer sees writing beyond it */
			uint8_t *copy = malloc(cut ? cut : 1);
			memcpy(copy, blob, cut);
			ntacl_blank(copy, cut);
			free(copy);
		}
		descriptor_destroy(sd);
		descriptor_destroy(again);
		free(blob);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ntacl_hash");
	TCase *tests = tcase_create("ntacl_hash");
	tcase_add_loop_test(tests, the_hash_is_of_what_samba_hashes, 0,
			    sizeof(recorded) / sizeof(recorded[0]));
	tcase_add_test(tests, a_list_is_as_chmod_leaves_it);
	tcase_add_test(tests, a_default_list_is_not_changed_by_the_mode);
	tcase_add_test(tests, what_says_nothing_of_the_descriptor_can_be_made_zero);
	tcase_add_test(tests, every_version_can_be_made_zero_and_says_the_same);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
