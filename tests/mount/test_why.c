/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise why says what the daemon does: random descriptors and modes, callers of many kinds, and
 * operations that are then really tried.
 *
 *   test_why_mount [--seed N] [--rounds N]
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "acl/mask.h"
#include "acl/sddl.h"
#include "keyring/guise.h"
#include "tests/mount/errand.h"
#include "tests/mount/harness.h"
#include "tools/inquiry.h"
#include "tools/whose.h"

#define SERVER 64003

static struct share *share;
static unsigned long seed, rounds = 600;
static unsigned int judged, denials, by_command;

/* ---- chance ---- */

static uint64_t state;

static uint32_t chance(uint32_t below)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(state >> 33) % below;
}

static const char *const sids[] = {
	SID_ALICE, SID_ALICE,  SID_BOB,   SID_ALICE_GROUP, SID_TEAM,   SID_CREW,       "S-1-1-0",
	"S-1-1-0", "S-1-5-11", "S-1-3-4", "S-1-5-7",       "S-1-5-18", "S-1-5-32-544",
};

static struct sid any_sid(void)
{
	struct sid sid;

	ck_assert(sid_parse(sids[chance(sizeof(sids) / sizeof(sids[0]))], &sid, NULL));
	return sid;
}

/* Mostly few bits, sometimes generic ones or all. */
static uint32_t any_mask(void)
{
	static const uint32_t whole[] = {
		FILE_ALL_ACCESS, FILE_GENERIC_READ, FILE_GENERIC_WRITE, FILE_MODIFY,
		GENERIC_ALL,     GENERIC_READ,      GENERIC_WRITE,      GENERIC_EXECUTE,
	};
	uint32_t mask = 0;

	if (chance(3) == 0)
		return whole[chance(sizeof(whole) / sizeof(whole[0]))];
	for (uint32_t i = chance(6) + 1; i > 0; i--) {
		uint32_t bit = chance(14);

		mask |= bit < 9 ? 1u << bit : 1u << (bit + 7);
	}
	return mask & FILE_ALL_ACCESS;
}

static struct ace any_ace(void)
{
	static const uint8_t flags[] = {0,
					0,
					0,
					0,
					OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE,
					INHERITED_ACE,
					INHERIT_ONLY_ACE | CONTAINER_INHERIT_ACE};
	struct sid sid = any_sid();

	return ace_make(chance(3) == 0 ? ACCESS_DENIED_ACE_TYPE : ACCESS_ALLOWED_ACE_TYPE,
			flags[chance(sizeof(flags))], any_mask(), &sid);
}

/* Owner, group, some ACEs; now and then a NULL DACL, a label, a condition. */
static struct descriptor *any_descriptor(void)
{
	struct descriptor *sd = NULL;
	static const char *const starts[] = {
		"O:SYG:SYD:",
		"O:SYG:SYD:",
		"O:SYG:SYD:",
		"O:SYG:SYD:P",
		"O:SYG:SYD:NO_ACCESS_CONTROL",
		"O:SYG:SYD:(XA;;0x3;;;WD;(Member_of {SID(" SID_TEAM ")}))",
		"O:SYG:SYD:(XD;;0x10007;;;WD;(Member_of {SID(" SID_TEAM ")}))",
		"O:SYG:SYD:S:(ML;;NWNR;;;HI)",
		"O:SYG:SYD:S:(ML;;NR;;;LW)",
	};
	const char *start = starts[chance(sizeof(starts) / sizeof(starts[0]))];

	ck_assert_int_eq(sddl_read(start, NULL, &sd, NULL), SD_OK);
	sd->owner = any_sid();
	sd->group = any_sid();
	for (uint32_t i = sd->dacl ? chance(6) : 0; i > 0; i--) {
		struct ace ace = any_ace();

		ck_assert_int_eq(acl_append(sd->dacl, &ace), SD_OK);
	}
	return sd;
}

/* ---- callers ---- */

struct caller_kind {
	const char *name;
	uid_t uid;
	gid_t gid;
	gid_t groups[2];
	size_t group_count;
	/* a server that acts for somebody: the key's level, user, groups, rights, privilege */
	bool acts;
	int level;
	const char *user;
	const char *user_groups[2];
	uint32_t rights;
	const char *privilege;
};

static const struct caller_kind kinds[] = {
	{"alice in a team", ALICE, ALICE_GROUP, {TEAM}, 1},
	{"alice", ALICE, ALICE_GROUP, {0}, 0},
	{"bob in two groups", BOB, BOB_GROUP, {TEAM, CREW}, 2},
	{"root", 0, 0, {0}, 0},
	{"a server", SERVER, SERVER, {CREW}, 1},
	{"a client",
	 SERVER,
	 SERVER,
	 {CREW},
	 1,
	 true,
	 GUISE_IMPERSONATE,
	 SID_ALICE,
	 {SID_ALICE_GROUP, SID_TEAM},
	 UINT32_MAX},
	{"a restricted client",
	 SERVER,
	 SERVER,
	 {0},
	 0,
	 true,
	 GUISE_DELEGATE,
	 SID_ALICE,
	 {SID_ALICE_GROUP, SID_CREW},
	 0x1300a9},
	{"a client with a privilege",
	 SERVER,
	 SERVER,
	 {0},
	 0,
	 true,
	 GUISE_IMPERSONATE,
	 SID_BOB,
	 {SID_BOB_GROUP, SID_TEAM},
	 UINT32_MAX,
	 "SeBackupPrivilege"},
	{"an anonymous client",
	 SERVER,
	 SERVER,
	 {0},
	 0,
	 true,
	 GUISE_ANONYMOUS,
	 SID_BOB,
	 {SID_BOB_GROUP, SID_TEAM},
	 UINT32_MAX},
	{"a client that lets itself be identified",
	 SERVER,
	 SERVER,
	 {0},
	 0,
	 true,
	 GUISE_IDENTIFY,
	 SID_ALICE,
	 {SID_ALICE_GROUP, SID_TEAM},
	 UINT32_MAX},
	{"a client of root's",
	 0,
	 0,
	 {0},
	 0,
	 true,
	 GUISE_IMPERSONATE,
	 SID_BOB,
	 {SID_BOB_GROUP, SID_CREW},
	 UINT32_MAX},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static struct worker {
	pid_t pid;
	int fd;
	int32_t serial;
} workers[KINDS];

static int become(const struct caller_kind *kind, int32_t serial)
{
	if (setgroups(kind->group_count, kind->groups) < 0 ||
	    setresgid(kind->gid, kind->gid, kind->gid) < 0 ||
	    setresuid(kind->uid, kind->uid, kind->uid) < 0)
		return -errno;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	return kind->acts ? guise_impersonate(serial) : 0;
}

static void work(const struct caller_kind *kind, int32_t serial, int fd)
{
	struct errand job;
	int answer = become(kind, serial);

	if (write(fd, &answer, sizeof(answer)) != sizeof(answer))
		_exit(1);
	while (read(fd, &job, sizeof(job)) == sizeof(job)) {
		answer = errand_do(&job);
		if (write(fd, &answer, sizeof(answer)) != sizeof(answer))
			break;
	}
	_exit(0);
}

static int answer_of(const struct worker *worker)
{
	int answer = -EIO;

	ck_assert_int_eq(read(worker->fd, &answer, sizeof(answer)), sizeof(answer));
	return answer;
}

/* A logon service's statement, restricted by a key of the server's own where that is asked for. */
static int32_t make_key(const struct caller_kind *kind)
{
	const uid_t account = kind->uid;
	int32_t serial = 0;

	ck_assert_int_eq(guise_issue(kind->user, kind->user_groups, 2, &kind->privilege,
				     kind->privilege ? 1 : 0, &account, 1, kind->level, 1800,
				     &serial),
			 0);
	return serial;
}

static int restrict_key(void *arg)
{
	const struct caller_kind *kind = *(const struct caller_kind **)arg;
	int32_t *serial = ((int32_t **)arg)[1];

	return guise_restrict(*serial, -1, 0, kind->rights, NULL, serial);
}

static void start_worker(size_t number)
{
	const struct caller_kind *kind = &kinds[number];
	struct worker *worker = &workers[number];
	int pair[2];

	if (kind->acts)
		worker->serial = make_key(kind);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	worker->pid = fork();
	ck_assert_int_ge(worker->pid, 0);
	if (worker->pid == 0) {
		int32_t serial = worker->serial;
		void *arg[2] = {(void *)(uintptr_t)kind, &serial};

		for (size_t i = 0; i < number; i++)
			close(workers[i].fd);
		close(pair[0]);
		if (kind->acts && kind->rights != UINT32_MAX) {
			/* the narrowed key is the server's own */
			if (setgroups(0, NULL) < 0 || setresuid(kind->uid, kind->uid, 0) < 0 ||
			    restrict_key(arg) < 0 || setresuid(0, 0, 0) < 0)
				_exit(2);
		}
		work(kind, serial, pair[1]);
	}
	close(pair[1]);
	worker->fd = pair[0];
	ck_assert_msg(answer_of(worker) == 0, "%s cannot begin", kind->name);
}

static void stop_workers(void)
{
	for (size_t i = 0; i < KINDS; i++) {
		close(workers[i].fd);
		waitpid(workers[i].pid, NULL, 0);
	}
}

/* ---- where ---- */

/* A folder with a file, a folder, and another folder to move to, new in each round. */
struct place {
	char folder[ERRAND_PATH], file[ERRAND_PATH], inner[ERRAND_PATH], target[ERRAND_PATH];
	bool implied; /* by modes, else by descriptors */
};

static void set_descriptor(const char *path)
{
	__attribute__((cleanup(descriptor_destroyp))) struct descriptor *sd = any_descriptor();
	uint8_t *bytes = NULL;
	size_t size;

	ck_assert_int_eq(descriptor_write(sd, &bytes, &size), SD_OK);
	ck_assert_msg(setxattr(path, "system.ntfs_acl", bytes, size, 0) == 0, "%s: %s", path,
		      strerror(errno));
	free(bytes);
}

static void set_mode(const char *path)
{
	static const uid_t owners[] = {ALICE, BOB, 0};
	static const gid_t owning[] = {ALICE_GROUP, TEAM, CREW};

	ck_assert_int_eq(chown(path, owners[chance(3)], owning[chance(3)]), 0);
	ck_assert_int_eq(chmod(path, (mode_t)(chance(01000) | (chance(3) ? 0 : S_ISVTX))), 0);
}

static void join(char path[ERRAND_PATH], const char *folder, const char *name)
{
	ck_assert_int_lt(snprintf(path, ERRAND_PATH, "%s/%s", folder, name), ERRAND_PATH);
}

static void make_place(unsigned long round, struct place *place)
{
	char name[64];
	const char *behind[4];

	place->implied = chance(3) == 0;
	snprintf(name, sizeof(name), "f%lu", round);
	behind[0] = share_behind(share, name);
	snprintf(place->folder, ERRAND_PATH, "%s", share_path(share, name));
	join(place->file, place->folder, "file");
	join(place->inner, place->folder, "inner");
	snprintf(name, sizeof(name), "f%lu/file", round);
	behind[1] = share_behind(share, name);
	snprintf(name, sizeof(name), "f%lu/inner", round);
	behind[2] = share_behind(share, name);
	snprintf(name, sizeof(name), "t%lu", round);
	behind[3] = share_behind(share, name);
	snprintf(place->target, ERRAND_PATH, "%s", share_path(share, name));
	ck_assert_int_eq(mkdir(behind[0], 0700), 0);
	put_file(behind[1], "some text");
	ck_assert_int_eq(mkdir(behind[2], 0700), 0);
	ck_assert_int_eq(mkdir(behind[3], 0700), 0);
	for (int i = 0; i < 4 && place->implied; i++)
		set_mode(behind[i]);
	if (place->implied)
		return;
	set_descriptor(place->file);
	set_descriptor(place->inner);
	set_descriptor(place->target);
	set_descriptor(place->folder);
}

/* ---- the comparison ---- */

/* What an operation is tried on. */
enum on { ON_FILE, ON_FOLDER, ON_INNER };

static const struct trial {
	const char *name;
	enum on on;
	bool makes;   /* a name in the folder, or with @goes in the target */
	bool goes;    /* to the target, every other time */
	bool changes; /* what is there: the round ends if it was granted */
} trials[] = {
	{"stat", ON_FILE},
	{"stat", ON_INNER},
	{"open-read", ON_FILE},
	{"open-write", ON_FILE},
	{"open-read-write", ON_FILE},
	{"open-append", ON_FILE},
	{"truncate", ON_FILE},
	{"list", ON_FOLDER},
	{"list", ON_INNER},
	{"getxattr", ON_FILE},
	{"setxattr", ON_FILE},
	{"read-descriptor", ON_FILE},
	{"read-descriptor", ON_FOLDER},
	{"utimens", ON_FILE},
	{"touch", ON_FILE},
	{"create", ON_FOLDER, .makes = true, .changes = true},
	{"mkdir", ON_FOLDER, .makes = true, .changes = true},
	{"symlink", ON_FOLDER, .makes = true, .changes = true},
	{"unlink", ON_FILE, .changes = true},
	{"unlink", ON_FILE, .changes = true},
	{"rmdir", ON_INNER, .changes = true},
	{"rename", ON_FILE, .makes = true, .goes = true, .changes = true},
	{"rename", ON_INNER, .makes = true, .goes = true, .changes = true},
	{"link", ON_FILE, .makes = true, .goes = true, .changes = true},
	{"write-dacl", ON_FILE, .changes = true},
	{"write-dacl", ON_FOLDER, .changes = true},
	{"write-owner", ON_FILE, .changes = true},
	{"write-sacl", ON_FILE, .changes = true},
	{"chmod", ON_FILE, .changes = true},
};

#define TRIALS (sizeof(trials) / sizeof(trials[0]))

/* One of the ways in which guise can be told whose token it is about. */
static const char *ask_for(size_t number, struct whose_ask *ask, char room[4][40])
{
	const struct caller_kind *kind = &kinds[number];

	*ask = (struct whose_ask){0};
	snprintf(room[0], sizeof(room[0]), "%d", (int)workers[number].pid);
	snprintf(room[1], sizeof(room[1]), "%d", (int)workers[number].serial);
	if (kind->acts && kind->rights == UINT32_MAX && chance(2)) {
		ask->serial = room[1];
		return NULL;
	}
	/* accounts without a name: their groups are told; root has more than one of its own */
	if (kind->acts || kind->uid == 0 || chance(2)) {
		ask->tid = room[0];
		return NULL;
	}
	for (size_t i = 0; i <= kind->group_count; i++) {
		snprintf(room[1 + i], sizeof(room[1]), "gid:%u",
			 i ? kind->groups[i - 1] : kind->gid);
		ask->groups[ask->group_count++] = room[1 + i];
	}
	snprintf(room[0], sizeof(room[0]), "uid:%u", kind->uid);
	return room[0];
}

/* guise itself: what it exits with. */
static int run_why(const struct whose_ask *ask, const char *user, const char *name,
		   const char *path, const char *to)
{
	const char *words[24] = {guise_program(), "why", "--format", "json"};
	size_t count = 4;

	if (ask->tid) {
		words[count++] = "--tid";
		words[count++] = ask->tid;
	}
	if (ask->serial) {
		words[count++] = "--serial";
		words[count++] = ask->serial;
	}
	for (size_t i = 0; i < ask->group_count; i++) {
		words[count++] = "--group";
		words[count++] = ask->groups[i];
	}
	if (to) {
		words[count++] = "--to";
		words[count++] = to;
	}
	if (user)
		words[count++] = user;
	words[count++] = name;
	words[count++] = path;
	return run_program(words);
}

static void complain(const struct trial *trial, size_t number, const struct place *place,
		     const char *path, bool says, int error)
{
	char sddl[4096] = "?", above[4096] = "?";

	if (getxattr(path, "system.guise.sddl", sddl, sizeof(sddl) - 1) < 0)
		snprintf(sddl, sizeof(sddl), "%s", strerror(errno));
	if (getxattr(place->folder, "system.guise.sddl", above, sizeof(above) - 1) < 0)
		snprintf(above, sizeof(above), "%s", strerror(errno));
	ck_abort_msg("seed %lu, %s: %s on %s, %s: why says %s, the mount %s (%s)\nobject %s\n"
		     "folder %s",
		     seed, kinds[number].name, trial->name, path,
		     place->implied ? "by modes" : "by descriptors", says ? "granted" : "denied",
		     error ? "denies" : "grants", strerror(-error), sddl, above);
}

/* What is public anyway the kernel tells even those who may only be identified. */
static bool kernel_answers(const struct trial *trial, const struct inquiry *inquiry)
{
	return strcmp(trial->name, "stat") == 0 && inquiry->ruling.level_low &&
	       access_public(inquiry->object.sd, FILE_READ_ATTRIBUTES);
}

/* Judges, tries, compares.  Was it granted? */
static bool compare(const struct trial *trial, const struct place *place, unsigned long round)
{
	static const char *const no_target = NULL;
	INQUIRY_CLEANUP struct inquiry inquiry = INQUIRY_NONE;
	WHOSE_CLEANUP struct whose whose = {0};
	const char *const paths[] = {place->file, place->folder, place->inner};
	const char *path = paths[trial->on];
	const char *to = trial->goes && chance(2) ? place->target : no_target, *user;
	size_t number = chance(KINDS);
	char room[4][40];
	struct whose_ask ask;
	struct errand job = {0};
	bool says, command;
	int error, status = -1;

	user = ask_for(number, &ask, room);
	ck_assert_int_eq(inquiry_action(trial->name, &inquiry.action), 0);
	ck_assert_int_eq(inquiry_open(path, NULL, to, &inquiry), 0);
	ck_assert_int_eq(whose_find(&ask, user, &inquiry.object, &whose), 0);
	ck_assert_ptr_nonnull(whose.token);
	ck_assert_int_eq(inquiry_judge(&inquiry, whose.token), 0);
	ck_assert(!inquiry_unknown(&inquiry));
	says = inquiry_granted(&inquiry);
	command = round % 4 == 0 && by_command < 200;
	if (command)
		status = run_why(&ask, user, trial->name, path, to);
	snprintf(job.name, sizeof(job.name), "%s", trial->name);
	snprintf(job.path, ERRAND_PATH, "%s", path);
	join(job.other, to ? to : place->folder, "new");
	sid_format(token_user(whose.token), job.sid);
	ck_assert_int_eq(write(workers[number].fd, &job, sizeof(job)), sizeof(job));
	error = answer_of(&workers[number]);
	if (error && error != -EACCES && error != -EPERM)
		ck_abort_msg("seed %lu: %s by %s: %s", seed, trial->name, kinds[number].name,
			     strerror(-error));
	if (says != (error == 0) && !kernel_answers(trial, &inquiry))
		complain(trial, number, place, path, says, error);
	if (command)
		ck_assert_msg(status == (says ? 0 : 1), "seed %lu: guise why %s exits with %d",
			      seed, trial->name, status);
	by_command += command;
	judged++;
	denials += error != 0;
	return error == 0;
}

static void play_round(unsigned long round)
{
	struct place place;

	make_place(round, &place);
	for (int i = 0; i < 8; i++) {
		const struct trial *trial = &trials[chance(TRIALS)];

		if (compare(trial, &place, round) && trial->changes)
			break;
	}
}

static void play(const char *options, unsigned long count)
{
	/* programs that guise is run by here print what nobody reads */
	int out = open("/dev/null", O_WRONLY | O_CLOEXEC), saved = dup(STDOUT_FILENO);

	printf("seed %lu, %lu rounds\n", seed, count);
	fflush(stdout);
	state = seed;
	share = share_open(options);
	ck_assert_int_eq(chmod(share_behind(share, ""), 0755), 0);
	for (size_t i = 0; i < KINDS; i++)
		start_worker(i);
	dup2(out, STDOUT_FILENO);
	for (unsigned long i = 0; i < count; i++)
		play_round(i);
	dup2(saved, STDOUT_FILENO);
	stop_workers();
	share_close(share);
	printf("%u verdicts, %u of them denials, %u by the command\n", judged, denials, by_command);
	/* that it proves something */
	ck_assert_uint_gt(denials, judged / 5);
	ck_assert_uint_lt(denials, judged - judged / 10);
}

START_TEST(why_says_what_the_mount_does)
{
	play(NULL, rounds);
}
END_TEST

START_TEST(why_knows_the_options_of_the_mount)
{
	play("traverse=strict,attributes=public", rounds / 6);
}
END_TEST

static Suite *suite(void)
{
	Suite *made = suite_create("why");
	TCase *tcase = tcase_create("why");

	tcase_add_test(tcase, why_says_what_the_mount_does);
	tcase_add_test(tcase, why_knows_the_options_of_the_mount);
	tcase_set_timeout(tcase, 300);
	suite_add_tcase(made, tcase);
	return made;
}

int main(int argc, char **argv)
{
	if (getrandom(&seed, sizeof(seed), 0) < 0)
		return 1;
	seed %= 1000000;
	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--seed") == 0)
			seed = strtoul(argv[i + 1], NULL, 10);
		else if (strcmp(argv[i], "--rounds") == 0)
			rounds = strtoul(argv[i + 1], NULL, 10);
	}
	return harness_run(suite());
}
