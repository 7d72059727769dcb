/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The daemon is killed at random instants, again and again, while users make, write, rename,
 * remove, share and close files.  What one user alone may read says so inside; after each
 * crash nobody else may read it, on the mount or behind it.
 *
 * GUISE_CRASH_SECONDS says for how long (25), GUISE_CRASH_SEED makes another run (1).
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "acl/mask.h"
#include "acl/ntacl.h"
#include "tests/mount/harness.h"
#include "tests/mount/killer.h"

#define WORKERS 5
#define NAMES 4     /* of each kind, each worker's own */
#define OBJECTS 512 /* more than there can be */
#define DRAFT ".guisefs-new-"
#define SECRET "secret of "

/* All may make things in it; what says nothing else is for all to read and write. */
#define FOLDER "O:SYG:SYD:P(A;;FA;;;WD)(A;OICIIO;FA;;;CO)(A;OICIIO;FRFWFX;;;WD)"

static const struct who users[WORKERS] = {
	{"alice", ALICE, ALICE_GROUP, 1, {TEAM}},
	{"bob", BOB, BOB_GROUP, 1, {TEAM}},
	{"alice", ALICE, ALICE_GROUP, 1, {TEAM}},
	{"bob", BOB, BOB_GROUP, 1, {TEAM}},
	{"root", 0, 0, 0, {0}},
};

/* Shared with the workers: how often each has replaced what it keeps. */
static volatile unsigned int *kept;
static struct share *share;

/* ---- workers ---- */

struct worker {
	unsigned int number;
	const struct who *who;
	unsigned int random;
	bool gone; /* the mount */
};

static unsigned int pick(struct worker *worker, unsigned int count)
{
	worker->random = worker->random * 1103515245u + 12345u;
	return (worker->random >> 16) % count;
}

/* One of the worker's own names, or of those that are for all. */
static const char *own(struct worker *worker, char kind)
{
	static char paths[4][PATH_MAX];
	static unsigned int turn;
	char *path = paths[turn++ % 4];

	snprintf(path, PATH_MAX, "%s/%c%u-%u", share_path(share, "w"), kind,
		 kind == 's' ? 0 : worker->number, pick(worker, NAMES));
	return path;
}

/* Takes note of a mount that has gone. */
static int done(struct worker *worker, int result)
{
	if (result < 0 && (errno == ENOTCONN || errno == ECONNABORTED))
		worker->gone = true;
	return result;
}

/* What only this user may read; called when the file is private. */
static void tell_secret(struct worker *worker, int fd)
{
	char text[64];
	int length = snprintf(text, sizeof(text), SECRET "%u, %u\n", worker->who->uid,
			      kept[worker->number] + 1);

	done(worker, (int)pwrite(fd, text, (size_t)length, 0));
}

static int create(struct worker *worker, const char *path, mode_t mode)
{
	return done(worker, open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode));
}

static void finish(struct worker *worker, int fd, bool private)
{
	if (private)
		tell_secret(worker, fd);
	close(fd);
}

static void make_private(struct worker *worker)
{
	int fd = create(worker, own(worker, 'p'), 0600);

	if (fd >= 0)
		finish(worker, fd, true);
}

/* Everybody's until its descriptor or mode is another. */
static void make_and_close(struct worker *worker)
{
	const char *path = own(worker, 'p');
	char sddl[64];
	int fd = create(worker, path, 0666), result;

	if (fd < 0)
		return;
	snprintf(sddl, sizeof(sddl), "D:P(A;;FA;;;S-1-22-1-%u)", worker->who->uid);
	if (pick(worker, 2))
		result = lsetxattr(path, "system.guise.sddl", sddl, strlen(sddl), 0);
	else
		result = chmod(path, 0600);
	finish(worker, fd, done(worker, result) == 0);
}

static void make_inside(struct worker *worker)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%.4000s", own(worker, 'd'));
	if (done(worker, mkdir(path, 0700)) < 0 && errno != EEXIST)
		return;
	snprintf(path + strlen(path), 16, "/p%u", pick(worker, 3));
	fd = create(worker, path, 0666);
	if (fd >= 0)
		finish(worker, fd, true);
}

static void make_shared(struct worker *worker)
{
	int fd = create(worker, own(worker, 's'), 0666);

	if (fd >= 0)
		close(fd);
}

static void make_other(struct worker *worker)
{
	const char *path = own(worker, 'o');

	switch (pick(worker, 3)) {
	case 0:
		done(worker, symlink("where", path));
		break;
	case 1:
		done(worker, mkfifo(path, 0600));
		break;
	default:
		done(worker, unlink(path));
	}
}

static void change_private(struct worker *worker)
{
	static const mode_t modes[] = {0600, 0400, 0700};
	const char *path = own(worker, 'p');

	switch (pick(worker, 4)) {
	case 0:
		done(worker, lchown(path, (uid_t)-1, TEAM));
		break;
	case 1:
		done(worker, lchown(path, (uid_t)-1, worker->who->gid));
		break;
	default:
		done(worker, chmod(path, modes[pick(worker, 3)]));
	}
}

static void change_shared(struct worker *worker)
{
	static const char *const texts[] = {
		"D:P(A;;FA;;;WD)",
		"D:P(A;;FA;;;" SID_ALICE ")(A;;FR;;;" SID_BOB ")(A;;RCWDWO;;;WD)",
		"D:P(A;;FRFW;;;" SID_TEAM ")(A;;RCWDWO;;;WD)",
		"D:P(D;;FW;;;" SID_BOB ")(A;;FRFW;;;WD)(A;;RCWDWO;;;WD)",
		"D:P(A;;FA;;;" SID_ALICE_GROUP ")(A;;RCWDWO;;;WD)",
	};
	const char *path = own(worker, 's'), *text = texts[pick(worker, 5)];

	if (worker->who->uid == 0 && pick(worker, 2))
		done(worker, lchown(path, pick(worker, 2) ? ALICE : BOB,
				    pick(worker, 2) ? TEAM : BOB_GROUP));
	else if (pick(worker, 2))
		done(worker, chmod(path, pick(worker, 2) ? 0640 : 0777));
	else
		done(worker, lsetxattr(path, "system.guise.sddl", text, strlen(text), 0));
}

static void move(struct worker *worker)
{
	const char *path = own(worker, 'p');

	switch (pick(worker, 4)) {
	case 0:
		done(worker, link(path, own(worker, 'p')));
		break;
	case 1:
		done(worker, rename(own(worker, 's'), own(worker, 's')));
		break;
	default:
		done(worker, rename(path, own(worker, 'p')));
	}
}

static void remove_some(struct worker *worker)
{
	done(worker, unlink(own(worker, pick(worker, 2) ? 'p' : 's')));
	done(worker, remove(own(worker, 'd')));
}

/* What is replaced by renaming is there at every instant. */
static void keep(struct worker *worker)
{
	char draft[PATH_MAX], path[PATH_MAX];
	int fd;

	snprintf(draft, sizeof(draft), "%s/t%u", share_path(share, "w"), worker->number);
	snprintf(path, sizeof(path), "%s/k%u", share_path(share, "w"), worker->number);
	unlink(draft);
	fd = create(worker, draft, 0600);
	if (fd < 0)
		return;
	finish(worker, fd, true);
	if (!worker->gone && done(worker, rename(draft, path)) == 0)
		kept[worker->number]++;
}

static void work(unsigned int number, unsigned int seed)
{
	static void (*const deeds[])(struct worker *) = {
		make_private,  make_and_close, make_inside, make_shared, make_other, change_private,
		change_shared, change_shared,  move,        remove_some, keep,
	};
	struct worker worker = {.number = number, .who = &users[number], .random = seed};

	become(worker.who);
	while (!worker.gone)
		deeds[pick(&worker, sizeof(deeds) / sizeof(*deeds))](&worker);
	_exit(0);
}

/* ---- what is left ---- */

/* An object behind the mount, and what alice and bob may do with it. */
struct object {
	char name[128];
	int fd; /* O_PATH */
	struct stat st;
	bool stored;
	uid_t of; /* whose secret is in it, or 0 */
	struct {
		uint32_t granted;
		unsigned int behind;
		bool reads;
	} powers[2];
};

static struct object *objects; /* shared with who looks */
static size_t count;

static void take_descriptor(struct object *object, const char *path)
{
	static uint8_t blob[XATTR_SIZE_MAX];
	struct descriptor *sd = NULL, *unmasked = NULL;
	ssize_t size = lgetxattr(path, "security.NTACL", blob, sizeof(blob));

	ck_assert(size >= 0 || errno == ENODATA);
	object->stored = size >= 0;
	if (size < 0)
		return;
	ck_assert_msg(ntacl_read(blob, (size_t)size, &sd, &unmasked) == SD_OK,
		      "%s: half a descriptor", object->name);
	descriptor_destroy(sd);
	descriptor_destroy(unmasked);
}

static int take(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	struct object *object = &objects[count];
	const char *text;

	(void)type;
	if (ftw->level == 0)
		return 0;
	ck_assert_uint_lt(count++, OBJECTS);
	memset(object, 0, sizeof(*object));
	snprintf(object->name, sizeof(object->name), "%s",
		 path + strlen(share_behind(share, "")) + 1);
	object->st = *st;
	object->fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	ck_assert_msg(object->fd >= 0, "%s: %s", path, strerror(errno));
	take_descriptor(object, path);
	text = S_ISREG(st->st_mode) ? get_file(path) : NULL;
	if (text && strncmp(text, SECRET, strlen(SECRET)) == 0)
		object->of = (uid_t)strtoul(text + strlen(SECRET), NULL, 10);
	return 0;
}

static void try_powers(int user)
{
	for (size_t i = 0; i < count; i++) {
		struct object *object = &objects[i];
		const char *path = share_path(share, object->name);
		char text[32] = "";
		int fd;

		if (lgetxattr(path, "system.guise.access", text, sizeof(text) - 1) > 0)
			object->powers[user].granted = (uint32_t)strtoul(text, NULL, 16);
		fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		object->powers[user].reads = fd >= 0;
		close(fd);
		for (unsigned int bit = 1; bit <= 4; bit <<= 1)
			if (faccessat(object->fd, "", (int)bit, AT_EMPTY_PATH | AT_EACCESS) == 0)
				object->powers[user].behind |= bit;
	}
}

static void check_secret(const struct object *object, int user)
{
	bool own = object->of == users[user].uid;
	const char *name = users[user].name;

	if (!object->of)
		return;
	ck_assert_msg(object->powers[user].reads == own, "%s, secret of %u: %s %s", object->name,
		      object->of, name, own ? "does not read it" : "reads it");
	ck_assert_msg(own || !(object->powers[user].granted & (FILE_READ_DATA | WRITE_DAC)),
		      "%s, secret of %u: %s is granted 0x%x", object->name, object->of, name,
		      object->powers[user].granted);
	ck_assert_msg(own || !object->powers[user].behind, "%s, secret of %u: %s gets %o behind",
		      object->name, object->of, name, object->powers[user].behind);
}

static void check_object(const struct object *object)
{
	const char *last = strrchr(object->name, '/') + 1;
	bool plain = S_ISREG(object->st.st_mode) || S_ISDIR(object->st.st_mode);

	if (!object->stored)
		ck_assert_msg(strncmp(last, DRAFT, strlen(DRAFT)) == 0 && object->st.st_uid == 0 &&
				      (S_ISLNK(object->st.st_mode) || !(object->st.st_mode & 0777)),
			      "%s has no descriptor, mode %o", object->name, object->st.st_mode);
	for (int user = 0; user < 2; user++) {
		uint32_t granted = object->powers[user].granted;
		unsigned int may = (granted & FILE_READ_DATA ? R_OK : 0u) |
				   (granted & FILE_WRITE_DATA ? W_OK : 0u) |
				   (granted & FILE_EXECUTE ? X_OK : 0u);

		check_secret(object, user);
		ck_assert_msg(!plain || !(object->powers[user].behind & ~may),
			      "%s: %s gets %o behind, and is granted 0x%x", object->name,
			      users[user].name, object->powers[user].behind, granted);
	}
}

static void check_kept(void)
{
	for (unsigned int i = 0; i < WORKERS; i++) {
		unsigned int uid, number;
		char path[64];
		const char *text;

		snprintf(path, sizeof(path), "w/k%u", i);
		text = kept[i] ? get_file(share_behind(share, path)) : NULL;
		if (!kept[i])
			continue;
		ck_assert_msg(text && sscanf(text, SECRET "%u, %u\n", &uid, &number) == 2 &&
				      uid == users[i].uid && number >= kept[i],
			      "%s was replaced %u times and is %s", path, kept[i],
			      text ? text : "gone");
		kept[i] = number;
	}
}

/* Returns how many were left unfinished; those go. */
static unsigned int check_all(void)
{
	unsigned int drafts = 0;
	int status;

	count = 0;
	nftw(share_behind(share, "w"), take, 16, FTW_PHYS);
	for (int user = 0; user < 2; user++) {
		pid_t pid = fork();

		if (pid == 0) {
			become(&users[user]);
			try_powers(user);
			_exit(0);
		}
		ck_assert(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0);
	}
	for (size_t i = 0; i < count; i++) {
		check_object(&objects[i]);
		close(objects[i].fd);
		if (strstr(objects[i].name, DRAFT)) {
			ck_assert_int_eq(remove(share_path(share, objects[i].name)), 0);
			drafts++;
		}
	}
	check_kept();
	return drafts;
}

/* ---- one crash ---- */

static void pause_us(unsigned int us)
{
	const struct timespec time = {.tv_nsec = (long)us * 1000};

	nanosleep(&time, NULL);
}

static void crash(struct worker *random)
{
	pid_t workers[WORKERS];

	for (unsigned int i = 0; i < WORKERS; i++) {
		unsigned int seed = pick(random, 1u << 15);

		workers[i] = fork();
		if (workers[i] == 0)
			work(i, seed);
		ck_assert(workers[i] > 0);
	}
	pause_us(1000 + 1000 * pick(random, 25) + pick(random, 1000));
	/* who asks may be killed as well */
	if (pick(random, 2))
		kill(workers[pick(random, WORKERS)], SIGKILL);
	kill(share_daemon(share), SIGKILL);
	for (unsigned int i = 0; i < WORKERS; i++)
		waitpid(workers[i], NULL, 0);
	share_recover(share);
}

static unsigned int number_of(const char *name, unsigned int otherwise)
{
	const char *text = getenv(name);

	return text && *text ? (unsigned int)strtoul(text, NULL, 10) : otherwise;
}

static void *shared_memory(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	ck_assert(memory != MAP_FAILED);
	return memory;
}

START_TEST(no_crash_under_load_opens_what_was_private)
{
	struct worker random = {.random = number_of("GUISE_CRASH_SEED", 1)};
	time_t end = time(NULL) + (time_t)number_of("GUISE_CRASH_SECONDS", 25);
	unsigned int crashes = 0, drafts = 0, replaced = 0, first = random.random;

	kept = shared_memory(WORKERS * sizeof(*kept));
	objects = shared_memory(OBJECTS * sizeof(*objects));
	share = share_open(NULL);
	put_folder(share_path(share, "w"));
	sddl_set(share_path(share, "w"), FOLDER);
	do {
		crash(&random);
		drafts += check_all();
		crashes++;
	} while (time(NULL) < end);
	for (unsigned int i = 0; i < WORKERS; i++)
		replaced += kept[i];
	printf("seed %u: %u crashes, %zu objects at the end, %u unfinished, %u replaced\n", first,
	       crashes, count, drafts, replaced);
	fflush(stdout);
	share_close(share);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("crash under load");
	TCase *load = tcase_create("random instants");

	suite_add_tcase(suite, load);
	tcase_set_timeout(load, 120 + 2 * number_of("GUISE_CRASH_SECONDS", 25));
	tcase_add_test(load, no_crash_under_load_opens_what_was_private);
	return harness_run(suite);
}
