/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tracer is a process of its own with two kinds of children: the caller, and by
 * ptrace(2) the daemon's threads.  When it ends, what is left of them goes on untraced.
 */
#include "tests/mount/killer.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/ptrace.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* sys/ptrace.h and linux/ptrace.h do not go together */
extern long ptrace(int request, ...);

#define OPTIONS ((void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE))
#define THREADS_MAX 256

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

/* Calls that change something whatever their arguments. */
static const long changing[] = {
	SYS_setxattr,     SYS_lsetxattr, SYS_fsetxattr, SYS_removexattr, SYS_lremovexattr,
	SYS_fremovexattr, SYS_fchown,    SYS_fchownat,  SYS_fchmod,      SYS_fchmodat,
	SYS_fchmodat2,    SYS_mkdirat,   SYS_mknodat,   SYS_symlinkat,   SYS_linkat,
	SYS_renameat2,    SYS_unlinkat,  SYS_utimensat, SYS_truncate,    SYS_ftruncate,
	SYS_fallocate,    SYS_pwrite64,  SYS_pwritev,   SYS_pwritev2,    SYS_copy_file_range,
#ifdef SYS_renameat
	SYS_renameat,
#endif
#ifdef SYS_chmod /* the calls of before *at() */
	SYS_chown,        SYS_lchown,    SYS_chmod,     SYS_mkdir,       SYS_mknod,
	SYS_symlink,      SYS_link,      SYS_rename,    SYS_unlink,      SYS_rmdir,
	SYS_creat,
#endif
};

struct tracer {
	const struct killing *killing;
	volatile struct killed *out;
	pid_t threads[THREADS_MAX];
	size_t count;
	pid_t caller;
	bool caller_gone, daemon_gone;
};

void become(const struct who *who)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (setgroups(who->ngroups, who->groups) < 0 ||
	    setresgid(who->gid, who->gid, who->gid) < 0 ||
	    setresuid(who->uid, who->uid, who->uid) < 0)
		_exit(73);
}

static bool changes(const struct ptrace_syscall_info *info)
{
	long nr = (long)info->entry.nr;

	for (size_t i = 0; i < sizeof(changing) / sizeof(*changing); i++)
		if (changing[i] == nr)
			return true;
	if (nr == SYS_openat)
		return info->entry.args[2] & (O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY));
#ifdef SYS_open
	if (nr == SYS_open)
		return info->entry.args[1] & (O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY));
#endif
	return false;
}

static bool knows(const struct tracer *tracer, pid_t tid)
{
	for (size_t i = 0; i < tracer->count; i++)
		if (tracer->threads[i] == tid)
			return true;
	return false;
}

/* Takes the threads that are not traced yet; how many, or -1. */
static int seize_new(struct tracer *tracer)
{
	char path[64];
	DIR *dir;
	struct dirent *entry;
	int taken = 0;

	snprintf(path, sizeof(path), "/proc/%d/task", tracer->killing->daemon);
	dir = opendir(path);
	if (!dir)
		return -1;
	while ((entry = readdir(dir))) {
		pid_t tid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (tid <= 0 || knows(tracer, tid) || tracer->count == THREADS_MAX)
			continue;
		if (ptrace(PTRACE_SEIZE, tid, NULL, OPTIONS) < 0 ||
		    ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) < 0) {
			/* it has just ended, or a traced thread has just made it */
			if (errno == ESRCH || (errno == EPERM && tracer->count))
				continue;
			taken = -1;
			break;
		}
		tracer->threads[tracer->count++] = tid;
		taken++;
	}
	closedir(dir);
	return taken;
}

static void act_and_end(struct tracer *tracer)
{
	become(tracer->killing->who);
	tracer->out->result = tracer->killing->act(tracer->killing->arg);
	_exit(0);
}

static void strike(struct tracer *tracer)
{
	bool daemon = tracer->killing->victim == VICTIM_DAEMON;

	tracer->out->done = true;
	kill(daemon ? tracer->killing->daemon : tracer->caller, SIGKILL);
}

/* A thread of the daemon's is about to make a call, or has made it. */
static void see_call(struct tracer *tracer, pid_t tid)
{
	struct ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, (void *)sizeof(info), &info) <= 0 ||
	    info.op != PTRACE_SYSCALL_INFO_ENTRY || !changes(&info))
		return;
	if (++tracer->out->calls == tracer->killing->at)
		strike(tracer);
}

static void see(struct tracer *tracer, pid_t pid, int status)
{
	int sig = 0;

	if (WIFEXITED(status) || WIFSIGNALED(status)) {
		tracer->caller_gone |= pid == tracer->caller;
		tracer->daemon_gone |= pid == tracer->killing->daemon;
		return;
	}
	if (WSTOPSIG(status) == (SIGTRAP | 0x80))
		see_call(tracer, pid);
	else if (status >> 16 == 0)
		sig = WSTOPSIG(status);
	ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(intptr_t)sig);
}

/* From here on in the tracer's process. */
static _Noreturn void trace(struct tracer *tracer)
{
	const struct killing *killing = tracer->killing;
	int status, taken;
	pid_t pid;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while ((taken = seize_new(tracer)) > 0)
		;
	if (taken < 0)
		_exit(1);
	/* each stops once, and is watched from then on */
	for (size_t i = 0; i < tracer->count; i++)
		if ((pid = waitpid(tracer->threads[i], &status, __WALL)) > 0)
			see(tracer, pid, status);
	tracer->caller = fork();
	if (tracer->caller == 0)
		act_and_end(tracer);
	while (!tracer->caller_gone ||
	       (tracer->out->done && killing->victim == VICTIM_DAEMON && !tracer->daemon_gone)) {
		pid = waitpid(-1, &status, __WALL);
		if (pid < 0 && errno != EINTR)
			_exit(2);
		if (pid > 0)
			see(tracer, pid, status);
	}
	_exit(0);
}

struct killed kill_at(const struct killing *killing)
{
	static struct tracer tracer;
	struct killed killed;
	int status = -1;
	pid_t pid;

	memset(&tracer, 0, sizeof(tracer));
	tracer.killing = killing;
	tracer.out = mmap(NULL, sizeof(killed), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			  -1, 0);
	ck_assert(tracer.out != MAP_FAILED);
	pid = fork();
	if (pid == 0)
		trace(&tracer);
	ck_assert(pid > 0 && waitpid(pid, &status, 0) == pid);
	killed = *tracer.out;
	munmap((void *)(uintptr_t)tracer.out, sizeof(killed));
	ck_assert_msg(status == 0, "the daemon cannot be traced: wait status 0x%x", status);
	return killed;
}
