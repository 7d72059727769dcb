/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ids and SIDs of a domain: who is asked, what is believed, what is kept, what hangs. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "fake_domain.h"
#include "keyring/bounded.h"
#include "keyring/domain.h"
#include "keyring/domain_parts.h"
#include "keyring/idmap.h"

/* seconds by which the monotonic clock is ahead, for those who may see it */
static _Thread_local time_t step;

int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	int result = __real_clock_gettime(clock, now);

	if (clock == CLOCK_MONOTONIC)
		now->tv_sec += step;
	return result;
}

static bool user_is(uid_t uid, const char *text)
{
	struct sid sid, wanted = fake_sid(text);

	return domain_user_sid(uid, &sid) == 0 && sid_equal(&sid, &wanted);
}

static bool group_is(gid_t gid, const char *text)
{
	struct sid sid, wanted = fake_sid(text);

	return domain_group_sid(gid, &sid) == 0 && sid_equal(&sid, &wanted);
}

static int user_error(uid_t uid)
{
	struct sid sid;

	return domain_user_sid(uid, &sid);
}

static int uid_of(const char *text, uid_t *uid)
{
	struct sid sid = fake_sid(text);

	return domain_uid(&sid, uid);
}

static int gid_of(const char *text, gid_t *gid)
{
	struct sid sid = fake_sid(text);

	return domain_gid(&sid, gid);
}

START_TEST(accounts_and_groups_of_the_host_are_never_asked_for)
{
	ck_assert(user_is(LOCAL, "S-1-22-1-1000") && user_is(0, "S-1-22-1-0"));
	ck_assert(group_is(LOCALS, "S-1-22-2-100") && group_is(0, "S-1-22-2-0"));
	ck_assert(user_is((uid_t)-1, "S-1-22-1-4294967295"));
	ck_assert_uint_eq(fake_domain.questions, 0);
	fake_domain.error = -EHOSTDOWN;
	ck_assert(user_is(LOCAL, "S-1-22-1-1000") && group_is(LOCALS, "S-1-22-2-100"));
}
END_TEST

START_TEST(root_is_the_hosts_own_whatever_its_files_say)
{
	fake_domain_file("passwd", "nobody:x:9:9::/:\n");
	fake_domain_file("group", "nobody:x:9:\n");
	fake_domain.answer = EX "1101";
	ck_assert(user_is(0, "S-1-22-1-0") && group_is(0, "S-1-22-2-0"));
	ck_assert_uint_eq(fake_domain.questions, 0);
}
END_TEST

START_TEST(accounts_and_groups_of_the_domain_have_its_sids)
{
	ck_assert(user_is(ALICE, EX "1101") && group_is(STAFF, EX "1201"));
	ck_assert(group_is(USERS, EX "513"));
	/* a user and a group of one number are two */
	ck_assert(user_is(STAFF, "S-1-22-1-6001") && group_is(ALICE, "S-1-22-2-5001"));
}
END_TEST

START_TEST(what_is_not_mapped_is_as_samba_names_it)
{
	ck_assert(user_is(STRANGER, "S-1-22-1-7000") && group_is(STRANGER, "S-1-22-2-7000"));
	fake_domain.answer = "S-1-22-1-0";
	ck_assert(user_is(STRANGER + 1, "S-1-22-1-7001"));
	ck_assert(group_is(STRANGER + 1, "S-1-22-2-7001"));
}
END_TEST

START_TEST(a_domain_that_cannot_be_asked_is_not_taken_for_not_mapped)
{
	static const int errors[] = {-EHOSTDOWN, -EIO, -ENOENT, -ETIMEDOUT};
	uid_t uid;

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		fake_domain.error = errors[i];
		ck_assert_int_eq(user_error(ALICE), -EHOSTDOWN);
		ck_assert_int_eq(user_error(STRANGER), -EHOSTDOWN);
	}
	fake_domain.error = -EIO;
	ck_assert_int_eq(uid_of(EX "1101", &uid), -EHOSTDOWN);
	/* nothing of it was kept */
	fake_domain.error = 0;
	ck_assert(user_is(ALICE, EX "1101"));
	ck_assert_int_eq(uid_of(EX "1101", &uid), 0);
}
END_TEST

START_TEST(files_that_cannot_be_read_make_nobody_an_account_of_the_host)
{
	fake_domain_file("passwd", NULL);
	ck_assert_int_eq(user_error(LOCAL), -EHOSTDOWN);
	ck_assert(user_is(0, "S-1-22-1-0") && group_is(LOCALS, "S-1-22-2-100"));
	fake_domain_file("group", NULL);
	ck_assert_int_eq(domain_group_sid(LOCALS, &(struct sid){0}), -EHOSTDOWN);
}
END_TEST

/* Whose answer is no domain's: the user is nobody known, the group is just its number. */
START_TEST(only_sids_of_domains_are_believed)
{
	static const char *const lies[] = {
		"S-1-5-32-544",
		"S-1-5-18",
		"S-1-1-0",
		"S-1-5-11",
		"S-1-3-4",
		"S-1-5-21-10-20-30",
		"S-1-5-21-10-20-30-1101-1",
		"S-1-5-22-10-20-30-1101",
		"S-1-16-12288",
	};

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		domain_forget();
		fake_domain.answer = lies[i];
		ck_assert_msg(user_error(ALICE) == -EHOSTDOWN, "%s was believed", lies[i]);
		ck_assert_msg(group_is(STAFF, "S-1-22-2-6001"), "%s was believed", lies[i]);
	}
	fake_domain.answer = NULL;
	domain_forget();
	ck_assert(group_is(BUILTIN_USERS, "S-1-22-2-6004"));
}
END_TEST

START_TEST(domain_sids_have_the_ids_that_map_back_to_them)
{
	uid_t uid;
	gid_t gid;

	ck_assert(uid_of(EX "1101", &uid) == 0 && uid == ALICE);
	ck_assert(gid_of(EX "1201", &gid) == 0 && gid == STAFF);
	ck_assert_int_eq(gid_of(EX "1101", &gid), -ENOENT);
	ck_assert_int_eq(uid_of(EX "1109", &uid), -ENOENT);
	ck_assert_int_eq(uid_of("S-1-5-21-1-1-1-1101", &uid), -ENOENT);
	/* these show what they are */
	fake_domain.error = -EIO;
	ck_assert(uid_of("S-1-22-1-77", &uid) == 0 && uid == 77);
	ck_assert(gid_of("S-1-22-2-78", &gid) == 0 && gid == 78);
	ck_assert(uid_of("S-1-5-18", &uid) == 0 && uid == 0);
	ck_assert_int_eq(uid_of("S-1-5-32-545", &uid), -ENOENT);
	ck_assert_int_eq(uid_of("S-1-1-0", &uid), -ENOENT);
}
END_TEST

START_TEST(no_domain_sid_is_root_or_an_account_of_the_host)
{
	static const uint32_t lies[] = {0, LOCAL, LOCALS, BOB, STRANGER, UINT32_MAX - 1};
	uid_t uid;
	gid_t gid;

	fake_domain.has_other_ids = true;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		domain_forget();
		fake_domain.uid = fake_domain.gid = lies[i];
		ck_assert_msg(uid_of(EX "1101", &uid) == -ENOENT, "%u was believed", lies[i]);
		ck_assert_msg(gid_of(EX "1201", &gid) == -ENOENT, "%u was believed", lies[i]);
	}
	/* not even if the domain says the same of the id */
	fake_domain.answer = EX "1101";
	fake_domain.uid = fake_domain.gid = LOCAL;
	domain_forget();
	ck_assert_int_eq(uid_of(EX "1101", &uid), -ENOENT);
	fake_domain.uid = fake_domain.gid = 0;
	domain_forget();
	ck_assert_int_eq(uid_of(EX "1101", &uid), -ENOENT);
	ck_assert_int_eq(gid_of(EX "1101", &gid), -ENOENT);
}
END_TEST

START_TEST(answers_are_kept_and_forgotten_in_time)
{
	ck_assert(user_is(ALICE, EX "1101") && user_is(ALICE, EX "1101"));
	ck_assert_uint_eq(fake_domain.questions, 1);
	step = CACHE_MAPPED - 5;
	ck_assert(user_is(ALICE, EX "1101"));
	ck_assert_uint_eq(fake_domain.questions, 1);
	step = CACHE_MAPPED + 5;
	ck_assert(user_is(ALICE, EX "1101"));
	ck_assert_uint_eq(fake_domain.questions, 2);

	ck_assert(user_is(STRANGER, "S-1-22-1-7000") && user_is(STRANGER, "S-1-22-1-7000"));
	ck_assert_uint_eq(fake_domain.questions, 3);
	step += CACHE_NOT_MAPPED - 5;
	ck_assert(user_is(STRANGER, "S-1-22-1-7000"));
	ck_assert_uint_eq(fake_domain.questions, 3);
	step += 10;
	ck_assert(user_is(STRANGER, "S-1-22-1-7000"));
	ck_assert_uint_eq(fake_domain.questions, 4);

	domain_forget();
	ck_assert(user_is(ALICE, EX "1101"));
	ck_assert_uint_eq(fake_domain.questions, 5);
}
END_TEST

START_TEST(ids_of_sids_are_kept_and_forgotten_in_time)
{
	uid_t uid;

	ck_assert(uid_of(EX "1101", &uid) == 0 && uid_of(EX "1109", &uid) == -ENOENT);
	fake_domain.questions = 0;
	step = CACHE_NOT_MAPPED - 5;
	ck_assert(uid_of(EX "1101", &uid) == 0 && uid_of(EX "1109", &uid) == -ENOENT);
	ck_assert_uint_eq(fake_domain.questions, 0);
	step = CACHE_NOT_MAPPED + 5;
	ck_assert(uid_of(EX "1101", &uid) == 0);
	ck_assert_uint_eq(fake_domain.questions, 0);
	ck_assert(uid_of(EX "1109", &uid) == -ENOENT);
	ck_assert_uint_eq(fake_domain.questions, 1);
	step = CACHE_MAPPED + 5;
	ck_assert(uid_of(EX "1101", &uid) == 0);
	ck_assert_uint_gt(fake_domain.questions, 1);
}
END_TEST

START_TEST(no_more_answers_are_kept_than_there_is_room_for)
{
	const unsigned int many = CACHE_ANSWERS / 2 + 1000; /* half of them are by id */

	for (unsigned int i = 0; i < many; i++)
		ck_assert_int_eq(user_error(100000 + i), 0);
	fake_domain.asked = 0;
	for (unsigned int i = 0; i < many; i++)
		ck_assert_int_eq(user_error(100000 + i), 0);
	ck_assert_uint_ge(fake_domain.asked, many - CACHE_ANSWERS / 2);
	ck_assert(user_is(ALICE, EX "1101"));
}
END_TEST

START_TEST(many_ids_are_asked_for_at_once)
{
	const struct domain_id ids[] = {
		{LOCAL, false}, {ALICE, false}, {STAFF, true},    {USERS, true},
		{LOCALS, true}, {ADMINS, true}, {STRANGER, true},
	};
	static const char *const wanted[] = {
		"S-1-22-1-1000", EX "1101", EX "1201",       EX "513",
		"S-1-22-2-100",  EX "512",  "S-1-22-2-7000",
	};
	struct sid sids[7];

	ck_assert(group_is(USERS, EX "513"));
	fake_domain.questions = fake_domain.asked = 0;
	ck_assert_int_eq(domain_sids(ids, 7, sids), 0);
	for (size_t i = 0; i < 7; i++) {
		struct sid sid = fake_sid(wanted[i]);

		ck_assert_msg(sid_equal(&sids[i], &sid), "%zu is not %s", i, wanted[i]);
	}
	ck_assert_uint_eq(fake_domain.questions, 1);
	ck_assert_uint_eq(fake_domain.asked, 4);
}
END_TEST

static enum domain_mapping host_says(const char *nsswitch)
{
	enum domain_mapping mapping;

	fake_domain_file("nsswitch.conf", nsswitch);
	ck_assert_int_eq(host_mapping(&mapping), 0);
	return mapping;
}

START_TEST(the_service_that_nsswitch_names_first_counts)
{
	ck_assert_int_eq(host_says("passwd: files winbind\n"), DOMAIN_WINBIND);
	ck_assert_int_eq(host_says("passwd:\tfiles [NOTFOUND=continue] winbind sss\n"),
			 DOMAIN_WINBIND);
	ck_assert_int_eq(host_says("# passwd: winbind\npasswd: files # winbind\n"), DOMAIN_NONE);
	ck_assert_int_eq(host_says("group: files winbind\nhosts: winbind\n"), DOMAIN_NONE);
	ck_assert_int_eq(host_says(""), DOMAIN_NONE);
	ck_assert(user_is(ALICE, "S-1-22-1-5001"));
	fake_domain_file("nsswitch.conf", NULL);
	ck_assert(user_is(ALICE, "S-1-22-1-5001"));
	ck_assert_uint_eq(fake_domain.questions, 0);
	ck_assert_int_eq(host_says("passwd: winbind\n"), DOMAIN_WINBIND);
	ck_assert(user_is(ALICE, EX "1101"));
}
END_TEST

START_TEST(sssd_counts_only_where_it_is_set_up)
{
	ck_assert_int_eq(host_says("passwd: files sss winbind\n"), DOMAIN_NONE);
	fake_domain_file("sssd/sssd.conf", "");
	ck_assert_int_eq(host_says("passwd: files sss winbind\n"), DOMAIN_SSSD);
	fake_domain_file("sssd/sssd.conf", NULL);
	ck_assert_int_eq(host_says("passwd: files sss\n"), DOMAIN_NONE);
	fake_domain_folder("sssd/conf.d", true);
	ck_assert_int_eq(host_says("passwd: files sss\n"), DOMAIN_NONE);
	fake_domain_file("sssd/conf.d/a.conf", "");
	ck_assert_int_eq(host_says("passwd: files sss\n"), DOMAIN_SSSD);
}
END_TEST

START_TEST(nsswitch_that_cannot_be_read_is_not_one_that_names_nobody)
{
	fake_domain_file("nsswitch.conf", NULL);
	ck_assert(user_is(ALICE, "S-1-22-1-5001"));
	/* a folder can be opened, but not read */
	fake_domain_folder("nsswitch.conf", true);
	ck_assert_int_eq(user_error(ALICE), -EHOSTDOWN);
	ck_assert(user_is(LOCAL, "S-1-22-1-1000"));
	fake_domain_folder("nsswitch.conf", false);
}
END_TEST

START_TEST(new_accounts_of_the_host_are_its_own_at_once)
{
	uint64_t before;

	ck_assert(user_is(ALICE, EX "1101") && group_is(STAFF, EX "1201"));
	before = domain_generation();
	fake_domain_file("passwd", "root:x:0:0::/:\nalice:x:5001:100::/:\n");
	ck_assert(user_is(ALICE, "S-1-22-1-5001"));
	ck_assert_uint_ne(domain_generation(), before);
	fake_domain_file("group", "staff:x:6001:a,b,c\n");
	ck_assert(group_is(STAFF, "S-1-22-2-6001"));
}
END_TEST

START_TEST(lines_that_are_no_accounts_make_none)
{
	fake_domain_file("passwd", "+alice::5001:::\n#a:x:5001:1:::\nalice:x\n:x:5001:::\n"
				   "alice:x:5001x:1::\nalice:x: 5001:1::\n\nalice:x:-5001:1::\n");
	ck_assert(user_is(ALICE, EX "1101"));
}
END_TEST

START_TEST(another_service_can_be_chosen_for_all_or_for_one_thread)
{
	domain_choose(DOMAIN_NONE);
	ck_assert(user_is(ALICE, "S-1-22-1-5001"));
	ck_assert_ptr_null(domain_in_use());
	domain_choose_here(DOMAIN_WINBIND);
	ck_assert(user_is(ALICE, EX "1101"));
	/* what is answered so is nobody else's */
	domain_choose_end();
	ck_assert(user_is(ALICE, "S-1-22-1-5001"));
	domain_choose(DOMAIN_WINBIND);
	ck_assert(user_is(ALICE, EX "1101"));
	ck_assert_str_eq(domain_in_use(), "winbind");
	domain_choose_here(DOMAIN_NONE);
	ck_assert(user_is(ALICE, "S-1-22-1-5001"));
	/* nor what another service answers this one's */
	domain_choose_here(DOMAIN_SSSD);
	fake_domain.answer = EX "1199";
	ck_assert(user_is(BOB, EX "1199"));
	fake_domain.answer = NULL;
	domain_choose_end();
	ck_assert(user_is(ALICE, EX "1101") && user_is(BOB, EX "1102"));
}
END_TEST

#define SOLO "S-1-5-21-7-8-9"

static void machine_choose(const char *text)
{
	struct sid sid = fake_sid(text);

	domain_choose_machine(&sid);
	domain_choose(DOMAIN_WINBIND);
}

static void machine_choose_none(void)
{
	domain_choose_machine(NULL);
	domain_choose(DOMAIN_AUTO);
}

START_TEST(accounts_of_the_host_have_sids_of_its_machine_where_one_is_named)
{
	uid_t uid;

	fake_domain.answer = SOLO "-1001";
	ck_assert(user_is(LOCAL, "S-1-22-1-1000"));
	machine_choose(SOLO);
	ck_assert(user_is(LOCAL, SOLO "-1001") && group_is(LOCALS, SOLO "-1001"));
	fake_domain.has_other_ids = true;
	fake_domain.uid = fake_domain.gid = LOCAL;
	ck_assert(uid_of(SOLO "-1001", &uid) == 0 && uid == LOCAL);
	/* while it cannot be asked nobody can tell */
	domain_forget();
	fake_domain.error = -EHOSTDOWN;
	ck_assert_int_eq(user_error(LOCAL), -EHOSTDOWN);
	machine_choose_none();
	ck_assert(user_is(LOCAL, "S-1-22-1-1000"));
}
END_TEST

START_TEST(no_other_domain_and_no_machine_makes_anybody_root_or_an_account_of_the_host)
{
	static const char *const lies[] = {EX "1101",      "S-1-5-21-7-8-10-1001", "S-1-5-18",
					   "S-1-5-32-544", "S-1-5-21-7-8-9",       "S-1-22-1-0",
					   "S-1-0-0"};
	uid_t uid;

	machine_choose(SOLO);
	for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
		fake_domain.answer = lies[i];
		domain_forget();
		ck_assert(user_is(LOCAL, "S-1-22-1-1000") && group_is(LOCALS, "S-1-22-2-100"));
	}
	fake_domain.answer = SOLO "-1001";
	ck_assert(user_is(0, "S-1-22-1-0") && group_is(0, "S-1-22-2-0"));
	fake_domain.has_other_ids = true;
	fake_domain.uid = fake_domain.gid = 0;
	ck_assert_int_eq(uid_of(SOLO "-1001", &uid), -ENOENT);
	/* somebody else's SID does not map back */
	fake_domain.uid = fake_domain.gid = LOCAL;
	domain_forget();
	ck_assert_int_eq(uid_of(SOLO "-1002", &uid), -ENOENT);
	ck_assert_int_eq(uid_of(EX "1101", &uid), -ENOENT);
	machine_choose_none();
}
END_TEST

START_TEST(names_are_the_domains)
{
	struct sid alice = fake_sid(EX "1101"), stranger = fake_sid(EX "9"), sid;
	char name[IDMAP_NAME_MAX];
	uid_t uid;

	ck_assert_str_eq(idmap_sid_name(&alice, name, sizeof(name)), "EX\\alice");
	ck_assert_str_eq(idmap_sid_name(&stranger, name, sizeof(name)), EX "9");
	ck_assert(idmap_sid_parse("EX\\alice", &sid) && sid_equal(&sid, &alice));
	ck_assert(!idmap_sid_parse("EX\\nobody", &sid) && !idmap_sid_parse("alice", &sid));
	ck_assert(idmap_sid_parse("EX\\ghost", &sid));
	ck_assert(idmap_account("EX\\alice", &uid) == 0 && uid == ALICE);
	ck_assert(idmap_account(EX "1101", &uid) == 0 && uid == ALICE);
	ck_assert_int_eq(idmap_account("EX\\ghost", &uid), -ENOENT);
	ck_assert_int_eq(idmap_account("EX\\staff", &uid), -ENOENT);
	/* what is no domain's SID is no answer to a name */
	fake_domain.answer = "S-1-5-18";
	ck_assert(!idmap_sid_parse("EX\\alice", &sid));
	fake_domain.answer = NULL;
	fake_domain.error = -EIO;
	ck_assert(!idmap_sid_parse("EX\\alice", &sid));
	ck_assert_int_eq(idmap_account("EX\\alice", &uid), -EHOSTDOWN);
	ck_assert_str_eq(idmap_sid_name(&alice, name, sizeof(name)), EX "1101");
}
END_TEST

START_TEST(a_name_of_the_hosts_users_is_looked_up_in_the_domain_too)
{
	struct sid sid, wanted = fake_sid(EX "1101");

	/* user "daemon", 1, is no account of the fake host's files */
	fake_domain.answer = EX "1101";
	ck_assert(idmap_sid_parse("daemon", &sid) && sid_equal(&sid, &wanted));
	domain_forget();
	fake_domain.error = -EIO;
	ck_assert(!idmap_sid_parse("daemon", &sid));
}
END_TEST

START_TEST(a_domain_account_has_the_groups_that_the_domain_knows)
{
	gid_t gid, *groups = NULL;
	size_t count;
	bool found = false;

	fake_domain.answer = EX "1101";
	fake_domain.extra_group = STAFF;
	ck_assert_int_eq(idmap_user_groups(1, &gid, &groups, &count), 0);
	for (size_t i = 0; i < count; i++)
		found = found || groups[i] == STAFF;
	ck_assert(found);
	free(groups);
	/* and not only those that could be looked up */
	fake_domain.error = -EIO;
	ck_assert_int_eq(idmap_user_groups(1, &gid, &groups, &count), -EHOSTDOWN);
	/* of an account of the host's it is not asked */
	ck_assert_int_eq(idmap_user_groups(0, &gid, &groups, &count), 0);
	free(groups);
}
END_TEST

START_TEST(an_account_of_the_host_has_the_groups_of_the_host_whichever_sid_it_has)
{
	gid_t gid, *groups = NULL;
	size_t count;

	fake_domain_file("passwd", "root:x:0:0::/:\ndaemon:x:1:1::/:\n");
	fake_domain.answer = SOLO "-1001";
	fake_domain.extra_group = STAFF;
	machine_choose(SOLO);
	ck_assert(user_is(1, SOLO "-1001"));
	ck_assert_int_eq(idmap_user_groups(1, &gid, &groups, &count), 0);
	for (size_t i = 0; i < count; i++)
		ck_assert_uint_ne(groups[i], STAFF);
	free(groups);
	machine_choose_none();
}
END_TEST

static void *ask_bob(void *arg)
{
	*(int *)arg = user_error(BOB);
	return NULL;
}

/* ms: for what is to time out, and for what is not */
#define SHORT 300
#define LONG 60000

START_TEST(a_domain_that_hangs_stops_no_account_of_the_host)
{
	pthread_t thread;
	int error = 0;

	bounded_start(LONG);
	ck_assert(user_is(ALICE, EX "1101"));
	bounded_start(SHORT);
	fake_domain_hang(BOB);
	ck_assert_int_eq(pthread_create(&thread, NULL, ask_bob, &error), 0);
	ck_assert(user_is(LOCAL, "S-1-22-1-1000"));
	/* nor what is known already */
	ck_assert(user_is(ALICE, EX "1101"));
	pthread_join(thread, NULL);
	ck_assert_int_eq(error, -EHOSTDOWN);
	/* while it hangs nobody else waits for it */
	fake_domain.questions = 0;
	ck_assert_int_eq(user_error(ADMIN), -EHOSTDOWN);
	ck_assert_uint_eq(fake_domain.questions, 0);
	/* but for one now and then, who finds out whether it works again */
	bounded_start(LONG);
	step = 60;
	ck_assert(user_is(ADMIN, EX "500"));
	step = 0;
	fake_domain_hang(0);
	while (user_error(BOB) != 0)
		usleep(1000);
	ck_assert(user_is(BOB, EX "1102"));
}
END_TEST

START_TEST(a_sid_that_hangs_the_domain_stops_nobody_who_asks)
{
	uid_t uid;

	bounded_start(SHORT);
	fake_domain_hang(1109);
	ck_assert_int_eq(uid_of(EX "1109", &uid), -EHOSTDOWN);
	ck_assert_int_eq(uid_of(EX "1101", &uid), -EHOSTDOWN);
	bounded_start(LONG);
	ck_assert(user_is(ALICE, EX "1101") && group_is(STAFF, EX "1201"));
	fake_domain_hang(0);
	while (uid_of(EX "1109", &uid) != -ENOENT)
		usleep(1000);
}
END_TEST

struct slow {
	struct work work;
	bool destroyed;
};

static int slow_run(struct work *work)
{
	return -E2BIG;
}

static void slow_destroy(struct work *work)
{
	((struct slow *)work)->destroyed = true;
}

START_TEST(work_that_ends_in_time_is_its_owners)
{
	static struct lane lane = LANE_INITIALIZER;
	struct slow slow = {.work = {slow_run, slow_destroy}};
	struct work *work = &slow.work;

	ck_assert_int_eq(bounded_run(&lane, &work), -E2BIG);
	ck_assert(work == &slow.work && !slow.destroyed);
	bounded_start(LONG);
	for (int i = 0; i < 500; i++)
		ck_assert_int_eq(bounded_run(&lane, &work), -E2BIG);
	ck_assert(work == &slow.work && !slow.destroyed);
	ck_assert_uint_eq(lane.running, 0);
}
END_TEST

START_TEST(ordinary_accounts_of_a_domain_are_all_but_its_built_in_ones)
{
	static const char *const ordinary[] = {EX "1000", EX "1101", EX "513", EX "514", EX "515"};
	static const char *const others[] = {EX "500",      EX "512",    EX "516",
					     EX "519",      EX "999",    "S-1-5-32-1000",
					     "S-1-22-1-77", EX "1000-1", "S-1-5-18"};

	for (size_t i = 0; i < sizeof(ordinary) / sizeof(ordinary[0]); i++) {
		struct sid sid = fake_sid(ordinary[i]);

		ck_assert_msg(domain_sid_is_ordinary(&sid), "%s", ordinary[i]);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct sid sid = fake_sid(others[i]);

		ck_assert_msg(!domain_sid_is_ordinary(&sid), "%s", others[i]);
	}
}
END_TEST

/* A socket where SSSD's would be. */
static struct sockaddr_un address = {.sun_family = AF_UNIX};

static int listening(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/guisefs-test.%d.sss",
		 (int)getpid());
	unlink(address.sun_path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(fd, 16), 0);
	domain_sssd_test(getenv("FAKE_SSS"), address.sun_path);
	return fd;
}

/* A library of the test's own in the place of SSSD's. */
START_TEST(sssd_is_not_believed_that_what_nobody_knows_is_not_mapped)
{
	const char *library = getenv("FAKE_SSS");
	struct domain_id ids[] = {{ALICE, false}, {STAFF, true}};
	struct sid sids[2], alice = fake_sid(EX "1101"), staff = fake_sid(EX "1201"), sid;
	struct domain_ids found = {0};
	gid_t *groups = NULL;
	size_t count = 0;
	char name[IDMAP_NAME_MAX];
	int fd;

	ck_assert_ptr_nonnull(library);
	domain_sssd_test("/nowhere/at/all.so", "/nowhere/at/all");
	ck_assert_ptr_nonnull(domain_sssd.lacks());
	domain_sssd_test(library, "/nowhere/at/all");
	ck_assert_ptr_null(domain_sssd.lacks());
	ck_assert_int_eq(domain_sssd.sids(ids, 2, sids), 0);
	ck_assert(sid_equal(&sids[0], &alice) && sid_equal(&sids[1], &staff));
	/* nobody knows 4000001; "daemon" is known, and no domain's */
	ids[0].id = 4000001;
	ck_assert_int_eq(domain_sssd.sids(ids, 1, sids), -EHOSTDOWN);
	ids[0].id = 1;
	ck_assert_int_eq(domain_sssd.sids(ids, 1, sids), 0);
	ck_assert(sid_equal(&sids[0], &sid_null));
	/* 4000002 has a SID that is none, and 4000003 an error */
	ids[0].id = 4000002;
	ck_assert_int_eq(domain_sssd.sids(ids, 1, sids), -EHOSTDOWN);
	ids[0].id = 4000003;
	ck_assert_int_eq(domain_sssd.sids(ids, 1, sids), -EHOSTDOWN);

	ck_assert_int_eq(domain_sssd.ids(&alice, &found), 0);
	ck_assert(found.has_uid && !found.has_gid && found.uid == ALICE && found.is_user);
	ck_assert_int_eq(domain_sssd.ids(&staff, &found), 0);
	ck_assert(!found.has_uid && found.has_gid && found.gid == STAFF);
	ck_assert_int_eq(domain_sssd.name(&alice, name, sizeof(name)), 0);
	ck_assert_str_eq(name, "alice@ex.test");
	ck_assert_int_eq(domain_sssd.name(&alice, name, 5), -ENAMETOOLONG);
	ck_assert_int_eq(domain_sssd.named("alice@ex.test", &sid), 0);
	ck_assert(sid_equal(&sid, &alice));
	/* there is nobody of that name, if it runs */
	ck_assert_int_eq(domain_sssd.named("nobody@ex.test", &sid), -EHOSTDOWN);
	ck_assert_int_eq(domain_sssd.ids(&sid_everyone, &found), -EHOSTDOWN);
	fd = listening();
	ck_assert_int_eq(domain_sssd.named("nobody@ex.test", &sid), -ENOENT);
	ck_assert_int_eq(domain_sssd.ids(&sid_everyone, &found), -ENOENT);
	/* more groups than there is room for at first */
	ck_assert_int_eq(domain_sssd.groups("alice@ex.test", USERS, &groups, &count), 0);
	ck_assert_uint_eq(count, 100);
	ck_assert_uint_eq(groups[99], 9099);
	free(groups);
	groups = NULL;
	ck_assert_int_eq(domain_sssd.groups("nobody@ex.test", USERS, &groups, &count), -ENOENT);
	free(groups);
	close(fd);
	unlink(address.sun_path);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("domain");
	TCase *mapping = tcase_create("mapping"), *hanging = tcase_create("hanging");

	tcase_set_timeout(mapping, 60);
	tcase_set_timeout(hanging, 60);
	tcase_add_checked_fixture(mapping, fake_domain_start, fake_domain_end);
	tcase_add_test(mapping, accounts_and_groups_of_the_host_are_never_asked_for);
	tcase_add_test(mapping, root_is_the_hosts_own_whatever_its_files_say);
	tcase_add_test(mapping, accounts_and_groups_of_the_domain_have_its_sids);
	tcase_add_test(mapping, what_is_not_mapped_is_as_samba_names_it);
	tcase_add_test(mapping, a_domain_that_cannot_be_asked_is_not_taken_for_not_mapped);
	tcase_add_test(mapping, files_that_cannot_be_read_make_nobody_an_account_of_the_host);
	tcase_add_test(mapping, only_sids_of_domains_are_believed);
	tcase_add_test(mapping, domain_sids_have_the_ids_that_map_back_to_them);
	tcase_add_test(mapping, no_domain_sid_is_root_or_an_account_of_the_host);
	tcase_add_test(mapping, answers_are_kept_and_forgotten_in_time);
	tcase_add_test(mapping, ids_of_sids_are_kept_and_forgotten_in_time);
	tcase_add_test(mapping, no_more_answers_are_kept_than_there_is_room_for);
	tcase_add_test(mapping, many_ids_are_asked_for_at_once);
	tcase_add_test(mapping, the_service_that_nsswitch_names_first_counts);
	tcase_add_test(mapping, sssd_counts_only_where_it_is_set_up);
	tcase_add_test(mapping, nsswitch_that_cannot_be_read_is_not_one_that_names_nobody);
	tcase_add_test(mapping, new_accounts_of_the_host_are_its_own_at_once);
	tcase_add_test(mapping, lines_that_are_no_accounts_make_none);
	tcase_add_test(mapping, another_service_can_be_chosen_for_all_or_for_one_thread);
	tcase_add_test(mapping, accounts_of_the_host_have_sids_of_its_machine_where_one_is_named);
	tcase_add_test(mapping,
		       no_other_domain_and_no_machine_makes_anybody_root_or_an_account_of_the_host);
	tcase_add_test(mapping, names_are_the_domains);
	tcase_add_test(mapping, a_name_of_the_hosts_users_is_looked_up_in_the_domain_too);
	tcase_add_test(mapping, a_domain_account_has_the_groups_that_the_domain_knows);
	tcase_add_test(mapping,
		       an_account_of_the_host_has_the_groups_of_the_host_whichever_sid_it_has);
	tcase_add_test(mapping, ordinary_accounts_of_a_domain_are_all_but_its_built_in_ones);
	/* a build without SSSD has nothing to test here */
	if (domain_sssd.sids)
		tcase_add_test(mapping, sssd_is_not_believed_that_what_nobody_knows_is_not_mapped);
	suite_add_tcase(s, mapping);
	tcase_add_checked_fixture(hanging, fake_domain_start, fake_domain_end);
	tcase_add_test(hanging, a_domain_that_hangs_stops_no_account_of_the_host);
	tcase_add_test(hanging, a_sid_that_hangs_the_domain_stops_nobody_who_asks);
	tcase_add_test(hanging, work_that_ends_in_time_is_its_owners);
	suite_add_tcase(s, hanging);
	return s;
}

int main(void)
{
	SRunner *runner = srunner_create(suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
