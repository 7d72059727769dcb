/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Descriptors that say what a mode says, of accounts of this host and of a domain.
 */
#include <check.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "acl/sddl.h"
#include "fs/store/local.h"

#define EX "S-1-5-21-10-20-30-"

static struct descriptor *descriptor_of(const char *sddl)
{
	struct descriptor *sd;

	ck_assert_int_eq(sddl_read(sddl, NULL, &sd, NULL), SD_OK);
	return sd;
}

/* @mode applied to what belongs to whom @owners says, with no other id than theirs at hand. */
static struct descriptor *applied(const char *owners, mode_t mode)
{
	struct descriptor *sd = descriptor_of(owners);

	ck_assert_int_eq(local_mode_apply(sd, mode, 4000, 4001), SD_OK);
	return sd;
}

static const char *const people[] = {
	"O:S-1-22-1-1000G:S-1-22-2-100",
	"O:" EX "1101G:" EX "1102",
	"O:" EX "1101G:S-1-22-2-100",
	"O:S-1-22-1-1000G:" EX "1102",
	"O:SYG:BA",
};

START_TEST(a_mode_that_was_applied_is_found_again)
{
	const mode_t modes[] = {S_IFDIR | 0755, S_IFDIR | 01777, S_IFDIR | 0070, S_IFDIR | 0700};
	struct descriptor *sd = applied(people[_i / 4], modes[_i % 4]);
	mode_t mode;

	ck_assert(local_takes_mode(sd));
	ck_assert(local_means(sd, modes[_i % 4]));
	ck_assert(local_mode_of(sd, true, &mode));
	ck_assert_uint_eq(mode, modes[_i % 4] & 07777);
	descriptor_destroy(sd);
}
END_TEST

START_TEST(accounts_of_a_domain_are_named_by_their_own_sids)
{
	struct descriptor *sd = applied("O:" EX "1101G:" EX "1102", S_IFREG | 0640);
	struct descriptor *host = applied("O:S-1-22-1-1000G:S-1-22-2-100", S_IFREG | 0640);

	for (size_t i = 0; i < sd->dacl->count; i++) {
		ck_assert(!sid_equal(&sd->dacl->aces[i].sid, &host->owner));
		ck_assert(!sid_equal(&sd->dacl->aces[i].sid, &host->group));
	}
	ck_assert(sid_equal(&sd->dacl->aces[0].sid, &sd->owner));
	descriptor_destroy(host);
	descriptor_destroy(sd);
}
END_TEST

START_TEST(a_dacl_for_others_than_owner_and_group_means_no_mode)
{
	struct descriptor *sd = applied("O:" EX "1101G:" EX "1102", S_IFREG | 0640);
	const struct sid owner = sd->owner;
	mode_t mode;

	sd->owner = sd->group;
	ck_assert(!local_mode_of(sd, false, &mode));
	ck_assert(!local_means(sd, S_IFREG | 0640));
	sd->owner = owner;
	sd->control &= (uint16_t)~SE_DACL_PROTECTED;
	ck_assert(!local_mode_of(sd, false, &mode));
	descriptor_destroy(sd);
}
END_TEST

/* Neither Everyone nor a user is a group; the ids of the backing object are meant then. */
START_TEST(who_is_no_user_or_group_takes_no_mode)
{
	const char *const others[] = {"O:S-1-22-1-1000G:WD", "O:WDG:S-1-22-2-100",
				      "O:S-1-22-1-1000G:S-1-22-1-1000", "O:S-1-22-1-1000", "D:"};
	struct descriptor *sd = applied(others[_i], S_IFREG | 0666);
	mode_t mode;

	ck_assert(!local_takes_mode(sd));
	ck_assert(!local_means(sd, S_IFREG | 0666));
	ck_assert(!local_mode_of(sd, false, &mode));
	descriptor_destroy(sd);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mode");
	TCase *modes = tcase_create("modes");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(modes, a_mode_that_was_applied_is_found_again, 0, 20);
	tcase_add_test(modes, accounts_of_a_domain_are_named_by_their_own_sids);
	tcase_add_test(modes, a_dacl_for_others_than_owner_and_group_means_no_mode);
	tcase_add_loop_test(modes, who_is_no_user_or_group_takes_no_mode, 0, 5);
	suite_add_tcase(suite, modes);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
