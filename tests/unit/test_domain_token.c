/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tokens and policies of a host that is in a domain: two SIDs each, which count alike. */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "acl/access.h"
#include "acl/inherit.h"
#include "acl/mask.h"
#include "acl/sddl.h"
#include "fake_domain.h"
#include "keyring/bounded.h"
#include "keyring/domain.h"
#include "keyring/identity.h"
#include "keyring/issue.h"
#include "keyring/primary.h"

/* seconds by which the monotonic clock is ahead */
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

static struct policy *policy;
static struct policy_fault fault;
static const struct token *token;

static void token_drop(void)
{
	token_unref(token);
	token = NULL;
}

static void setup(void)
{
	fake_domain_start();
	policy = policy_builtin();
	ck_assert_ptr_nonnull(policy);
}

static void teardown(void)
{
	token_drop();
	policy_unref(policy);
	fake_domain_end();
}

static int policy_error(const char *text)
{
	struct policy *read;
	int error = policy_read(text, strlen(text), "F", &read, &fault);

	if (!error) {
		policy_unref(policy);
		policy = read;
	}
	return error;
}

static void policy_is(const char *text)
{
	ck_assert_msg(policy_error(text) == 0, "refused: %s", fault.text);
}

static void policy_refused(const char *text, const char *found)
{
	ck_assert_int_eq(policy_error(text), -EINVAL);
	ck_assert_msg(strstr(fault.text, found), "'%s' lacks '%s'", fault.text, found);
}

/* A thread of @uid, @gid and at most two groups, of which 0 is none. */
static enum guise_reason process(uid_t uid, gid_t gid, gid_t first, gid_t second)
{
	const struct identity_rules rules = {.policy = policy};
	const gid_t groups[] = {first, second};
	struct token *made = NULL;
	enum guise_reason reason;

	token_drop();
	reason = identity_of_ids(uid, gid, groups, (first != 0) + (second != 0), &rules, &made);
	token = made;
	return reason;
}

/* What a key of @owner's with @text stands for. */
static enum guise_reason stated(uid_t owner, const char *text)
{
	const struct identity_rules rules = {.policy = policy};
	struct token_text parsed = {0};
	struct token *made = NULL;
	enum guise_reason reason;
	char whole[1024];

	snprintf(whole, sizeof(whole), "guise-token 1\nlevel impersonate\nfor S-1-22-1-9\n%s",
		 text);
	ck_assert_int_eq(token_text_read(whole, strlen(whole), &parsed, NULL), 0);
	token_drop();
	reason = identity_of_text(&parsed, owner, 9, &rules, &made);
	token = made;
	token_text_free(&parsed);
	return reason;
}

static bool holds(const char *text)
{
	struct sid sid = fake_sid(text);

	return token_allows(token, &sid);
}

static bool user_is(const char *text)
{
	struct sid sid = fake_sid(text);

	return sid_equal(token_user(token), &sid);
}

static struct descriptor *sddl(const char *text)
{
	struct descriptor *sd;

	ck_assert_int_eq(sddl_read(text, NULL, &sd, NULL), SD_OK);
	return sd;
}

static bool may(const char *text, uint32_t wanted)
{
	struct descriptor *sd = sddl(text);
	struct access_result result = access_check(sd, token, wanted, 0);

	descriptor_destroy(sd);
	return result.status == ACCESS_OK;
}

START_TEST(a_process_of_the_domain_has_both_sids_of_its_user_and_groups)
{
	struct sid group = fake_sid(EX "513"), own = fake_sid("S-1-22-1-5001");

	ck_assert_int_eq(process(ALICE, USERS, STAFF, LOCALS), REASON_NONE);
	ck_assert(user_is(EX "1101") && holds("S-1-22-1-5001"));
	ck_assert(holds(EX "513") && holds("S-1-22-2-6002"));
	ck_assert(holds(EX "1201") && holds("S-1-22-2-6001"));
	ck_assert(holds("S-1-22-2-100") && !holds("S-1-22-2-0"));
	ck_assert(sid_equal(token_primary_group(token), &group));
	ck_assert(token_may_own(token, &own) && token_may_own(token, token_user(token)));
	ck_assert(!token_may_own(token, &group));
	ck_assert_uint_eq(token_uid(token), ALICE);
	ck_assert_uint_eq(token_gid(token), USERS);
}
END_TEST

START_TEST(local_processes_are_as_they_were)
{
	fake_domain.error = -EIO;
	ck_assert_int_eq(process(LOCAL, LOCALS, 0, 0), REASON_NONE);
	ck_assert(user_is("S-1-22-1-1000") && holds("S-1-22-2-100"));
	ck_assert_int_eq(process(0, 0, 0, 0), REASON_NONE);
	ck_assert(user_is("S-1-5-18") && holds("S-1-22-1-0") && holds("S-1-5-32-544"));
}
END_TEST

START_TEST(who_cannot_be_told_is_refused)
{
	fake_domain.error = -EIO;
	ck_assert_int_eq(process(ALICE, LOCALS, 0, 0), REASON_DOMAIN_UNAVAILABLE);
	/* a group that cannot be told could be one that is denied something */
	ck_assert_int_eq(process(LOCAL, STAFF, 0, 0), REASON_DOMAIN_UNAVAILABLE);
	ck_assert_int_eq(process(LOCAL, LOCALS, STAFF, 0), REASON_DOMAIN_UNAVAILABLE);
	ck_assert_int_eq(stated(1, ""), REASON_DOMAIN_UNAVAILABLE);
	ck_assert_int_eq(stated(0, "user S-1-22-1-5001\n"), REASON_DOMAIN_UNAVAILABLE);
	ck_assert_int_eq(stated(0, "user " EX "1101\n"), REASON_DOMAIN_UNAVAILABLE);
	ck_assert_int_eq(stated(0, "user S-1-22-1-1000\ngroup S-1-22-2-6001\n"),
			 REASON_DOMAIN_UNAVAILABLE);
	ck_assert_int_eq(stated(0, "user S-1-22-1-1000\ngroup " EX "1201\n"),
			 REASON_DOMAIN_UNAVAILABLE);
	fake_domain.error = 0;
	fake_domain.answer = "S-1-5-18";
	ck_assert_int_eq(process(ALICE, LOCALS, 0, 0), REASON_DOMAIN_UNAVAILABLE);
	ck_assert_str_eq(reason_name(REASON_DOMAIN_UNAVAILABLE), "domain-unavailable");
	ck_assert_int_eq(reason_errno(REASON_DOMAIN_UNAVAILABLE), -EACCES);
}
END_TEST

START_TEST(an_owner_whom_nobody_knows_is_told_from_one_who_cannot_be_told)
{
	const uid_t nobody = 4000001; /* to the real host */

	ck_assert_int_eq(stated(nobody, ""), REASON_CLIENT_UNKNOWN);
	domain_forget();
	fake_domain.error = -EIO;
	ck_assert_int_eq(stated(nobody, ""), REASON_DOMAIN_UNAVAILABLE);
	/* one of the domain, whom the host's name services do not find any more */
	fake_domain.error = 0;
	fake_domain.answer = EX "1101";
	ck_assert_int_eq(stated(nobody, ""), REASON_DOMAIN_UNAVAILABLE);
}
END_TEST

START_TEST(both_sids_are_allowed_and_denied)
{
	static const char *const sids[] = {EX "1101",       "S-1-22-1-5001", EX "513",
					   "S-1-22-2-6002", EX "1201",       "S-1-22-2-6001"};
	char text[256];

	ck_assert_int_eq(process(ALICE, USERS, STAFF, 0), REASON_NONE);
	for (size_t i = 0; i < sizeof(sids) / sizeof(sids[0]); i++) {
		snprintf(text, sizeof(text), "O:SYG:SYD:(A;;FR;;;%s)", sids[i]);
		ck_assert_msg(may(text, FILE_READ_DATA), "%s", text);
		snprintf(text, sizeof(text), "O:SYG:SYD:(D;;FR;;;%s)(A;;FA;;;WD)", sids[i]);
		ck_assert_msg(!may(text, FILE_READ_DATA), "%s", text);
	}
	ck_assert(!may("O:SYG:SYD:(A;;FR;;;" EX "1102)(A;;FR;;;S-1-22-1-5002)", FILE_READ_DATA));
}
END_TEST

START_TEST(both_sids_own)
{
	ck_assert_int_eq(process(ALICE, USERS, 0, 0), REASON_NONE);
	ck_assert(may("O:" EX "1101G:SYD:", WRITE_DAC));
	ck_assert(may("O:S-1-22-1-5001G:SYD:", WRITE_DAC));
	ck_assert(!may("O:" EX "1102G:SYD:", WRITE_DAC));
	ck_assert(!may("O:S-1-22-1-5001G:SYD:(A;;FR;;;OW)", WRITE_DAC));
	ck_assert(may("O:" EX "1101G:SYD:(A;;FR;;;OW)", FILE_READ_DATA));
}
END_TEST

START_TEST(new_objects_are_the_domain_users)
{
	struct descriptor *parent = sddl("O:SYG:SYD:(A;OICI;FA;;;CO)(A;OICI;FR;;;CG)"), *child;
	struct sid alice = fake_sid(EX "1101"), users = fake_sid(EX "513");

	ck_assert_int_eq(process(ALICE, USERS, 0, 0), REASON_NONE);
	ck_assert_int_eq(inherit_create(parent, NULL, false, token, &child), SD_OK);
	ck_assert(sid_equal(&child->owner, &alice) && sid_equal(&child->group, &users));
	ck_assert(sid_equal(&child->dacl->aces[0].sid, &alice));
	ck_assert(sid_equal(&child->dacl->aces[1].sid, &users));
	descriptor_destroy(parent);
	descriptor_destroy(child);
}
END_TEST

static bool needs_groups(const char *text)
{
	struct descriptor *sd = sddl(text);
	bool needs = access_names_group(sd);

	descriptor_destroy(sd);
	return needs;
}

START_TEST(groups_are_read_where_a_domain_is_named)
{
	ck_assert(needs_groups("O:SYG:SYD:(A;;FR;;;" EX "1201)"));
	ck_assert(needs_groups("O:" EX "1201G:SYD:(A;;FR;;;WD)"));
	ck_assert(needs_groups("O:SYG:SYD:(A;;FR;;;WD)S:(AU;SA;FR;;;" EX "1201)"));
	ck_assert(!needs_groups("O:SYG:SYD:(A;IOOI;FR;;;" EX "1201)(A;;FR;;;S-1-22-1-5)"));
}
END_TEST

START_TEST(what_a_key_states_has_both_sids)
{
	static const char *const texts[] = {
		"user S-1-22-1-5001\ngroup S-1-22-2-6002\ngroup S-1-22-2-6001\n",
		"user " EX "1101\ngroup " EX "513\ngroup " EX "1201\n",
	};
	struct sid users = fake_sid(EX "513"), own = fake_sid("S-1-22-1-5001");

	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(stated(0, texts[i]), REASON_NONE);
		ck_assert(user_is(EX "1101") && holds("S-1-22-1-5001"));
		ck_assert(holds(EX "513") && holds("S-1-22-2-6002"));
		ck_assert(holds(EX "1201") && holds("S-1-22-2-6001"));
		ck_assert(sid_equal(token_primary_group(token), &users));
		ck_assert(token_may_own(token, &own));
		ck_assert_uint_eq(token_uid(token), ALICE);
		ck_assert_uint_eq(token_gid(token), USERS);
	}
	/* one without a user id is nobody to the backing folder */
	ck_assert_int_eq(stated(0, "user " EX "1109\n"), REASON_NONE);
	ck_assert(user_is(EX "1109"));
	ck_assert_uint_eq(token_uid(token), IDENTITY_NOBODY);
}
END_TEST

START_TEST(a_domain_that_lies_makes_nobody_root_or_a_local_account)
{
	fake_domain.has_other_ids = true;
	fake_domain.gid = UINT32_MAX;
	fake_domain.uid = 0;
	ck_assert_int_eq(stated(0, "user " EX "1101\n"), REASON_NONE);
	ck_assert(!holds("S-1-22-1-0") && !holds("S-1-5-18"));
	ck_assert_uint_eq(token_uid(token), IDENTITY_NOBODY);
	domain_forget();
	fake_domain.uid = LOCAL;
	ck_assert_int_eq(stated(0, "user " EX "1101\n"), REASON_NONE);
	ck_assert(!holds("S-1-22-1-1000"));
	ck_assert_uint_eq(token_uid(token), IDENTITY_NOBODY);
}
END_TEST

START_TEST(administrators_of_the_domain_are_stated_by_root_alone_by_either_sid)
{
	ck_assert_int_eq(stated(9, "user S-1-22-1-5001\ngroup S-1-22-2-6002\n"), REASON_NONE);
	ck_assert_int_eq(stated(9, "user S-1-22-1-5003\n"), REASON_TOKEN_LOGON);
	ck_assert_int_eq(stated(9, "user S-1-22-1-5001\ngroup S-1-22-2-6003\n"),
			 REASON_TOKEN_LOGON);
	ck_assert_int_eq(stated(0, "user S-1-22-1-5003\ngroup S-1-22-2-6003\n"), REASON_NONE);
}
END_TEST

START_TEST(holders_of_privileges_are_stated_by_root_alone_by_either_sid)
{
	static const char *const names[] = {"EX\\alice", EX "1101", "uid:5001"};
	char text[256];

	for (size_t i = 0; i < 3; i++) {
		snprintf(text, sizeof(text), "[privilege SeBackupPrivilege]\nholders=%s\n",
			 names[i]);
		policy_is(text);
		ck_assert_int_eq(stated(9, "user S-1-22-1-5001\n"), REASON_TOKEN_LOGON);
		ck_assert_int_eq(stated(9, "user " EX "1101\n"), REASON_TOKEN_LOGON);
		ck_assert_int_eq(stated(9, "user " EX "1102\n"), REASON_NONE);
		ck_assert_uint_eq(token_privileges(token), 0);
		ck_assert_int_eq(stated(0, "user " EX "1101\n"), REASON_NONE);
		ck_assert_uint_eq(token_privileges(token), SE_BACKUP_PRIVILEGE);
	}
	/* what everybody has is nobody's in particular */
	policy_is("[privilege SeBackupPrivilege]\nholders=Everyone\n");
	ck_assert_int_eq(stated(9, "user " EX "1101\n"), REASON_NONE);
}
END_TEST

START_TEST(policies_name_people_of_the_domain_in_any_way)
{
	static const char *const users[] = {"EX\\alice", EX "1101", "uid:5001", "S-1-22-1-5001"};
	static const char *const groups[] = {"EX\\staff", EX "1201", "gid:6001", "S-1-22-2-6001"};
	struct sid uid = sid_from_uid(ALICE);
	char text[512];

	for (size_t i = 0; i < 4; i++) {
		snprintf(text, sizeof(text),
			 "[account %s]\nimpersonate=no\n[privilege SeBackupPrivilege]\n"
			 "holders=%s\n[role Staff]\nmembers=%s\n",
			 users[i], users[i], groups[i]);
		policy_is(text);
		ck_assert(!policy_account(policy, &uid)->impersonate);
		ck_assert_int_eq(process(ALICE, LOCALS, STAFF, 0), REASON_NONE);
		ck_assert_uint_eq(token_privileges(token), SE_BACKUP_PRIVILEGE);
		ck_assert(policy_in_role(policy, "Staff", token));
		ck_assert_int_eq(process(BOB, LOCALS, 0, 0), REASON_NONE);
		ck_assert_uint_eq(token_privileges(token), 0);
		ck_assert(!policy_in_role(policy, "Staff", token));
	}
	policy_refused("[role A]\nmembers=EX\\alice,uid:5001\n", "each user or group once");
	policy_refused("[account EX\\alice]\n[account uid:5001]\n", "one section");
}
END_TEST

START_TEST(an_account_section_is_about_somebody_who_can_act_here)
{
	policy_refused("[account EX\\ghost]\n", "who has a user id on this host");
	policy_refused("[account " EX "1109]\n", "who has a user id on this host");
	policy_refused("[account EX\\staff]\n", "who has a user id on this host");
	policy_refused("[account EX\\nobody]\n", "that this host knows");
	policy_is("[role A]\nmembers=EX\\ghost\n");
}
END_TEST

START_TEST(a_policy_is_not_read_half_while_the_domain_is_away)
{
	fake_domain.error = -EIO;
	policy_refused("[account " EX "1101]\n", "an answer of the host's domain");
	policy_refused("[role A]\nmembers=" EX "1201\n", "an answer of the host's domain");
	policy_refused("[role A]\nmembers=uid:5001\n", "an answer of the host's domain");
	policy_is("[account uid:5001]\nimpersonate=no\n[role A]\nmembers=uid:1000,Everyone\n");
}
END_TEST

START_TEST(a_policy_chooses_the_service)
{
	struct sid uid = sid_from_uid(ALICE);

	policy_is("[domain]\nmapping=none\n[account uid:5001]\nimpersonate=no\n");
	ck_assert_int_eq(policy_mapping(policy), DOMAIN_NONE);
	ck_assert(!policy_account(policy, &uid)->impersonate);
	/* it is not in force by that */
	ck_assert_int_eq(process(ALICE, LOCALS, 0, 0), REASON_NONE);
	ck_assert(user_is(EX "1101"));
	/* its own names are looked up as it says, and nobody else's */
	policy_refused("[domain]\nmapping=none\n[account EX\\alice]\n", "F:3:");
	policy_is("[domain]\nmapping=winbind\n[account EX\\alice]\n");
	ck_assert_int_eq(policy_mapping(policy), DOMAIN_WINBIND);
	domain_choose(DOMAIN_NONE);
	policy_is("[account EX\\alice]\n");
	ck_assert_int_eq(policy_mapping(policy), DOMAIN_AUTO);
	policy_is("[defaults]\nlevel=identify\n[domain]\nmapping=auto\n[account EX\\alice]\n");
	domain_choose(DOMAIN_AUTO);

	policy_is("[domain]\nmapping=winbind\nmachine=S-1-5-21-1-2-3\n");
	policy_refused("[domain]\nmachine=S-1-5-21-1-2-3\n", "F:2:");
	policy_refused("[domain]\nmapping=sssd\nmachine=S-1-5-21-1-2-3\n", "F:3:");
	policy_refused("[domain]\nmapping=winbind\nmachine=S-1-5-21-1-2-3-4\n", "F:3:");
	policy_refused("[domain]\nmapping=winbind\nmachine=S-1-5-32-1-2-3\n", "F:3:");
	policy_refused("[domain]\nmapping=winbind\nmachine=\n", "F:3:");
	policy_refused("[domain]\nmapping=yes\n", "F:2: mapping=yes; expected auto, winbind, sssd");
	policy_refused("[domain]\n[domain]\n", "F:2: domain; expected [domain] once");
	policy_refused("[domain x]\n", "F:1: domain x; expected [domain], which has no name");
	policy_refused("[role A]\n[domain]\n", "F:2: domain; expected [domain] before");
	policy_refused("[account root]\n[domain]\n", "F:2: domain; expected [domain] before");
	policy_refused("[domain]\nservice=x\n", "F:2: service; expected mapping");
}
END_TEST

START_TEST(a_policy_writes_what_it_read)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	policy_is("[domain]\nmapping=winbind\nmachine=S-1-5-21-1-2-3\n[account "
		  "EX\\alice]\nimpersonate=no\n"
		  "[role A]\nmembers=EX\\alice,EX\\staff\n");
	policy_write(policy, out);
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_str_eq(
		text,
		"[defaults]\nlevel=identify\n[domain]\nmapping=winbind\nmachine=S-1-5-21-1-2-3\n"
		"[account EX\\alice]\nimpersonate=no\n"
		"[role A]\nmembers=EX\\alice,EX\\staff\n");
	policy_is(text);
	free(text);
}
END_TEST

START_TEST(logon_services_name_people_of_the_domain)
{
	struct sid sid, alice = fake_sid(EX "1101"), staff = fake_sid(EX "1201");

	ck_assert_int_eq(issue_sid("EX\\alice", false, &sid), 0);
	ck_assert(sid_equal(&sid, &alice));
	ck_assert_int_eq(issue_sid("EX\\staff", true, &sid), 0);
	ck_assert(sid_equal(&sid, &staff));
	ck_assert_int_eq(issue_sid("EX\\nobody", false, &sid), -ENOENT);
	fake_domain.error = -EIO;
	ck_assert_int_eq(issue_sid("EX\\alice", false, &sid), -EHOSTDOWN);
}
END_TEST

static struct primaries *primaries;

static enum guise_reason primary(uid_t uid, gid_t gid)
{
	const struct caller caller = {.tid = getpid(), .uid = uid, .gid = gid};

	token_drop();
	return primary_token(primaries, policy, &caller, false, &token);
}

START_TEST(primary_tokens_are_not_kept_longer_than_what_they_are_made_of)
{
	primaries = primaries_create(false);
	ck_assert_int_eq(primary(ALICE, LOCALS), REASON_NONE);
	ck_assert(user_is(EX "1101"));
	domain_choose(DOMAIN_NONE);
	ck_assert_int_eq(primary(ALICE, LOCALS), REASON_NONE);
	ck_assert(user_is("S-1-22-1-5001"));
	domain_choose(DOMAIN_AUTO);
	ck_assert_int_eq(primary(ALICE, LOCALS), REASON_NONE);
	ck_assert(user_is(EX "1101"));
	fake_domain.error = -EIO;
	ck_assert_int_eq(primary(ALICE, LOCALS), REASON_NONE);
	domain_forget();
	ck_assert_int_eq(primary(ALICE, LOCALS), REASON_DOMAIN_UNAVAILABLE);
	fake_domain.error = 0;
	ck_assert_int_eq(primary(STRANGER, LOCALS), REASON_NONE);
	fake_domain.answer = EX "1101";
	ck_assert_int_eq(primary(STRANGER, LOCALS), REASON_NONE);
	ck_assert(user_is("S-1-22-1-7000"));
	step = 70;
	ck_assert_int_eq(primary(STRANGER, LOCALS), REASON_NONE);
	ck_assert(user_is(EX "1101"));
	primaries_destroy(primaries);
}
END_TEST

static void *primary_of_bob(void *arg)
{
	const struct caller caller = {.tid = getpid(), .uid = BOB, .gid = LOCALS};
	const struct token *made;

	*(enum guise_reason *)arg = primary_token(primaries, policy, &caller, false, &made);
	token_unref(made);
	return NULL;
}

/* Without a bound: a lock that was held would be held for ever. */
START_TEST(while_the_domain_hangs_local_threads_have_their_tokens)
{
	enum guise_reason reason = REASON_COUNT;
	unsigned int questions = 0;
	pthread_t thread;

	primaries = primaries_create(false);
	fake_domain_hang(BOB);
	ck_assert_int_eq(pthread_create(&thread, NULL, primary_of_bob, &reason), 0);
	while (!questions) {
		pthread_mutex_lock(&fake_domain.lock);
		questions = fake_domain.questions;
		pthread_mutex_unlock(&fake_domain.lock);
		usleep(1000);
	}
	ck_assert_int_eq(primary(LOCAL, LOCALS), REASON_NONE);
	ck_assert(user_is("S-1-22-1-1000"));
	ck_assert_int_eq(primary(ALICE, LOCALS), REASON_NONE);
	fake_domain_hang(0);
	pthread_join(thread, NULL);
	ck_assert_int_eq(reason, REASON_NONE);
	primaries_destroy(primaries);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("domain_token");
	TCase *tokens = tcase_create("tokens"), *policies = tcase_create("policies");

	tcase_add_checked_fixture(tokens, setup, teardown);
	tcase_add_test(tokens, a_process_of_the_domain_has_both_sids_of_its_user_and_groups);
	tcase_add_test(tokens, local_processes_are_as_they_were);
	tcase_add_test(tokens, who_cannot_be_told_is_refused);
	tcase_add_test(tokens, an_owner_whom_nobody_knows_is_told_from_one_who_cannot_be_told);
	tcase_add_test(tokens, both_sids_are_allowed_and_denied);
	tcase_add_test(tokens, both_sids_own);
	tcase_add_test(tokens, new_objects_are_the_domain_users);
	tcase_add_test(tokens, groups_are_read_where_a_domain_is_named);
	tcase_add_test(tokens, what_a_key_states_has_both_sids);
	tcase_add_test(tokens, a_domain_that_lies_makes_nobody_root_or_a_local_account);
	tcase_add_test(tokens, administrators_of_the_domain_are_stated_by_root_alone_by_either_sid);
	tcase_add_test(tokens, holders_of_privileges_are_stated_by_root_alone_by_either_sid);
	tcase_add_test(tokens, logon_services_name_people_of_the_domain);
	tcase_add_test(tokens, primary_tokens_are_not_kept_longer_than_what_they_are_made_of);
	tcase_add_test(tokens, while_the_domain_hangs_local_threads_have_their_tokens);
	suite_add_tcase(s, tokens);
	tcase_add_checked_fixture(policies, setup, teardown);
	tcase_add_test(policies, policies_name_people_of_the_domain_in_any_way);
	tcase_add_test(policies, an_account_section_is_about_somebody_who_can_act_here);
	tcase_add_test(policies, a_policy_is_not_read_half_while_the_domain_is_away);
	tcase_add_test(policies, a_policy_chooses_the_service);
	tcase_add_test(policies, a_policy_writes_what_it_read);
	suite_add_tcase(s, policies);
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
