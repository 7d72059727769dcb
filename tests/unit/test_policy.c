/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Policy files: what is read, what is refused and in which line, what a policy answers. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keyring/policy.h"

static struct policy *policy;
static struct policy_fault fault;

static int read_text(const char *text)
{
	return policy_read(text, strlen(text), "F", &policy, &fault);
}

static void reads(const char *text)
{
	ck_assert_msg(read_text(text) == 0, "refused: %s", fault.text);
}

/* @text is refused, and the complaint, one line, begins with @found and names @expected. */
static void refused(const char *text, const char *found, const char *expected)
{
	int error = read_text(text);

	ck_assert_msg(error == -EINVAL, "got %d for: %s", error, text);
	ck_assert_msg(strncmp(fault.text, found, strlen(found)) == 0, "'%s' is not '%s'...",
		      fault.text, found);
	ck_assert_msg(strstr(fault.text, "; expected ") && strstr(fault.text, expected),
		      "'%s' lacks '%s'", fault.text, expected);
	for (const char *at = fault.text; *at; at++)
		ck_assert_msg(*at >= ' ' && *at <= '~', "'%s' is not one plain line", fault.text);
}

static struct token *token_of(uid_t uid)
{
	struct sid sid = sid_from_uid(uid);
	struct token *token = token_create(&sid);

	ck_assert_ptr_nonnull(token);
	ck_assert_int_eq(token_add_group(token, &sid_everyone, SE_GROUP_ENABLED), 0);
	return token;
}

static void add_group(struct token *token, gid_t gid, uint32_t attributes)
{
	struct sid sid = sid_from_gid(gid);

	ck_assert_int_eq(token_add_group(token, &sid, attributes), 0);
}

static const struct policy_account *account(uid_t uid)
{
	struct sid sid = sid_from_uid(uid);

	return policy_account(policy, &sid);
}

START_TEST(without_a_file_nobody_has_anything_and_may_all_that_consents_allow)
{
	struct token *token = token_of(1000);

	policy = policy_builtin();
	ck_assert_ptr_null(policy_file(policy));
	ck_assert_int_eq(policy_defaults(policy)->level, TOKEN_IDENTIFY);
	ck_assert_uint_eq(policy_defaults(policy)->max_ttl, 0);
	ck_assert(account(1000)->impersonate && !account(1000)->logon);
	ck_assert(!account(1000)->sensitive && !account(1000)->trusted_for_delegation);
	ck_assert_uint_eq(policy_privileges(policy, token), 0);
	ck_assert(!policy_asks_groups(policy));
	ck_assert_uint_eq(policy_role_count(policy), 0);
	ck_assert(!policy_in_role(policy, "any", token));
	ck_assert_ptr_null(policy_peer(policy, "any"));
	policy_unref(policy);
	token_unref(token);
}
END_TEST

START_TEST(an_empty_file_means_the_same)
{
	reads("");
	ck_assert_str_eq(policy_file(policy), "F");
	ck_assert_int_eq(policy_defaults(policy)->level, TOKEN_IDENTIFY);
	ck_assert(account(1000)->impersonate);
	policy_unref(policy);
}
END_TEST

START_TEST(defaults_are_read)
{
	reads("# comment\n; another\n\n[defaults]\nlevel = impersonate ; as always here\n"
	      "ttl=90\nmax-ttl=8h\r\n");
	ck_assert_int_eq(policy_defaults(policy)->level, TOKEN_IMPERSONATE);
	ck_assert_uint_eq(policy_defaults(policy)->ttl, 90);
	ck_assert_uint_eq(policy_defaults(policy)->max_ttl, 8 * 3600);
	policy_unref(policy);
}
END_TEST

START_TEST(accounts_are_found_by_sid_whatever_their_order)
{
	reads("[account uid:2000]\nlogon=yes\n[account S-1-22-1-1000]\nimpersonate=no\n"
	      "sensitive=yes\n[account uid:1500] ; last\ntrusted-for-delegation=yes\n"
	      "delegate-to=cifs/one, cifs/two\n");
	ck_assert(account(2000)->logon && account(2000)->impersonate);
	ck_assert(!account(1000)->impersonate && account(1000)->sensitive);
	ck_assert(!account(1000)->logon);
	ck_assert(account(1500)->trusted_for_delegation);
	ck_assert_uint_eq(account(1500)->target_count, 2);
	ck_assert_str_eq(account(1500)->targets[1], "cifs/two");
	ck_assert_str_eq(account(1500)->name, "uid:1500");
	ck_assert_ptr_null(account(1501)->name);
	ck_assert(account(1501)->impersonate && !account(1501)->logon);
	policy_unref(policy);
}
END_TEST

START_TEST(root_is_one_account_under_two_sids)
{
	reads("[account SYSTEM]\nimpersonate=no\n");
	ck_assert(!account(0)->impersonate);
	ck_assert(!policy_account(policy, &sid_system)->impersonate);
	policy_unref(policy);
	refused("[account root]\n[account SYSTEM]\n", "F:2: account SYSTEM;", "one section");
}
END_TEST

START_TEST(privileges_go_to_users_and_enabled_groups)
{
	struct sid seventy_one = sid_from_gid(71), seventy_two = sid_from_gid(72);
	struct token *token = token_of(1000);

	reads("[privilege SeBackupPrivilege]\nholders=uid:1000\n"
	      "[privilege SeRestorePrivilege]\nholders=uid:1001,gid:70\n"
	      "[privilege SeSecurityPrivilege]\nholders=gid:71\n");
	ck_assert_uint_eq(policy_privileges(policy, token), SE_BACKUP_PRIVILEGE);
	add_group(token, 70, SE_GROUP_ENABLED);
	add_group(token, 71, SE_GROUP_USE_FOR_DENY_ONLY);
	ck_assert_uint_eq(policy_privileges(policy, token),
			  SE_BACKUP_PRIVILEGE | SE_RESTORE_PRIVILEGE);
	ck_assert(policy_asks_groups(policy));
	ck_assert(policy_holds_privilege(policy, &seventy_one));
	ck_assert(!policy_holds_privilege(policy, &seventy_two));
	policy_unref(policy);
	token_unref(token);
}
END_TEST

START_TEST(groups_are_asked_for_only_if_a_holder_can_be_one)
{
	reads("[privilege SeChangeNotifyPrivilege]\nholders=Everyone,uid:5,SYSTEM\n");
	ck_assert(!policy_asks_groups(policy));
	policy_unref(policy);
	reads("[privilege SeChangeNotifyPrivilege]\nholders=BUILTIN\\Users\n");
	ck_assert(policy_asks_groups(policy));
	policy_unref(policy);
}
END_TEST

START_TEST(roles_go_to_users_and_enabled_groups)
{
	struct token *token = token_of(1000), *other = token_of(1001);

	reads("[role Managers]\nmembers=uid:1000\n[role Loan Officers]\nmembers=gid:70\n"
	      "[role Nobody]\n");
	ck_assert_uint_eq(policy_role_count(policy), 3);
	ck_assert_str_eq(policy_role_name(policy, 1), "Loan Officers");
	ck_assert(policy_in_role(policy, "Managers", token));
	ck_assert(!policy_in_role(policy, "managers", token));
	ck_assert(!policy_in_role(policy, "Managers", other));
	ck_assert(!policy_in_role(policy, "Loan Officers", other));
	add_group(other, 70, SE_GROUP_ENABLED);
	add_group(token, 70, SE_GROUP_USE_FOR_DENY_ONLY);
	ck_assert(policy_in_role(policy, "Loan Officers", other));
	ck_assert(!policy_in_role(policy, "Loan Officers", token));
	ck_assert(!policy_in_role(policy, "Nobody", token));
	policy_unref(policy);
	token_unref(token);
	token_unref(other);
}
END_TEST

START_TEST(root_is_in_a_role_under_either_sid)
{
	struct token *system = token_create(&sid_system), *squashed = token_of(0);

	reads("[role A]\nmembers=root\n[role B]\nmembers=SYSTEM\n");
	ck_assert(policy_in_role(policy, "A", system) && policy_in_role(policy, "B", system));
	ck_assert(policy_in_role(policy, "A", squashed) && policy_in_role(policy, "B", squashed));
	policy_unref(policy);
	token_unref(system);
	token_unref(squashed);
}
END_TEST

START_TEST(peers_are_found_in_any_case_of_letters)
{
	reads("[peer files.example.org]\naccounts=www,db\ndomain=EXAMPLE\n"
	      "trusted-for-delegation=yes\n");
	ck_assert_ptr_null(policy_peer(policy, "files"));
	ck_assert_str_eq(policy_peer(policy, "FILES.example.org")->domain, "EXAMPLE");
	ck_assert_uint_eq(policy_peer(policy, "files.example.org")->account_count, 2);
	ck_assert(policy_peer(policy, "files.example.org")->trusted_for_delegation);
	policy_unref(policy);
}
END_TEST

START_TEST(lists_go_on_in_lines_that_begin_with_a_blank)
{
	struct token *token = token_of(1002);

	reads("[role A]\nmembers=uid:1000,\n\tuid:1001,\n\n# between\n  uid:1002\n"
	      "[role B]\nmembers=\n uid:1002, uid:1003,\n");
	ck_assert(policy_in_role(policy, "A", token));
	ck_assert(policy_in_role(policy, "B", token));
	policy_unref(policy);
	token_unref(token);
}
END_TEST

START_TEST(sections_and_keys_that_are_not_known_are_refused)
{
	refused("[acount uid:1]\n", "F:1: acount uid:1;", "defaults, domain, account, privilege");
	refused("[defaults]\n\nlevl=identify\n", "F:3: levl;", "level, ttl or max-ttl");
	refused("[account uid:1]\nlevel=identify\n", "F:2: level;", "sensitive, trusted");
	refused("[privilege SeBackupPrivilege]\nmembers=root\n", "F:2: members;", "holders");
	refused("[role A]\nholders=root\n", "F:2: holders;", "members");
	refused("[peer h]\nlogon=yes\n", "F:2: logon;", "accounts, domain");
	/* a section that says nothing is read all the same */
	refused("[nonsense]\n[defaults]\n", "F:1: nonsense;", "a section");
	refused("[DEFAULTS]\n", "F:1: DEFAULTS;", "a section");
	refused("[]\n", "F:1: ;", "a section");
	refused("[privilege SeDebugPrivilege]\n", "F:1: privilege SeDebug", "SeBackupPrivilege");
	refused("[privilege]\n", "F:1: privilege;", "SeBackupPrivilege");
}
END_TEST

START_TEST(what_is_said_twice_is_refused)
{
	refused("[defaults]\nttl=5\nttl=6\n", "F:3: ttl;", "each key once");
	refused("[defaults]\n[role A]\n[defaults]\n", "F:3: defaults;", "[defaults] once");
	refused("[account uid:0]\n\n[account root]\n", "F:3: account root;", "one section");
	refused("[account uid:9]\n[account S-1-22-1-9]\n", "F:2: account S-1-22-1-9;",
		"one section");
	refused("[privilege SeBackupPrivilege]\n[privilege SeBackupPrivilege]\n",
		"F:2: ", "one section for each privilege");
	refused("[role A]\n[role B]\n[role A]\n", "F:3: role A;", "one section for each role");
	refused("[peer h]\n[peer H]\n", "F:2: peer H;", "one section for each peer");
	refused("[role A]\nmembers=uid:1,uid:2,S-1-22-1-1\n", "F:2: members=S-1-22-1-1;", "once");
	refused("[role A]\nmembers=root,SYSTEM\n", "F:2: members=SYSTEM;", "once");
	refused("[peer h]\naccounts=a,a\n", "F:2: accounts=a;", "once");
}
END_TEST

START_TEST(values_that_mean_nothing_are_refused)
{
	refused("[defaults]\nlevel=Impersonate\n", "F:2: level=Impersonate;",
		"anonymous, identify");
	refused("[defaults]\nlevel=\n", "F:2: level=;", "anonymous, identify");
	refused("[defaults]\nttl=0\n", "F:2: ttl=0;", "a number and s, m, h or d");
	refused("[defaults]\nttl=-1\n", "F:2: ttl=-1;", "a number");
	refused("[defaults]\nttl=5y\n", "F:2: ttl=5y;", "a number");
	refused("[defaults]\nttl=5 m\n", "F:2: ttl=5 m;", "a number");
	refused("[defaults]\nmax-ttl=4294967296\n", "F:2: max-ttl=", "a number");
	refused("[defaults]\nmax-ttl=1193047h\n", "F:2: max-ttl=", "a number");
	refused("[defaults]\nttl=2h\n\nmax-ttl=1h\n", "F:4: max-ttl shorter", "at least as long");
	refused("[account uid:1]\nlogon=true\n", "F:2: logon=true;", "yes or no");
	refused("[account uid:1]\nimpersonate=\n", "F:2: impersonate=;", "yes or no");
	refused("[account uid:1]\ndelegate-to=a b\n", "F:2: delegate-to=a b;", "without blanks");
	refused("[peer a b]\n", "F:1: peer a b;", "[peer HOST]");
	refused("[peer h]\ndomain=a,b\n", "F:2: domain=a,b;", "domain");
	refused("[role a,b]\n", "F:1: role a,b;", "[role NAME]");
	refused("[role]\n", "F:1: role;", "[role NAME]");
	refused("[defaults x]\n", "F:1: defaults x;", "[defaults]");
}
END_TEST

START_TEST(accounts_that_do_not_exist_are_refused)
{
	refused("[account nobody-of-that-name]\n", "F:1: account nobody-of", "this host knows");
	refused("[account]\n", "F:1: account;", "[account NAME]");
	/* it would never apply to anybody */
	refused("[account gid:5]\n", "F:1: account gid:5;", "[account NAME]");
	refused("[account Everyone]\n", "F:1: account Everyone;", "[account NAME]");
	refused("[account BUILTIN\\Administrators]\n", "F:1: account BUILTIN", "[account NAME]");
	refused("[role A]\nmembers=uid:1,\n uid:2,\n nobody-of-that-name\n",
		"F:4: members=nobody-of-that-name;", "user or group that this host knows");
	refused("[privilege SeBackupPrivilege]\nholders=no-such-group\n",
		"F:2: holders=no-such-group;", "user or group");
}
END_TEST

START_TEST(lists_hold_names)
{
	refused("[role A]\nmembers=\n", "F:2: members;", "at least one name");
	refused("[role A]\n\nmembers=\n[role B]\n", "F:3: members;", "at least one name");
	refused("[role A]\nmembers=uid:1,,uid:2\n", "F:2: members=;", "separated by commas");
	refused("[role A]\nmembers=,\n", "F:2: members=;", "separated by commas");
	refused("[role A]\nmembers=#x\n", "F:2: members=#x;", "separated by commas");
	refused("[defaults]\nlevel=identify\n impersonate\n", "F:3: level goes on: impersonate;",
		"one line");
}
END_TEST

START_TEST(lines_that_are_none_are_refused)
{
	refused("level=identify\n", "F:1: level=identify;", "a [section] first");
	refused("[defaults]\nnonsense\n", "F:2: nonsense;", "NAME=VALUE");
	/* though a later line is wrong too, and was met first */
	refused("[defaults]\nnonsense\nlevl=x\n", "F:2: nonsense;", "NAME=VALUE");
	refused("[defaults\nlevel=identify\n", "F:1: [defaults;", "[section]");
	refused("[defaults] level=identify\n", "F:1: [defaults] level", "nothing after it");
	refused("[defaults];\n", "F:1: [defaults];;", "nothing after it");
	refused(" [defaults]\n", "F:1: a line that begins with a blank;", "first column");
	refused("[defaults]\n level=identify\n", "F:2: a line that begins with a blank;",
		"first column");
	/* libinih alone would take it for a section only where no key came before */
	refused("[role A]\nmembers=uid:1\n [role B]\n", "F:3: members=[role B];", "user or group");
	refused("[defaults]\n=identify\n", "F:2: ;", "level, ttl");
}
END_TEST

/* As an editor leaves it while it writes: a name cut short could be somebody else's. */
START_TEST(a_file_that_is_not_written_to_its_end_is_refused)
{
	refused("[privilege SeBackupPrivilege]\nholders=root", "F:2: a line that does not end;",
		"a newline");
	refused("[defaults]", "F:1: a line that does not end;", "a newline");
}
END_TEST

START_TEST(hostile_bytes_are_refused_and_never_shown)
{
	static const char nul[] = "[defaults]\nle\0vel=identify\n";
	char shown[512];

	ck_assert_int_eq(policy_read(nul, sizeof(nul) - 1, "F", &policy, &fault), -EINVAL);
	ck_assert_int_eq(strncmp(fault.text, "F:2: a control character;", 25), 0);
	refused("[defaults]\n\033[31m=x\n", "F:2: a control character;", "plain text");
	refused("[defaults]\nlevel=\x7f\n", "F:2: a control character;", "plain text");
	refused("\xef\xbb\xbf[defaults]\n", "F:1: a byte order mark;", "plain text");
	refused("[role a\r]\n", "F:1: a control character;", "plain text");
	refused("[\xc2\x9b"
		"31m]\n",
		"F:1: \\302\\23331m;", "a section");
	/* the file's name too */
	ck_assert_int_eq(policy_read("x\n", 2, "a\nb", &policy, &fault), -EINVAL);
	ck_assert_int_eq(strncmp(fault.text, "a?b:1: x;", 9), 0);
	memset(shown, 'f', sizeof(shown) - 1);
	shown[sizeof(shown) - 1] = '\0';
	ck_assert_int_eq(policy_read("x\n", 2, shown, &policy, &fault), -EINVAL);
	ck_assert_ptr_nonnull(strstr(fault.text, ":1: x; expected"));
}
END_TEST

/* @head, then @count times @line with its number. */
static char *many(const char *head, const char *line, unsigned int count)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fputs(head, out);
	for (unsigned int i = 0; i < count; i++) {
		fprintf(out, line, i);
		fputc('\n', out);
	}
	ck_assert_int_eq(fclose(out), 0);
	return text;
}

START_TEST(files_beyond_the_bounds_are_refused)
{
	char line[POLICY_LINE_MAX + 8];
	char *text = many("", "[role %u]", POLICY_SECTIONS);

	reads(text);
	ck_assert_uint_eq(policy_role_count(policy), POLICY_SECTIONS);
	policy_unref(policy);
	free(text);
	text = many("", "[role %u]", POLICY_SECTIONS + 1);
	refused(text, "F:1025: one section more;", "at most 1024");
	free(text);
	text = many("[peer h]\naccounts=\n", " a,%x,", 5000);
	refused(text, "F:4: accounts=a;", "each word once");
	free(text);
	text = many("[peer h]\naccounts=\n", " %x,", POLICY_NAMES + 1);
	refused(text, "F:8195: one name more;", "at most 8192");
	free(text);
	text = many("", "; %060u", 1000);
	refused(text, "F: a large file;", "at most 57344 bytes");
	free(text);
	snprintf(line, sizeof(line), "# %0*d\n", POLICY_LINE_MAX - 2, 0);
	reads(line);
	policy_unref(policy);
	snprintf(line, sizeof(line), "# %0*d\n", POLICY_LINE_MAX - 1, 0);
	refused(line, "F:1: a long line;", "at most 190 bytes");
}
END_TEST

START_TEST(what_is_written_out_reads_as_the_same)
{
	char *text = many("[defaults]\nlevel=delegate\nttl=60\nmax-ttl=1d\n[account uid:7]\n"
			  "logon=yes\nsensitive=yes\nimpersonate=no\ndelegate-to=a,b\n"
			  "trusted-for-delegation=yes\n"
			  "[privilege SeBackupPrivilege]\nholders=Everyone\n"
			  "[peer h]\naccounts=x\ndomain=d\ntrusted-for-delegation=yes\n"
			  "[role A B]\nmembers=\n",
			  "  uid:1000%u,", 300);
	char *first = NULL, *second = NULL;
	size_t size;
	FILE *out = open_memstream(&first, &size);

	reads(text);
	policy_write(policy, out);
	ck_assert_int_eq(fclose(out), 0);
	policy_unref(policy);
	ck_assert_ptr_nonnull(strstr(first, "[account uid:7]\nsensitive=yes\n"));
	ck_assert_ptr_nonnull(strstr(first, "max-ttl=86400\n"));
	reads(first);
	out = open_memstream(&second, &size);
	policy_write(policy, out);
	ck_assert_int_eq(fclose(out), 0);
	policy_unref(policy);
	ck_assert_str_eq(first, second);
	free(text);
	free(first);
	free(second);
}
END_TEST

/* A file with @text and @mode, of user @uid; its name. */
static const char *file_with(const char *text, mode_t mode, uid_t uid)
{
	static char path[64];
	int fd;

	snprintf(path, sizeof(path), "/tmp/guisefs-test.policy.XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	ck_assert_int_eq(fchown(fd, uid, (gid_t)-1), 0);
	ck_assert_int_eq(fchmod(fd, mode), 0);
	close(fd);
	return path;
}

static void load_refused(const char *path, int error, const char *found)
{
	ck_assert_int_eq(policy_load(path, &policy, &fault), error);
	ck_assert_msg(strncmp(fault.text, path, strlen(path)) == 0 && strstr(fault.text, found) &&
			      strstr(fault.text, "; expected "),
		      "'%s' lacks '%s'", fault.text, found);
	unlink(path);
}

START_TEST(a_file_that_others_could_have_written_is_refused)
{
	const char *path;

	if (geteuid() != 0)
		return;
	path = file_with("[defaults]\n", 0644, 0);
	ck_assert_int_eq(policy_load(path, &policy, &fault), 0);
	ck_assert_str_eq(policy_file(policy), path);
	policy_unref(policy);
	unlink(path);
	load_refused(file_with("[defaults]\n", 0600, 64001), -EPERM, "owned by user 64001");
	load_refused(file_with("[defaults]\n", 0660, 0), -EPERM, "writable by others (mode 0660)");
	load_refused(file_with("[defaults]\n", 0602, 0), -EPERM, "writable by others (mode 0602)");
	load_refused(file_with("[default]\n", 0600, 0), -EINVAL, ":1: default;");
}
END_TEST

START_TEST(what_is_no_file_is_refused)
{
	char path[] = "/tmp/guisefs-test.fifo.XXXXXX";

	load_refused("/nonexistent/policy", -ENOENT, "No such file");
	ck_assert_int_eq(policy_load("/", &policy, &fault), -EINVAL);
	ck_assert_ptr_nonnull(strstr(fault.text, "/: not a regular file"));
	/* nor does one wait for somebody to write into it */
	ck_assert_int_ge(close(mkstemp(path)), 0);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	load_refused(path, -EINVAL, "not a regular file");
}
END_TEST

START_TEST(a_file_that_is_too_large_is_refused_whole)
{
	char *text = many("", "; %060u", 2000);

	if (geteuid() == 0)
		load_refused(file_with(text, 0600, 0), -EINVAL, ": a large file;");
	free(text);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policy");
	TCase *tcase = tcase_create("policy");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, without_a_file_nobody_has_anything_and_may_all_that_consents_allow);
	tcase_add_test(tcase, an_empty_file_means_the_same);
	tcase_add_test(tcase, defaults_are_read);
	tcase_add_test(tcase, accounts_are_found_by_sid_whatever_their_order);
	tcase_add_test(tcase, root_is_one_account_under_two_sids);
	tcase_add_test(tcase, privileges_go_to_users_and_enabled_groups);
	tcase_add_test(tcase, groups_are_asked_for_only_if_a_holder_can_be_one);
	tcase_add_test(tcase, roles_go_to_users_and_enabled_groups);
	tcase_add_test(tcase, root_is_in_a_role_under_either_sid);
	tcase_add_test(tcase, peers_are_found_in_any_case_of_letters);
	tcase_add_test(tcase, lists_go_on_in_lines_that_begin_with_a_blank);
	tcase_add_test(tcase, sections_and_keys_that_are_not_known_are_refused);
	tcase_add_test(tcase, what_is_said_twice_is_refused);
	tcase_add_test(tcase, values_that_mean_nothing_are_refused);
	tcase_add_test(tcase, accounts_that_do_not_exist_are_refused);
	tcase_add_test(tcase, lists_hold_names);
	tcase_add_test(tcase, lines_that_are_none_are_refused);
	tcase_add_test(tcase, a_file_that_is_not_written_to_its_end_is_refused);
	tcase_add_test(tcase, hostile_bytes_are_refused_and_never_shown);
	tcase_add_test(tcase, files_beyond_the_bounds_are_refused);
	tcase_add_test(tcase, what_is_written_out_reads_as_the_same);
	tcase_add_test(tcase, a_file_that_others_could_have_written_is_refused);
	tcase_add_test(tcase, what_is_no_file_is_refused);
	tcase_add_test(tcase, a_file_that_is_too_large_is_refused_whole);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
