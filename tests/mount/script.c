/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Playing scripts on two trees. */
#include "tests/mount/script.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/mount/harness.h"

#define TREES 2
#define OBJECTS 4 /* that a step may change: two paths and their folders */
#define PATH_ROOM 5000

static const struct {
	const char *name;
	uid_t uid;
	gid_t gid;
	gid_t also;
} people[WHO_COUNT] = {
	[WHO_ROOT] = {"root", 0, 0, 0},
	[WHO_ALICE] = {"alice", ALICE, ALICE_GROUP, 0},
	[WHO_BOB] = {"bob", BOB, BOB_GROUP, 0},
	[WHO_TEAM] = {"team", ALICE, ALICE_GROUP, TEAM},
	[WHO_CREW] = {"crew", BOB, BOB_GROUP, TEAM},
	[WHO_BEHIND] = {"behind", 0, 0, 0},
};

/* A caller: a process that makes what calls it is sent. */
struct player {
	pid_t pid;
	int socket;
};

struct players {
	struct player one[WHO_COUNT];
};

struct request {
	int tree;
	char folder[PATH_MAX];
	char step[SCRIPT_TEXT];
};

/* ---- the callers ---- */

/* Writes @text with its %N and %PN:… expanded. */
static void expand(const char *text, char *out, size_t room)
{
	size_t used = 0;

	while (*text && used + 1 < room) {
		bool path = text[0] == '%' && text[1] == 'P';
		char *end;
		size_t count;

		if (*text != '%') {
			out[used++] = *text++;
			continue;
		}
		count = strtoul(text + (path ? 2 : 1), &end, 10);
		text = end;
		if (path) {
			text++;
			count -= strlen(text);
		}
		for (size_t i = 0; i < count && used + 1 < room; i++)
			out[used++] = path ? ((count - i) % 2 ? '/' : '.') : 'n';
		if (path && count % 2) /* ".//" has an odd length */
			out[used - count] = '.', out[used - count + 1] = '/';
	}
	out[used] = '\0';
}

static int perform(const struct request *request, int slots[TREES][SCRIPT_SLOTS])
{
	static char texts[SCRIPT_WORDS][PATH_ROOM];
	char *rest = strdupa(request->step), *name = strsep(&rest, " "), *text;
	const struct call_kind *kind = call_find(name);
	struct call call = {.tree = request->tree, .slots = slots[request->tree]};

	while ((text = strsep(&rest, " ")) && call.count < SCRIPT_WORDS) {
		expand(text, texts[call.count], PATH_ROOM);
		if (!strcmp(text, "\"\""))
			*texts[call.count] = '\0';
		call.words[call.count] = texts[call.count];
		call.count++;
	}
	if (!kind || chdir(request->folder) < 0)
		return -ENOTRECOVERABLE;
	return kind->make(&call);
}

static _Noreturn void serve(int socket)
{
	static struct request request;
	int slots[TREES][SCRIPT_SLOTS], answer;

	memset(slots, -1, sizeof(slots));
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGXFSZ, SIG_IGN);
	umask(0);
	while (recv(socket, &request, sizeof(request), 0) > 0) {
		answer = perform(&request, slots);
		if (send(socket, &answer, sizeof(answer), 0) < 0)
			break;
	}
	_exit(0);
}

static void player_start(struct player *player, enum who who)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0 ||
	    (player->pid = fork()) < 0)
		ck_abort_msg("a caller: %s", strerror(errno));
	if (player->pid == 0) {
		if (setgroups(people[who].also ? 1 : 0, &people[who].also) < 0 ||
		    setresgid(people[who].gid, people[who].gid, people[who].gid) < 0 ||
		    setresuid(people[who].uid, people[who].uid, people[who].uid) < 0)
			_exit(1);
		serve(ends[1]);
	}
	close(ends[1]);
	player->socket = ends[0];
}

struct players *players_start(void)
{
	struct players *players = calloc(1, sizeof(*players));

	for (enum who who = 0; players && who < WHO_COUNT; who++)
		player_start(&players->one[who], who);
	return players;
}

void players_stop(struct players *players)
{
	for (enum who who = 0; who < WHO_COUNT; who++) {
		kill(players->one[who].pid, SIGKILL);
		close(players->one[who].socket);
		waitpid(players->one[who].pid, NULL, 0);
	}
	free(players);
}

static int player_ask(const struct player *player, const struct request *request)
{
	int answer;

	if (send(player->socket, request, sizeof(*request), 0) < 0 ||
	    recv(player->socket, &answer, sizeof(answer), 0) != (ssize_t)sizeof(answer))
		ck_abort_msg("a caller ended at: %s", request->step);
	return answer;
}

/* ---- what is compared ---- */

struct object {
	char path[PATH_ROOM];
	bool there[2]; /* before, after */
	struct stat st[2];
};

struct step {
	enum who who;
	const struct call_kind *kind;
	const char *text; /* from the call's name on */
	const char *difference;
	size_t objects;
	struct object object[TREES][OBJECTS];
	int answer[TREES];
};

static void object_look(struct object *object, const char *folder, int when)
{
	int at = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);

	object->there[when] =
		at >= 0 && fstatat(at, object->path, &object->st[when], AT_SYMLINK_NOFOLLOW) == 0;
	if (at >= 0)
		close(at);
}

static void add_object(struct step *step, const char *path)
{
	for (int tree = 0; tree < TREES; tree++)
		snprintf(step->object[tree][step->objects].path, PATH_ROOM, "%s", path);
	step->objects++;
}

/* The paths in @step and the folders that they are in. */
static void find_objects(struct step *step)
{
	char *rest = strdupa(step->text), path[PATH_ROOM], *slash, *text;
	const char *argument = step->kind->arguments;

	strsep(&rest, " ");
	for (; (text = strsep(&rest, " ")) && *argument; argument++) {
		if (*argument != 'p')
			continue;
		expand(text, path, sizeof(path));
		add_object(step, path);
		slash = strrchr(path, '/');
		snprintf(slash ? slash : path, slash ? 2 : sizeof(path), slash == path ? "/" : "%s",
			 slash ? "" : ".");
		add_object(step, path);
	}
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

/* Which of the three times of the same object changed, as letters. */
static const char *changed_times(const struct object *object, char text[4])
{
	const struct stat *before = &object->st[0], *after = &object->st[1];
	size_t used = 0;

	if (object->there[0] && before->st_ino == after->st_ino) {
		if (!same_time(&before->st_atim, &after->st_atim))
			text[used++] = 'a';
		if (!same_time(&before->st_mtim, &after->st_mtim))
			text[used++] = 'm';
		if (!same_time(&before->st_ctim, &after->st_ctim))
			text[used++] = 'c';
	}
	text[used] = '\0';
	return text;
}

static void describe(const struct object *object, bool exact, char *text, size_t size)
{
	const struct stat *st = &object->st[1];
	char times[4];
	int used;

	if (!object->there[1]) {
		snprintf(text, size, "not there");
		return;
	}
	used = snprintf(text, size, "mode %o owner %u:%u links %u size %lld changed %s",
			st->st_mode, st->st_uid, st->st_gid, (unsigned int)st->st_nlink,
			S_ISDIR(st->st_mode) ? 0LL : (long long)st->st_size,
			exact ? "-" : changed_times(object, times));
	if (exact)
		snprintf(text + used, size - (size_t)used, " changed %s a %lld.%09ld m %lld.%09ld",
			 same_time(&object->st[0].st_ctim, &st->st_ctim) ? "" : "c",
			 (long long)st->st_atim.tv_sec, st->st_atim.tv_nsec,
			 (long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec);
}

/* Prints what differs; how much that is. */
static unsigned int compare(const struct step *step, bool silent)
{
	/* times that are now are not the same on both */
	bool exact = step->kind->exact_times && !strstr(step->text, "now") && step->answer[0] == 0;
	unsigned int wrong = 0;

	if (step->answer[0] != step->answer[1]) {
		wrong++;
		if (!silent)
			fprintf(stderr, "    native %d (%s), mount %d (%s)\n", step->answer[0],
				step->answer[0] < 0 ? strerror(-step->answer[0]) : "-",
				step->answer[1],
				step->answer[1] < 0 ? strerror(-step->answer[1]) : "-");
	}
	for (size_t i = 0; i < step->objects; i++) {
		char native[256], mount[256];

		describe(&step->object[0][i], exact && i == 0, native, sizeof(native));
		describe(&step->object[1][i], exact && i == 0, mount, sizeof(mount));
		if (!strcmp(native, mount))
			continue;
		wrong++;
		if (!silent)
			fprintf(stderr, "    %.60s\n      native %s\n      mount  %s\n",
				step->object[0][i].path, native, mount);
	}
	return wrong;
}

/* ---- playing ---- */

/* Until the clock that stamps files has gone on. */
static void next_tick(void)
{
	struct timespec start, now;

	clock_gettime(CLOCK_REALTIME_COARSE, &start);
	do {
		nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
		clock_gettime(CLOCK_REALTIME_COARSE, &now);
	} while (same_time(&start, &now));
}

static void look(struct step *step, char folders[TREES][PATH_MAX], int when)
{
	for (int tree = 0; tree < TREES; tree++)
		for (size_t i = 0; i < step->objects; i++)
			object_look(&step->object[tree][i], folders[tree], when);
}

static bool known(const struct script_run *run, const char *word)
{
	for (size_t i = 0; i < run->difference_count; i++)
		if (!strcmp(run->differences[i].word, word))
			return true;
	return false;
}

static unsigned int play_step(struct players *players, const struct script_run *run,
			      const char *name, struct step *step)
{
	static struct request request;
	char folders[TREES][PATH_MAX];
	bool behind = step->who == WHO_BEHIND;
	unsigned int wrong;

	snprintf(folders[0], PATH_MAX, "%s/%s", run->native, name);
	snprintf(folders[1], PATH_MAX, "%s/%s", behind ? run->behind : run->mount, name);
	find_objects(step);
	look(step, folders, 0);
	next_tick();
	for (int tree = 0; tree < TREES; tree++) {
		request.tree = tree;
		snprintf(request.folder, sizeof(request.folder), "%s", folders[tree]);
		snprintf(request.step, sizeof(request.step), "%s", step->text);
		step->answer[tree] = player_ask(&players->one[step->who], &request);
	}
	look(step, folders, 1);
	ck_assert_msg(step->answer[0] != -ENOTRECOVERABLE, "%s: no such call: %s", name,
		      step->text);
	wrong = compare(step, step->difference != NULL);
	if (!step->difference) {
		if (wrong)
			fprintf(stderr, "  %s: %s %.200s\n", name, people[step->who].name,
				step->text);
		return wrong;
	}
	ck_assert_msg(known(run, step->difference), "%s: no such difference", step->difference);
	if (wrong)
		return 0;
	fprintf(stderr, "  %s: %s %.200s: no difference (%d)\n", name, people[step->who].name,
		step->text, step->answer[0]);
	return 1;
}

static void parse_step(char *text, struct step *step)
{
	char *mark = strstr(text, " !"), *name = strsep(&text, " ");
	char *call;

	*step = (struct step){.text = text, .who = WHO_COUNT};
	if (mark) {
		*mark = '\0';
		step->difference = mark + 2;
	}
	for (enum who who = 0; who < WHO_COUNT; who++)
		if (!strcmp(people[who].name, name))
			step->who = who;
	call = text ? strdupa(text) : NULL;
	step->kind = call ? call_find(strsep(&call, " ")) : NULL;
	ck_assert_msg(step->who != WHO_COUNT && step->kind, "no such step: %s %s", name,
		      text ? text : "");
}

static void make_tree(const char *parent, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", parent, name);
	ck_assert_msg(mkdir(path, 0777) == 0 && chmod(path, 0777) == 0, "%s: %s", path,
		      strerror(errno));
}

unsigned int script_play(struct players *players, const struct script_run *run, const char *name,
			 const char *script)
{
	static struct step step;
	char *copy = strdup(script), *rest = copy, *text;
	unsigned int wrong = 0;

	make_tree(run->native, name);
	make_tree(run->behind, name);
	while ((text = strsep(&rest, ";\n"))) {
		text += strspn(text, " \t");
		if (!*text)
			continue;
		parse_step(text, &step);
		wrong += play_step(players, run, name, &step);
	}
	free(copy);
	return wrong;
}
