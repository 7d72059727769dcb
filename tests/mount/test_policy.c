/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The policy of a mount, from its start through reloads, and what it makes of callers and clients.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "keyring/guise.h"
#include "keyring/key.h"
#include "tests/mount/cast.h"

#define SHOW "system.guise.policy"
#define RELOAD "system.guise.policy.reload"

static struct share *share;
static struct player *a, *s; /* alice, the server */
static char file[64], output[64], options[256];
static char alice_file[256], server_file[256];

/* Puts a policy in place of the one that is there, as a whole. */
__attribute__((format(printf, 1, 2))) static void policy_put(const char *format, ...)
{
	char next[80];
	va_list values;
	FILE *out;

	snprintf(next, sizeof(next), "%s.new", file);
	out = fopen(next, "we");
	ck_assert_ptr_nonnull(out);
	va_start(values, format);
	vfprintf(out, format, values);
	va_end(values);
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_int_eq(chmod(next, 0600), 0);
	ck_assert_int_eq(rename(next, file), 0);
}

/* Sends SIGHUP and waits until @text is once more in the log. */
static void hangup(const char *text)
{
	unsigned int before = share_log_count(share, text);

	ck_assert_int_eq(kill(share_daemon(share), SIGHUP), 0);
	for (int i = 0; i < 6000 && share_log_count(share, text) == before; i++)
		usleep(10000);
	if (share_log_count(share, text) == before) {
		share_log_show(share);
		ck_abort_msg("not in the log: %s", text);
	}
}

/* From now on the policy is what @... says. */
#define policy_set(...)                                                                            \
	do {                                                                                       \
		policy_put(__VA_ARGS__);                                                           \
		hangup("policy: now as");                                                          \
	} while (0)

static void private_file(char path[256], const char *name, const struct person *person)
{
	snprintf(path, 256, "%s", share_path(share, name));
	put_file(path, name);
	sddl_set(path, "O:%sD:P(A;;FA;;;%s)", sid_of(person), sid_of(person));
}

static void begin_with(const char *more)
{
	snprintf(file, sizeof(file), "/tmp/guisefs-test.policy.%d", (int)getpid());
	snprintf(output, sizeof(output), "/tmp/guisefs-test.output.%d", (int)getpid());
	snprintf(options, sizeof(options), "policy=%s%s", file, more);
	policy_put("[defaults]\n");
	share = share_open(options);
	sddl_set(share_path(share, ""), "D:(A;;FRFX;;;WD)");
	private_file(alice_file, "alice", &alice);
	private_file(server_file, "server", &server);
	a = player_start(&alice);
	s = player_start(&server);
}

static void begin(void)
{
	begin_with(",share=team");
}

static void begin_squashed(void)
{
	begin_with("");
	share_remount(share, strcat(options, ",root=squash"));
}

static void end(void)
{
	player_do(a, DEED_CLEAR, NULL, 0);
	player_do(s, DEED_CLEAR, NULL, 0);
	player_end(a);
	player_end(s);
	share_close(share);
	unlink(file);
	unlink(output);
}

__attribute__((format(printf, 2, 3))) static int32_t make_key(struct player *player,
							      const char *format, ...)
{
	char text[1000];
	va_list values;
	long serial;

	va_start(values, format);
	vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	serial = player_do(player, DEED_MAKE_KEY, text, (long)KEY_TOKEN_PERM);
	ck_assert_int_gt(serial, 0);
	return (int32_t)serial;
}

static void acts_with(int32_t serial)
{
	ck_assert_int_eq(player_do(s, DEED_IMPERSONATE, NULL, serial), 0);
}

static long reads(struct player *player, const char *path)
{
	return player_do(player, DEED_READ, path, 0);
}

static char *attribute(const char *name)
{
	static char text[65537];
	ssize_t length = getxattr(share_path(share, ""), name, text, sizeof(text) - 1);

	ck_assert_msg(length >= 0, "%s: %s", name, strerror(errno));
	text[length] = '\0';
	return text;
}

/* Runs a program with its output in a file; its exit status, and *@said. */
static int run_saying(const char *const *words, char said[4096])
{
	int fd = open(output, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), status = 0;
	ssize_t length;
	pid_t pid = fork();

	if (pid == 0) {
		union {
			const char *const *in;
			char **out;
		} arguments = {words};

		dup2(fd, 1);
		dup2(fd, 2);
		execv(words[0], arguments.out);
		_exit(127);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	length = pread(fd, said, 4095, 0);
	said[length > 0 ? length : 0] = '\0';
	close(fd);
	return WEXITSTATUS(status);
}

#define RUN(said, ...) run_saying((const char *const[]){__VA_ARGS__, NULL}, said)

/* --- starting and reloading --- */

START_TEST(a_mount_refuses_to_start_with_a_broken_policy)
{
	char said[4096], wanted[128], point[256], behind[256], option[128];

	snprintf(point, sizeof(point), "%s", share_behind(share, "point"));
	snprintf(behind, sizeof(behind), "%s", share_behind(share, "source"));
	ck_assert_int_eq(mkdir(point, 0755), 0);
	ck_assert_int_eq(mkdir(behind, 0755), 0);
	policy_put("[defaults]\nlevel=none\n");
	snprintf(option, sizeof(option), "policy=%s", file);
	snprintf(wanted, sizeof(wanted), "guisefs: %s:2: level=none; expected anonymous", file);
	ck_assert_int_eq(RUN(said, getenv("GUISEFS"), behind, point, "-o", option), 2);
	ck_assert_msg(strncmp(said, wanted, strlen(wanted)) == 0, "%s", said);
	ck_assert_int_eq(chmod(file, 0660), 0);
	ck_assert_int_eq(RUN(said, getenv("GUISEFS"), behind, point, "-o", option), 2);
	ck_assert_ptr_nonnull(strstr(said, "writable by others"));
	/* one that was named must be there */
	ck_assert_int_eq(RUN(said, getenv("GUISEFS"), behind, point, "-o", "policy=/nonexistent/x"),
			 2);
	ck_assert_ptr_nonnull(strstr(said, "/nonexistent/x: No such file"));
	ck_assert_int_eq(rmdir(point), 0);
}
END_TEST

START_TEST(hangup_reads_the_policy_again)
{
	acts_with(make_key(a, "guise-token 1\nfor %s\n", sid_of(&server)));
	check_refused(share, s, alice_file, -EACCES, "token-level");
	policy_set("[defaults]\nlevel=impersonate\n");
	ck_assert_int_eq(reads(s, alice_file), 0);
	ck_assert_int_eq(reads(s, server_file), -EACCES);
	policy_set("[defaults]\nlevel=identify\n");
	check_refused(share, s, alice_file, -EACCES, "token-level");
}
END_TEST

START_TEST(a_broken_policy_never_replaces_one_in_force)
{
	char logged[128];

	policy_set("[account %s]\nimpersonate=no\n", server.name);
	acts_with(grant(a, &server, GUISE_IMPERSONATE, 600));
	check_refused(share, s, alice_file, -EACCES, "actor-denied");
	policy_put("# allow\n[account %s]\nimpersonate=maybe\n", server.name);
	snprintf(logged, sizeof(logged), "policy: kept as it was: %s:3: impersonate=maybe;", file);
	hangup(logged);
	check_refused(share, s, alice_file, -EACCES, "actor-denied");
	/* whoever could write it */
	policy_put("[defaults]\n");
	ck_assert_int_eq(chmod(file, 0666), 0);
	hangup("writable by others");
	check_refused(share, s, alice_file, -EACCES, "actor-denied");
	/* nor does one that has gone */
	ck_assert_int_eq(unlink(file), 0);
	hangup("No such file");
	check_refused(share, s, alice_file, -EACCES, "actor-denied");
	policy_set("[defaults]\n");
	ck_assert_int_eq(reads(s, alice_file), 0);
}
END_TEST

/* While requests come from all sides. */
START_TEST(many_hangups_disturb_no_request)
{
	acts_with(grant(a, &server, GUISE_IMPERSONATE, 600));
	for (int i = 0; i < 300; i++) {
		ck_assert_int_eq(kill(share_daemon(share), SIGHUP), 0);
		ck_assert_int_eq(reads(s, alice_file), 0);
		ck_assert_int_eq(reads(s, server_file), -EACCES);
		ck_assert_int_eq(reads(a, alice_file), 0);
	}
}
END_TEST

START_TEST(root_sees_and_reloads_by_attributes)
{
	char said[4096], wanted[400];

	policy_put("[role Managers]\nmembers=%s\n", alice.name);
	ck_assert_str_eq(attribute(RELOAD), "ok");
	snprintf(wanted, sizeof(wanted),
		 "# %s\n[defaults]\nlevel=identify\n[role Managers]\nmembers=%s\n", file,
		 alice.name);
	ck_assert_str_eq(attribute(SHOW), wanted);
	ck_assert_int_eq(RUN(said, guise_program(), "policy", "show", share_path(share, "alice")),
			 0);
	ck_assert_str_eq(said, wanted);
	policy_put("nonsense\n");
	/* to ask for the size changes nothing, and says nothing */
	ck_assert_int_gt(getxattr(share_path(share, ""), RELOAD, NULL, 0), 0);
	ck_assert(!share_log_contains(share, "kept as it was"));
	snprintf(said, sizeof(said), "%s:1: nonsense; expected", file);
	ck_assert_int_eq(strncmp(attribute(RELOAD), said, strlen(said)), 0);
	ck_assert_str_eq(attribute(SHOW), wanted);
}
END_TEST

START_TEST(the_tool_reloads_every_mount)
{
	char said[4096], wanted[600];

	policy_put("[role A]\n");
	RUN(said, guise_program(), "policy", "reload");
	snprintf(wanted, sizeof(wanted), "%s: ok\n", share_path(share, ""));
	ck_assert_msg(strstr(said, wanted), "%s", said);
	ck_assert_ptr_nonnull(strstr(attribute(SHOW), "[role A]"));
	policy_put("[role]\n");
	ck_assert_int_eq(RUN(said, guise_program(), "policy", "reload"), 1);
	snprintf(wanted, sizeof(wanted), "%s: %s:1: role; expected", share_path(share, ""), file);
	ck_assert_msg(strstr(said, wanted), "%s", said);
	ck_assert_int_eq(RUN(said, guise_program(), "policy", "check", file), 2);
	ck_assert_ptr_nonnull(strstr(said, ":1: role; expected"));
	policy_put("[role A]\n");
	ck_assert_int_eq(RUN(said, guise_program(), "policy", "check", file), 0);
	ck_assert_str_eq(said, "");
	ck_assert_int_eq(chmod(file, 0602), 0);
	ck_assert_int_eq(RUN(said, guise_program(), "policy", "check", file), 1);
}
END_TEST

static int read_show(void *path)
{
	char text[4096];

	return getxattr(path, SHOW, text, sizeof(text)) < 0 ? -errno : 0;
}

static int read_reload(void *path)
{
	char text[4096];

	return getxattr(path, RELOAD, text, sizeof(text)) < 0 ? -errno : 0;
}

/* What a consent is when nobody said has no use but to be known. */
static int read_defaults(void *path)
{
	static const char wanted[] = "level impersonate\nttl 3600\nmax-ttl 86400\n";
	char text[4096];
	ssize_t length = getxattr(path, "system.guise.defaults", text, sizeof(text));

	if (length < 0)
		return -errno;
	return length == sizeof(wanted) - 1 && memcmp(text, wanted, (size_t)length) == 0 ? 0
											 : -EDOM;
}

START_TEST(everybody_may_know_the_defaults)
{
	static const char plain[] = "level identify\n";

	ck_assert_str_eq(attribute("system.guise.defaults"), plain);
	policy_set("[defaults]\nlevel=impersonate\nttl=1h\nmax-ttl=1d\n[role Secret]\n");
	ck_assert_int_eq(as_alice(read_defaults, share_path(share, "")), 0);
	/* neither a file's descriptor nor the identity counts */
	ck_assert_int_eq(as_bob(read_defaults, share_path(share, "alice")), 0);
}
END_TEST

struct wish {
	int32_t serial;
	char *path;
};

/* As a client, and then as itself. */
static int read_impersonating(void *arg)
{
	const struct wish *wish = arg;
	int result = guise_impersonate(wish->serial);

	if (result == 0 && (result = read_show(wish->path)) == -EPERM)
		result = read_reload(wish->path);
	if (guise_revert() < 0 || read_show(wish->path) < 0)
		return -EIO;
	return result;
}

/* Not even a server of root's may, while it is somebody else. */
START_TEST(the_policy_is_roots_alone)
{
	struct wish wish = {.path = share_path(share, "")};

	wish.serial = grant(a, &root, GUISE_IMPERSONATE, 600);
	policy_put("nonsense\n");
	ck_assert_int_eq(as_alice(read_show, wish.path), -EPERM);
	ck_assert_int_eq(as_alice(read_reload, wish.path), -EPERM);
	ck_assert_int_eq(as_user(0, 0, 0, NULL, read_impersonating, &wish), -EPERM);
	ck_assert(!share_log_contains(share, "kept as it was"));
}
END_TEST

START_TEST(a_squashed_root_still_administers)
{
	ck_assert_str_eq(attribute(RELOAD), "ok");
	ck_assert_ptr_nonnull(strstr(attribute(SHOW), "[defaults]"));
}
END_TEST

/* --- what it does --- */

START_TEST(an_account_with_the_logon_right_states_clients)
{
	int32_t key = make_key(a, "guise-token 1\nlevel impersonate\nfor %s\nuser %s\n",
			       sid_of(&server), sid_of(&bob));
	char bob_file[256];

	private_file(bob_file, "bob", &bob);
	acts_with(key);
	check_refused(share, s, bob_file, -EKEYREJECTED, "token-forged");
	policy_set("[account %s]\nlogon=yes\n", alice.name);
	ck_assert_int_eq(reads(s, bob_file), 0);
	ck_assert_int_eq(reads(s, alice_file), -EACCES);
	ck_assert_int_eq(reads(s, server_file), -EACCES);
	acts_with(make_key(a, "guise-token 1\nlevel impersonate\nfor %s\nuser S-1-5-18\n",
			   sid_of(&server)));
	check_refused(share, s, bob_file, -EKEYREJECTED, "token-logon");
	acts_with(make_key(a,
			   "guise-token 1\nlevel impersonate\nfor %s\nuser %s\n"
			   "privilege SeBackupPrivilege\n",
			   sid_of(&server), sid_of(&bob)));
	check_refused(share, s, bob_file, -EKEYREJECTED, "token-logon");
	policy_set("[account %s]\nlogon=yes\n[privilege SeRestorePrivilege]\nholders=%s\n",
		   alice.name, bob.name);
	acts_with(key);
	check_refused(share, s, bob_file, -EKEYREJECTED, "token-logon");
}
END_TEST

START_TEST(an_account_that_may_act_for_nobody_is_refused)
{
	acts_with(grant(a, &server, GUISE_IMPERSONATE, 600));
	ck_assert_int_eq(reads(s, alice_file), 0);
	policy_set("[account %s]\nimpersonate=no\n", server.name);
	check_refused(share, s, alice_file, -EACCES, "actor-denied");
	ck_assert_int_eq(player_do(s, DEED_REVERT, NULL, 0), 0);
	ck_assert_int_eq(reads(s, server_file), 0);
}
END_TEST

START_TEST(a_holder_of_backup_reads_everything_and_writes_nothing)
{
	ck_assert_int_eq(reads(s, alice_file), -EACCES);
	policy_set("[privilege SeBackupPrivilege]\nholders=%s\n", server.name);
	ck_assert_int_eq(reads(s, alice_file), 0);
	ck_assert_int_eq(player_do(s, DEED_WRITE, alice_file, 0), -EACCES);
	ck_assert_int_eq(reads(a, server_file), -EACCES);
	/* whom it acts for has what that client has */
	acts_with(grant(a, &server, GUISE_IMPERSONATE, 600));
	ck_assert_int_eq(reads(s, server_file), -EACCES);
	ck_assert_int_eq(player_do(s, DEED_REVERT, NULL, 0), 0);
	policy_set("[privilege SeBackupPrivilege]\nholders=gid:%u\n", server.gid);
	ck_assert_int_eq(reads(s, alice_file), 0);
	policy_set("[privilege SeBackupPrivilege]\nholders=%s\n", alice.name);
	ck_assert_int_eq(reads(s, alice_file), -EACCES);
	acts_with(grant(a, &server, GUISE_IMPERSONATE, 600));
	ck_assert_int_eq(reads(s, server_file), 0);
}
END_TEST

static int read_as_root(void *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : close(fd);
}

START_TEST(a_squashed_root_holds_nothing_by_the_policy)
{
	policy_set("[privilege SeBackupPrivilege]\nholders=root,%s\n", server.name);
	ck_assert_int_eq(reads(s, alice_file), 0);
	ck_assert_int_eq(as_user(0, 0, 0, NULL, read_as_root, alice_file), -EACCES);
}
END_TEST

START_TEST(a_consent_must_end_in_time)
{
	acts_with(grant(a, &server, GUISE_IMPERSONATE, 600));
	ck_assert_int_eq(reads(s, alice_file), 0);
	policy_set("[defaults]\nmax-ttl=5m\n");
	check_refused(share, s, alice_file, -EKEYREJECTED, "token-lifetime");
	acts_with(grant(a, &server, GUISE_IMPERSONATE, 200));
	ck_assert_int_eq(reads(s, alice_file), 0);
}
END_TEST

START_TEST(a_consent_for_a_share_is_good_there_alone)
{
	int32_t here = make_key(a, "guise-token 1\nlevel impersonate\nfor %s\nshare team\n",
				sid_of(&server));

	acts_with(here);
	ck_assert_int_eq(reads(s, alice_file), 0);
	acts_with(make_key(a, "guise-token 1\nlevel impersonate\nfor %s\nshare other\n",
			   sid_of(&server)));
	check_refused(share, s, alice_file, -EKEYREJECTED, "token-share");
	check_refused(share, s, server_file, -EKEYREJECTED, "token-share");
	/* nor on a share without a name */
	snprintf(options, sizeof(options), "policy=%s", file);
	share_remount(share, options);
	acts_with(here);
	check_refused(share, s, alice_file, -EKEYREJECTED, "token-share");
}
END_TEST

START_TEST(a_narrowed_token_ends_with_the_clients)
{
	int32_t whole = grant(a, &server, GUISE_IMPERSONATE, 600);
	int32_t narrow = make_key(s, "guise-token 1\nfor %s\nrights 0x120089\nof %s\n",
				  sid_of(&server), parent_words(whole));

	acts_with(narrow);
	ck_assert_int_eq(reads(s, alice_file), 0);
	ck_assert_int_eq(player_do(s, DEED_WRITE, alice_file, 0), -EACCES);
	acts_with(whole);
	ck_assert_int_eq(player_do(s, DEED_WRITE, alice_file, 0), 0);
	acts_with(narrow);
	ck_assert_int_eq(player_do(a, DEED_REVOKE, NULL, whole), 0);
	check_refused(share, s, alice_file, -EKEYREVOKED, "key-revoked");
	check_refused(share, s, server_file, -EKEYREVOKED, "key-revoked");
}
END_TEST

static Suite *suite_make(void)
{
	Suite *suite = suite_create("policy on a mount");
	TCase *tcase = tcase_create("policy"), *squashed = tcase_create("root=squash");

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, a_mount_refuses_to_start_with_a_broken_policy);
	tcase_add_test(tcase, hangup_reads_the_policy_again);
	tcase_add_test(tcase, a_broken_policy_never_replaces_one_in_force);
	tcase_add_test(tcase, many_hangups_disturb_no_request);
	tcase_add_test(tcase, root_sees_and_reloads_by_attributes);
	tcase_add_test(tcase, the_tool_reloads_every_mount);
	tcase_add_test(tcase, the_policy_is_roots_alone);
	tcase_add_test(tcase, everybody_may_know_the_defaults);
	tcase_add_test(tcase, an_account_with_the_logon_right_states_clients);
	tcase_add_test(tcase, an_account_that_may_act_for_nobody_is_refused);
	tcase_add_test(tcase, a_holder_of_backup_reads_everything_and_writes_nothing);
	tcase_add_test(tcase, a_consent_must_end_in_time);
	tcase_add_test(tcase, a_consent_for_a_share_is_good_there_alone);
	tcase_add_test(tcase, a_narrowed_token_ends_with_the_clients);
	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(squashed, begin_squashed, end);
	tcase_add_test(squashed, a_squashed_root_still_administers);
	tcase_add_test(squashed, a_squashed_root_holds_nothing_by_the_policy);
	suite_add_tcase(suite, squashed);
	return suite;
}

int main(int argc, char **argv)
{
	return cast_run(argc, argv, suite_make());
}
