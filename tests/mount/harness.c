/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Shares, their keepers, and processes of other users. */
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#define MOUNT_SECONDS 60 /* a daemon that has not mounted by then never will */
#define END_SECONDS 60   /* nor ended */

/* What the keeper tells the test. */
struct shared {
	pid_t daemon;
	bool ended;
};

struct share {
	char folder[PATH_MAX / 4];
	char backing[PATH_MAX / 3];
	char mount[PATH_MAX / 3];
	char log[PATH_MAX / 3];
	struct share_config config;
	pid_t keeper;
	int command; /* to the keeper: one byte, whether to remove the folders */
	volatile struct shared *shared;
};

static void pause_ms(unsigned int ms)
{
	const struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};

	nanosleep(&time, NULL);
}

static const char *environment(const char *name)
{
	const char *value = getenv(name);

	if (!value || !*value)
		ck_abort_msg("the environment variable %s is not set", name);
	return value;
}

/* ---- the keeper ---- */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	(void)!remove(path);
	return 0;
}

static void remove_tree(const char *path)
{
	nftw(path, remove_one, 32, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

static bool is_mounted(const char *path)
{
	struct statx stx;

	/* a mount whose daemon has gone is one, too */
	if (statx(AT_FDCWD, path, AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC, STATX_TYPE, &stx) < 0)
		return errno == ENOTCONN;
	return stx.stx_attributes & STATX_ATTR_MOUNT_ROOT;
}

static void daemon_exec(const struct share *share)
{
	const struct rlimit limit = {share->config.descriptors, share->config.descriptors};
	const char *options = share->config.options;
	int log = open(share->log, O_WRONLY | O_CREAT | O_APPEND, 0600);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	if (log < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0)
		_exit(126);
	if (limit.rlim_cur && setrlimit(RLIMIT_NOFILE, &limit) < 0)
		_exit(126);
	syscall(SYS_close_range, 3, ~0U, 0);
	execl(getenv("GUISEFS"), "guisefs", share->backing, share->mount,
	      share->config.debug ? "-d" : "-f", "-o", options ? options : "rw", NULL);
	_exit(127);
}

/* Waits for @pid for @seconds at most, then kills it; its wait status. */
static int end_of(pid_t pid, unsigned int seconds)
{
	int status = 0;

	for (unsigned int i = 0; i < seconds * 200; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return status;
		pause_ms(5);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return status;
}

static int unmount_and_end(const struct share *share, pid_t daemon)
{
	for (int i = 0; i < 100 && is_mounted(share->mount); i++) {
		if (umount2(share->mount, 0) == 0 || errno != EBUSY)
			break;
		pause_ms(10);
	}
	if (is_mounted(share->mount)) {
		umount2(share->mount, MNT_DETACH);
		kill(daemon, SIGTERM);
	}
	return end_of(daemon, END_SECONDS);
}

/* Returns 'k' or 'r' (keep or remove the folders) when the test says so, 'r' when it is gone. */
static char keeper_wait(int command, int tester, pid_t daemon, volatile bool *ended)
{
	int running = (int)syscall(SYS_pidfd_open, daemon, 0);
	struct pollfd fds[] = {{command, POLLIN, 0}, {tester, POLLIN, 0}, {running, POLLIN, 0}};
	char byte;

	for (;;) {
		if (poll(fds, 3, -1) < 0)
			continue;
		if (fds[0].revents || fds[1].revents)
			return read(command, &byte, 1) == 1 ? byte : 'r';
		/* the daemon ended by itself: whoever waits for the mount need not wait longer */
		*ended = true;
		fds[2].fd = -1;
	}
}

static void keeper_run(struct share *share, int command, int tester)
{
	pid_t daemon;
	int status;
	char what;

	setsid();
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	daemon = fork();
	if (daemon == 0)
		daemon_exec(share);
	if (daemon < 0)
		_exit(125);
	share->shared->daemon = daemon;
	what = keeper_wait(command, tester, daemon, &share->shared->ended);
	status = unmount_and_end(share, daemon);
	if (what == 'r') {
		/* what config.prepare may have mounted there */
		umount2(share->backing, MNT_DETACH);
		remove_tree(share->folder);
	}
	if (WIFSIGNALED(status))
		_exit(128 + WTERMSIG(status));
	_exit(WEXITSTATUS(status));
}

static void share_start(struct share *share)
{
	int tester = (int)syscall(SYS_pidfd_open, getpid(), 0);
	int pipes[2];

	if (tester < 0 || pipe2(pipes, O_CLOEXEC | O_NONBLOCK) < 0)
		ck_abort_msg("pipe: %s", strerror(errno));
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	share->shared->ended = false;
	share->keeper = fork();
	if (share->keeper == 0) {
		close(pipes[1]);
		keeper_run(share, pipes[0], tester);
	}
	close(pipes[0]);
	close(tester);
	share->command = pipes[1];
	for (unsigned int i = 0; i < MOUNT_SECONDS * 500 && !share->shared->ended; i++) {
		if (is_mounted(share->mount))
			return;
		pause_ms(2);
	}
	share_log_show(share);
	ck_abort_msg("guisefs did not mount");
}

/* Tells the keeper to end; its exit status, which is the daemon's. */
static int share_end(struct share *share, char what)
{
	int status = 0;

	(void)!write(share->command, &what, 1);
	waitpid(share->keeper, &status, 0);
	close(share->command);
	return status;
}

static void share_end_well(struct share *share, char what)
{
	char log[4096] = "";
	int status, fd = open(share->log, O_RDONLY | O_CLOEXEC);

	status = share_end(share, what);
	if (status && fd >= 0) {
		off_t size = lseek(fd, 0, SEEK_END);
		off_t from = size > (off_t)sizeof(log) - 1 ? size - (off_t)sizeof(log) + 1 : 0;

		(void)!pread(fd, log, sizeof(log) - 1, from);
	}
	if (fd >= 0)
		close(fd);
	if (status)
		remove_tree(share->folder);
	ck_assert_msg(status == 0, "guisefs ended with wait status 0x%x; log: %s", status, log);
}

/* ---- shares ---- */

struct share *share_open_config(const struct share_config *config)
{
	const char *tmp = getenv("TMPDIR");
	struct share *share = calloc(1, sizeof(*share));

	environment("GUISEFS");
	if (!share)
		ck_abort_msg("out of memory");
	share->config = *config;
	share->shared = mmap(NULL, sizeof(*share->shared), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	snprintf(share->folder, sizeof(share->folder), "%s/guisefs-test.XXXXXX",
		 tmp && *tmp ? tmp : "/tmp");
	if (share->shared == MAP_FAILED || !mkdtemp(share->folder))
		ck_abort_msg("%s: %s", share->folder, strerror(errno));
	snprintf(share->backing, sizeof(share->backing), "%s/backing", share->folder);
	snprintf(share->mount, sizeof(share->mount), "%s/mnt", share->folder);
	snprintf(share->log, sizeof(share->log), "%s/log", share->folder);
	/* modes must be as said, whatever umask the test was started with */
	umask(0);
	if (chmod(share->folder, 0755) < 0 || mkdir(share->backing, 0755) < 0 ||
	    mkdir(share->mount, 0755) < 0 ||
	    (config->prepare && !config->prepare(share->backing))) {
		remove_tree(share->folder);
		ck_abort_msg("cannot prepare %s", share->folder);
	}
	share_start(share);
	return share;
}

struct share *share_open(const char *options)
{
	return share_open_config(&(struct share_config){.options = options});
}

void share_close(struct share *share)
{
	share_end_well(share, 'r');
	munmap((void *)(uintptr_t)share->shared, sizeof(*share->shared));
	free(share);
}

void share_remount(struct share *share, const char *options)
{
	share_end_well(share, 'k');
	share->config.options = options;
	share_start(share);
}

void share_recover(struct share *share)
{
	int status;

	kill(share->shared->daemon, SIGKILL);
	status = share_end(share, 'k');
	if (status != W_EXITCODE(128 + SIGKILL, 0)) {
		share_log_show(share);
		remove_tree(share->folder);
		ck_abort_msg("guisefs was to be killed, and ended with wait status 0x%x", status);
	}
	share_start(share);
}

pid_t share_daemon(const struct share *share)
{
	return share->shared->daemon;
}

static char *join(const char *folder, const char *name)
{
	static char paths[64][PATH_MAX];
	static unsigned int next;
	char *path = paths[next++ % 64];

	snprintf(path, PATH_MAX, "%s%s%s", folder, *name ? "/" : "", name);
	return path;
}

char *share_path(const struct share *share, const char *name)
{
	return join(share->mount, name);
}

char *share_behind(const struct share *share, const char *name)
{
	return join(share->backing, name);
}

unsigned int share_log_count(const struct share *share, const char *text)
{
	FILE *log = fopen(share->log, "re");
	unsigned int count = 0;
	size_t room = 0;
	char *line = NULL;

	while (log && getline(&line, &room, log) >= 0)
		if (strstr(line, text))
			count++;
	free(line);
	if (log)
		fclose(log);
	return count;
}

bool share_log_contains(const struct share *share, const char *text)
{
	return share_log_count(share, text) > 0;
}

void share_log_show(const struct share *share)
{
	FILE *log = fopen(share->log, "re");
	int c;

	while (log && (c = getc(log)) != EOF)
		putc(c, stderr);
	if (log)
		fclose(log);
}

/* ---- others ---- */

int as_user(uid_t uid, gid_t gid, size_t ngroups, const gid_t *groups, int (*fn)(void *arg),
	    void *arg)
{
	int pipes[2], result = 0, status = 0;
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC) < 0 || (pid = fork()) < 0)
		ck_abort_msg("fork: %s", strerror(errno));
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (setgroups(ngroups, groups) < 0 || setresgid(gid, gid, gid) < 0 ||
		    setresuid(uid, uid, uid) < 0)
			_exit(1);
		result = fn(arg);
		_exit(write(pipes[1], &result, sizeof(result)) == (ssize_t)sizeof(result) ? 0 : 1);
	}
	close(pipes[1]);
	if (read(pipes[0], &result, sizeof(result)) != (ssize_t)sizeof(result))
		result = INT_MIN;
	close(pipes[0]);
	waitpid(pid, &status, 0);
	ck_assert_msg(status == 0 && result != INT_MIN,
		      "the process of user %u ended with wait status 0x%x", uid, status);
	return result;
}

int as_alice(int (*fn)(void *arg), void *arg)
{
	return as_user(ALICE, ALICE_GROUP, 0, NULL, fn, arg);
}

int as_bob(int (*fn)(void *arg), void *arg)
{
	return as_user(BOB, BOB_GROUP, 0, NULL, fn, arg);
}

int sddl_try(const char *path, const char *sddl)
{
	return lsetxattr(path, "system.guise.sddl", sddl, strlen(sddl), 0) < 0 ? -errno : 0;
}

void sddl_set(const char *path, const char *format, ...)
{
	char text[8192];
	va_list args;
	int err;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	err = sddl_try(path, text);
	ck_assert_msg(err == 0, "setting %s on %s: %s", text, path, strerror(-err));
}

int sddl_read_path(const char *path, char *text, size_t size)
{
	ssize_t length = lgetxattr(path, "system.guise.sddl", text, size - 1);

	if (length < 0)
		return -errno;
	text[length] = '\0';
	return 0;
}

const char *sddl_get(const char *path)
{
	static char texts[16][8192];
	static unsigned int next;
	char *text = texts[next++ % 16];
	int err = sddl_read_path(path, text, sizeof(texts[0]));

	ck_assert_msg(err == 0, "descriptor of %s: %s", path, strerror(-err));
	return text;
}

void put_file(const char *path, const char *contents)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	size_t size = strlen(contents);

	ck_assert_msg(fd >= 0 && write(fd, contents, size) == (ssize_t)size, "%s: %s", path,
		      strerror(errno));
	ck_assert_msg(close(fd) == 0, "%s: %s", path, strerror(errno));
}

void put_folder(const char *path)
{
	ck_assert_msg(mkdir(path, 0755) == 0, "%s: %s", path, strerror(errno));
}

const char *get_file(const char *path)
{
	static char contents[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? -1 : read(fd, contents, sizeof(contents) - 1);

	if (fd >= 0)
		close(fd);
	if (size < 0)
		return NULL;
	contents[size] = '\0';
	return contents;
}

const char *guise_program(void)
{
	return environment("GUISE");
}

int run_program(const char *const *words)
{
	union {
		const char *const *in;
		char **out;
	} arguments = {words};
	int status = 0, err = 0, pipes[2];
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC) < 0 || (pid = fork()) < 0)
		return -errno;
	if (pid == 0) {
		execvp(words[0], arguments.out);
		err = -errno;
		(void)!write(pipes[1], &err, sizeof(err));
		_exit(127);
	}
	close(pipes[1]);
	if (read(pipes[0], &err, sizeof(err)) != (ssize_t)sizeof(err))
		err = 0;
	close(pipes[0]);
	waitpid(pid, &status, 0);
	if (err)
		return err;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int harness_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	const char *missing = NULL;
	int failed;

	if (geteuid() != 0)
		missing = "needs root";
	else if (access("/dev/fuse", R_OK | W_OK) < 0)
		missing = "needs /dev/fuse";
	if (missing) {
		srunner_free(runner);
		puts(missing);
		return 77;
	}
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
