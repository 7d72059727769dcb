/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What an operation costs, and how much memory the daemon needs, as there are ever more nodes,
 * distinct descriptors, identities and open files: each grows tenfold twice, on a mount of its own.
 *
 *   bench-scale [nodes | descriptors | identities | files]...
 *
 * For each size and operation: the time, how many times that of the smallest size this is, what
 * became of the same operation on the bare folder meanwhile (what a larger tree costs the
 * processor's and the kernel's caches, guisefs cannot give back), the daemon's processor time and
 * its system calls; the last are a number without noise, where tracefs is mounted.
 *
 * The environment variables are those of the mounted tests.  Needs root and /dev/fuse; says so and
 * ends with 77 without.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "keyring/guise.h"
#include "tests/mount/harness.h"

#define SIZES 3
#define OPERATIONS 5
#define BATCHES 81
#define BATCH 50
#define IN_FOLDER 1000 /* files in each folder */
#define FIRST_ID 200000u
#define TTL 3600
#define NTACL "security.NTACL"

static struct share *share;
static int mounted = -1, behind = -1; /* roots */
static int folder = -1;               /* the one of both that is worked in just now */
static unsigned int items;            /* how many there are of what grows */
static unsigned int identities;       /* that take turns; 0: none but root */
static int32_t *tokens;               /* or NULL: the identities are real ones */

static void die(const char *what)
{
	fprintf(stderr, "bench-scale: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

/* The same numbers each time. */
static unsigned int any(unsigned int below)
{
	static uint64_t state = 88172645463325252u;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned int)(state >> 20) % below;
}

static const char *name_of(unsigned int item)
{
	static char name[64];

	snprintf(name, sizeof(name), "d%u/f%u", item / IN_FOLDER, item);
	return name;
}

/* --- the daemon --- */

/* Its memory of its own, in KiB. */
static long daemon_memory(void)
{
	char path[64], line[256];
	long kib = 0, sum = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)share_daemon(share));
	file = fopen(path, "re");
	if (!file)
		die(path);
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "Private_Dirty: %ld", &kib) == 1 ||
		    sscanf(line, "Private_Clean: %ld", &kib) == 1)
			sum += kib;
	fclose(file);
	return sum;
}

/* Calls @each with each of its threads; the sum of what it returns. */
static uint64_t daemon_threads(uint64_t (*each)(pid_t tid))
{
	char path[64];
	struct dirent *entry;
	uint64_t sum = 0;
	DIR *tasks;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)share_daemon(share));
	tasks = opendir(path);
	if (!tasks)
		die(path);
	while ((entry = readdir(tasks)))
		if (entry->d_name[0] != '.')
			sum += each(atoi(entry->d_name));
	closedir(tasks);
	return sum;
}

/* ns on a processor */
static uint64_t thread_time(pid_t tid)
{
	unsigned long long ns = 0;
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", (int)tid);
	file = fopen(path, "re");
	if (file && fscanf(file, "%llu", &ns) != 1)
		ns = 0;
	if (file)
		fclose(file);
	return ns;
}

/* Counters of system calls, one a thread. */
static int counters[64];
static unsigned int counter_count;

static uint64_t thread_count_calls(pid_t tid)
{
	/* with the threads that it starts when there is more to do */
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr), .inherit = 1};
	FILE *file = fopen("/sys/kernel/tracing/events/raw_syscalls/sys_enter/id", "re");
	unsigned long long id;
	int fd = -1;

	if (file && fscanf(file, "%llu", &id) == 1) {
		attr.config = id;
		fd = (int)syscall(SYS_perf_event_open, &attr, tid, -1, -1, PERF_FLAG_FD_CLOEXEC);
	}
	if (file)
		fclose(file);
	if (fd >= 0 && counter_count < sizeof(counters) / sizeof(*counters))
		counters[counter_count++] = fd;
	return 0;
}

static uint64_t calls_counted(void)
{
	uint64_t sum = 0, calls;

	for (unsigned int i = 0; i < counter_count; i++)
		if (read(counters[i], &calls, sizeof(calls)) == (ssize_t)sizeof(calls))
			sum += calls;
	return sum;
}

/* --- who --- */

static void fs_ids(uid_t uid, gid_t gid)
{
	syscall(SYS_setfsgid, gid);
	syscall(SYS_setfsuid, uid);
}

static void become_any(void)
{
	unsigned int who;

	if (!identities || folder == behind)
		return;
	who = any(identities);
	if (!tokens)
		fs_ids(FIRST_ID + who, FIRST_ID + who);
	else if ((errno = -guise_impersonate(tokens[who])))
		die("impersonate");
}

static void become_oneself(void)
{
	if (!identities || folder == behind)
		return;
	if (!tokens)
		fs_ids(0, 0);
	else if ((errno = -guise_revert()))
		die("revert");
}

/* --- what is measured --- */

static void act_stat(void)
{
	const char *name = name_of(any(items));
	struct stat st;

	if (fstatat(folder, name, &st, 0) < 0)
		die(name);
}

static void act_open(void)
{
	const char *name = name_of(any(items));
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die(name);
	close(fd);
}

static void act_create(void)
{
	char name[64];
	int fd;

	snprintf(name, sizeof(name), "d%u/new", any(items) / IN_FOLDER);
	fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		die(name);
	close(fd);
	if (unlinkat(folder, name, 0) < 0)
		die(name);
}

static void act_miss(void)
{
	unsigned int item = any(items);
	struct stat st;
	char name[64];

	/* another one each time: that a name does not exist is remembered, too */
	snprintf(name, sizeof(name), "d%u/no%u", item / IN_FOLDER, any(1u << 30));
	if (fstatat(folder, name, &st, 0) == 0 || errno != ENOENT)
		die(name);
}

static void act_getxattr(void)
{
	const char *name = name_of(any(items));

	/* what the bare folder does not have either */
	if (getxattr(name, "user.none", NULL, 0) >= 0 || errno != ENODATA)
		die(name);
}

static const struct operation {
	const char *what;
	void (*act)(void);
} operations[OPERATIONS] = {
	{"stat of a private file", act_stat}, {"open and close", act_open},
	{"create and unlink", act_create},    {"name that does not exist", act_miss},
	{"getxattr", act_getxattr},
};

/* Of one operation at one size: of each, us and calls. */
struct cost {
	double time, native, processor, calls;
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void go_to(int where)
{
	folder = where;
	if (fchdir(where) < 0)
		die("fchdir");
}

/* One of the fastest of many short runs: another load on the machine disturbs most. */
static double time_of(void (*act)(void), int where)
{
	double times[BATCHES];

	go_to(where);
	for (int i = 0; i < BATCHES; i++) {
		double start = now();

		for (int j = 0; j < BATCH; j++) {
			become_any();
			act();
		}
		times[i] = (now() - start) / BATCH;
		become_oneself();
	}
	qsort(times, BATCHES, sizeof(*times), compare);
	return times[BATCHES / 8];
}

static struct cost measure(const struct operation *operation)
{
	uint64_t before = daemon_threads(thread_time), calls;
	struct cost cost;

	calls = calls_counted();
	cost.time = time_of(operation->act, mounted);
	cost.calls = (double)(calls_counted() - calls) / (BATCHES * BATCH);
	cost.processor = (double)(daemon_threads(thread_time) - before) / (BATCHES * BATCH) / 1e3;
	cost.native = time_of(operation->act, behind);
	return cost;
}

static void measure_all(struct cost costs[OPERATIONS])
{
	go_to(mounted);
	for (int i = 0; i < OPERATIONS; i++) /* what is asked once, of each item */
		for (unsigned int j = 0; j < 200 || j < identities; j++) {
			become_any();
			operations[i].act();
			become_oneself();
		}
	for (int i = 0; i < OPERATIONS; i++)
		costs[i] = measure(&operations[i]);
}

static void print_costs(const struct cost costs[OPERATIONS], const struct cost first[OPERATIONS])
{
	for (int i = 0; i < OPERATIONS; i++) {
		printf("  %-26s %8.1f us %6.2f times (bare %5.2f) %8.1f us processor",
		       operations[i].what, costs[i].time, costs[i].time / first[i].time,
		       costs[i].native / first[i].native, costs[i].processor);
		if (counter_count)
			printf(" %6.2f calls", costs[i].calls);
		printf("\n");
	}
	fflush(stdout);
}

/* --- what grows --- */

static const char *mount_path(const char *name)
{
	return share_path(share, name);
}

/* The descriptor of item 0, or of its folder, as it lies behind: for all others. */
struct blob {
	char bytes[4096];
	size_t size;
};

static void blob_take(const char *name, struct blob *blob)
{
	ssize_t size = getxattr(share_behind(share, name), NTACL, blob->bytes, sizeof(blob->bytes));

	if (size < 0)
		die(NTACL);
	blob->size = (size_t)size;
}

static void blob_put(const char *name, const struct blob *blob)
{
	if (setxattr(share_behind(share, name), NTACL, blob->bytes, blob->size, 0) < 0)
		die(NTACL);
}

/*
 * Behind the mount.  All may do everything with them, but not whoever is nobody: nothing is for the
 * kernel to answer alone.
 */
static void make_files(unsigned int from, unsigned int to)
{
	static struct blob of_file, of_folder;

	for (unsigned int i = from; i < to; i++) {
		char name[32];

		snprintf(name, sizeof(name), "d%u", i / IN_FOLDER);
		if (i % IN_FOLDER == 0 && mkdirat(behind, name, 0755) < 0)
			die(name);
		if (mknodat(behind, name_of(i), S_IFREG | 0600, 0) < 0)
			die(name_of(i));
		if (i == 0) {
			sddl_set(mount_path(name), "D:P(A;OICI;FA;;;AU)");
			blob_take(name, &of_folder);
			sddl_set(mount_path(name_of(i)), "D:P(A;;FA;;;AU)");
			blob_take(name_of(i), &of_file);
		}
		if (i % IN_FOLDER == 0)
			blob_put(name, &of_folder);
		blob_put(name_of(i), &of_file);
	}
}

/* Looks all up. */
static void find_files(unsigned int from, unsigned int to)
{
	for (unsigned int i = from; i < to; i++) {
		struct stat st;

		if (fstatat(mounted, name_of(i), &st, 0) < 0)
			die(name_of(i));
	}
}

static void grow_nodes(unsigned int from, unsigned int to)
{
	make_files(from, to);
	find_files(from, to);
}

/* Each has one as nobody else has. */
static void grow_descriptors(unsigned int from, unsigned int to)
{
	make_files(from, to);
	for (unsigned int i = from; i < to; i++) {
		const char *path = mount_path(name_of(i));

		sddl_set(path, "D:P(A;;FA;;;SY)(A;;FA;;;AU)(A;;FR;;;S-1-22-1-%u)(A;;FRFX;;;%s)",
			 FIRST_ID + i, SID_TEAM);
		/* and looked at: it is there as long as the node is */
		if (getxattr(path, "user.none", NULL, 0) >= 0)
			die("getxattr");
	}
}

static void grow_identities(unsigned int from, unsigned int to)
{
	if (from == 0)
		make_files(0, items);
	identities = to;
}

static void grow_tokens(unsigned int from, unsigned int to)
{
	const uid_t server = 0;

	if (from == 0)
		make_files(0, items);
	tokens = realloc(tokens, to * sizeof(*tokens));
	for (unsigned int i = from; i < to; i++) {
		char user[64], group[64];
		const char *groups[] = {group};

		snprintf(user, sizeof(user), "S-1-22-1-%u", FIRST_ID + i);
		snprintf(group, sizeof(group), "S-1-22-2-%u", FIRST_ID + i);
		errno = -guise_issue(user, groups, 1, NULL, 0, &server, 1, GUISE_IMPERSONATE, TTL,
				     &tokens[i]);
		if (errno)
			die("issue");
	}
	identities = to;
}

static int *held;
static unsigned int held_count;

/* Files that stay open: as many as RLIMIT_NOFILE mostly lets the daemon have. */
static void grow_open(unsigned int from, unsigned int to)
{
	if (from == 0) {
		make_files(0, items);
		find_files(0, items);
	}
	held = realloc(held, to * sizeof(*held));
	for (; held_count < to; held_count++) {
		held[held_count] = openat(mounted, name_of(held_count), O_RDONLY | O_CLOEXEC);
		if (held[held_count] < 0)
			die(name_of(held_count));
	}
}

struct growth {
	const char *word, *what;
	unsigned int sizes[SIZES];
	unsigned int items; /* files there are from the beginning; 0: they are what grows */
	void (*grow)(unsigned int from, unsigned int to);
};

static const struct growth growths[] = {
	{"nodes", "nodes", {10000, 100000, 1000000}, 0, grow_nodes},
	{"descriptors", "distinct descriptors", {1000, 10000, 100000}, 0, grow_descriptors},
	{"identities", "callers of distinct accounts", {100, 1000, 10000}, 1000, grow_identities},
	{"identities", "clients impersonated", {100, 1000, 10000}, 1000, grow_tokens},
	{"files", "files held open", {100, 1000, 10000}, 10000, grow_open},
};

/* --- running --- */

static bool own_tmpfs(const char *backing)
{
	return mount("bench", backing, "tmpfs", MS_NOSUID | MS_NODEV, "size=12g,nr_inodes=0") == 0;
}

static void begin(void)
{
	share = share_open_config(&(struct share_config){.prepare = own_tmpfs});
	mounted = open(share_path(share, ""), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	behind = open(share_behind(share, ""), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (mounted < 0 || behind < 0)
		die("mount");
	/* whoever works there may do everything, and what is made is private */
	sddl_set(share_path(share, ""), "D:P(A;OICI;FA;;;WD)");
	daemon_threads(thread_count_calls);
}

static void end(void)
{
	while (held_count)
		close(held[--held_count]);
	free(held);
	held = NULL;
	while (counter_count)
		close(counters[--counter_count]);
	if (chdir("/") < 0)
		die("/");
	close(mounted);
	close(behind);
	for (unsigned int i = 0; tokens && i < identities; i++)
		(void)guise_revoke(tokens[i]);
	free(tokens);
	tokens = NULL;
	identities = 0;
	share_close(share);
}

static void grow_and_measure(const struct growth *growth)
{
	struct cost costs[OPERATIONS], first[OPERATIONS];
	unsigned int from = 0;
	long before;

	begin();
	items = growth->items;
	before = daemon_memory();
	for (int i = 0; i < SIZES; i++) {
		unsigned int to = growth->sizes[i];
		double start = now();
		long kib;

		growth->grow(from, to);
		if (!growth->items)
			items = to;
		start = (now() - start) / (to - from);
		measure_all(costs);
		kib = daemon_memory();
		if (i == 0)
			memcpy(first, costs, sizeof(first));
		printf("%u %s: %ld KiB in the daemon, %.0f bytes each; %.1f us to make each\n", to,
		       growth->what, kib, (double)(kib - before) * 1024 / to, start);
		print_costs(costs, first);
		from = to;
	}
	end();
}

static const char *const *wanted;

static bool is_wanted(const char *word)
{
	for (int i = 0; wanted[i]; i++)
		if (!strcmp(wanted[i], word))
			return true;
	return !wanted[0];
}

/* A test only because what makes the mount is for tests. */
START_TEST(bench_all)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
	for (size_t i = 0; i < sizeof(growths) / sizeof(*growths); i++)
		if (is_wanted(growths[i].word))
			grow_and_measure(&growths[i]);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite = suite_create("scale");
	TCase *tcase = tcase_create("bench");

	(void)argc;
	wanted = (const char *const *)argv + 1;
	tcase_set_timeout(tcase, 3600);
	tcase_add_test(tcase, bench_all);
	suite_add_tcase(suite, tcase);
	return harness_run(suite);
}
