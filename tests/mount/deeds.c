/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The deeds, in the player's process. */
#include "tests/mount/deeds.h"

#include <errno.h>
#include <fcntl.h>
#include <keyutils.h>
#include <linux/io_uring.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "keyring/announce.h"
#include "keyring/guise.h"
#include "keyring/key.h"

static long result_of(long result)
{
	return result < 0 ? -errno : result;
}

static long do_pid(const char *text, long number, char *said)
{
	return getpid();
}

static long do_read(const char *text, long number, char *said)
{
	char byte;
	int fd = open(text, O_RDONLY | O_CLOEXEC);
	long result;

	if (fd < 0)
		return -errno;
	result = result_of(read(fd, &byte, 1));
	close(fd);
	return result < 0 ? result : 0;
}

static long do_write(const char *text, long number, char *said)
{
	int fd = open(text, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -errno : result_of(close(fd));
}

static long do_remove(const char *text, long number, char *said)
{
	return result_of(unlink(text));
}

static long do_touch(const char *text, long number, char *said)
{
	return result_of(utimensat(AT_FDCWD, text, NULL, 0));
}

static long do_create(const char *text, long number, char *said)
{
	int fd = open(text, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

	return fd < 0 ? -errno : result_of(close(fd));
}

static long do_open(const char *text, long number, char *said)
{
	return result_of(open(text, (int)number | O_CLOEXEC, 0666));
}

static long do_read_fd(const char *text, long number, char *said)
{
	char byte;

	return result_of(pread((int)number, &byte, 1, 0));
}

static long do_write_fd(const char *text, long number, char *said)
{
	return result_of(pwrite((int)number, "w", 1, 0));
}

static long do_whoami(const char *text, long number, char *said)
{
	return result_of(getxattr(text, "system.guise.whoami", said, DEED_TEXT - 1));
}

static long do_grant(const char *text, long number, char *said)
{
	unsigned int account, ttl;
	int32_t serial;
	int level, error;

	if (sscanf(text, "%u %d %u", &account, &level, &ttl) != 3)
		return -EINVAL;
	error = guise_grant(account, level, ttl, &serial);
	return error ? error : serial;
}

static long do_revoke(const char *text, long number, char *said)
{
	return guise_revoke((int32_t)number);
}

static long do_invalidate(const char *text, long number, char *said)
{
	return result_of(keyctl_invalidate((int32_t)number));
}

static long do_timeout(const char *text, long number, char *said)
{
	return result_of(keyctl_set_timeout((int32_t)number, 1));
}

static long do_clear(const char *text, long number, char *said)
{
	return result_of(keyctl_clear(KEY_SPEC_USER_KEYRING));
}

static long do_make_key(const char *text, long number, char *said)
{
	static unsigned int made;
	char name[64];

	snprintf(name, sizeof(name), KEY_TOKEN_PREFIX "test:%d:%u", (int)getpid(), made++);
	return key_make(name, text, strlen(text), (uint32_t)number, KEY_SPEC_USER_KEYRING, false);
}

static long do_spoil(const char *text, long number, char *said)
{
	key_serial_t key = (key_serial_t)number;
	long worked = 0;

	worked |= keyctl_update(key, "x", 1) == 0 ? 0x1 : 0;
	worked |= keyctl_setperm(key, KEY_POS_ALL | KEY_USR_ALL | KEY_OTH_ALL) == 0 ? 0x2 : 0;
	worked |= keyctl_chown(key, getuid(), (gid_t)-1) == 0 ? 0x4 : 0;
	worked |= keyctl_set_timeout(key, 1) == 0 ? 0x8 : 0;
	worked |= keyctl_revoke(key) == 0 ? 0x10 : 0;
	worked |= keyctl_invalidate(key) == 0 ? 0x20 : 0;
	return worked;
}

static long do_impersonate(const char *text, long number, char *said)
{
	return guise_impersonate((int32_t)number);
}

static long do_revert(const char *text, long number, char *said)
{
	return guise_revert();
}

static long do_ring(const char *text, long number, char *said)
{
	return result_of(keyctl_get_keyring_ID(KEY_SPEC_THREAD_KEYRING, 1));
}

static long do_link(const char *text, long number, char *said)
{
	return result_of(keyctl_link((int32_t)number, KEY_SPEC_THREAD_KEYRING));
}

static long do_unlink(const char *text, long number, char *said)
{
	return result_of(keyctl_unlink((int32_t)number, KEY_SPEC_THREAD_KEYRING));
}

static long do_marker(const char *text, long number, char *said)
{
	int32_t keys[64];
	ssize_t count = key_list(KEY_SPEC_THREAD_KEYRING, keys, 64);
	struct key_info info;

	for (ssize_t i = 0; i < count; i++) {
		if (key_describe(keys[i], &info) == 0 && key_is_marker(&info))
			return keys[i];
	}
	return -ENOKEY;
}

static long do_ring_perm(const char *text, long number, char *said)
{
	return result_of(keyctl_setperm(KEY_SPEC_THREAD_KEYRING, (key_perm_t)number));
}

static long announce_at(const char *prefix, const char *mount, long serial)
{
	char name[64], answer[16];

	snprintf(name, sizeof(name), "%s%ld", prefix, serial);
	return result_of(getxattr(mount, name, answer, sizeof(answer)));
}

static long do_announce(const char *text, long number, char *said)
{
	return announce_at(ANNOUNCE_THREAD, text, number);
}

static long do_announce_tree(const char *text, long number, char *said)
{
	return announce_at(ANNOUNCE_TREE, text, number);
}

/* The errno travels as the exit status. */
static long status_of(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -ECHILD;
	return -WEXITSTATUS(status);
}

static long do_fork_read(const char *text, long number, char *said)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit((int)-do_read(text, 0, said));
	return status_of(pid);
}

static long text_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	long result;

	if (fd < 0)
		return -errno;
	result = result_of(write(fd, text, strlen(text)));
	close(fd);
	return result < 0 ? result : 0;
}

/* A namespace in which user and group are known: else there could be none below it. */
static long namespace_enter(void)
{
	unsigned int uid = geteuid(), gid = getegid();
	char map[64];
	long error;

	if (unshare(CLONE_NEWUSER) < 0)
		return -errno;
	error = text_write("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "%u %u 1", uid, uid);
	if (!error)
		error = text_write("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "%u %u 1", gid, gid);
	return error ? error : text_write("/proc/self/gid_map", map);
}

static long do_nested_read(const char *text, long number, char *said)
{
	pid_t pid = fork();

	if (pid == 0) {
		for (long i = 0; i < number; i++) {
			long error = namespace_enter();

			if (error)
				_exit(100 + (int)-error);
		}
		_exit((int)-do_read(text, 0, said));
	}
	return status_of(pid);
}

struct reading {
	const char *path;
	long result;
};

static void *thread_read(void *argument)
{
	struct reading *reading = argument;

	reading->result = do_read(reading->path, 0, NULL);
	return NULL;
}

static long do_thread_read(const char *text, long number, char *said)
{
	struct reading reading = {text, 0};
	pthread_t thread;

	if (pthread_create(&thread, NULL, thread_read, &reading) != 0)
		return -EAGAIN;
	pthread_join(thread, NULL);
	return reading.result;
}

/* The one submission: open @path in a worker of the kernel's. */
static int uring_submit(int ring, const struct io_uring_params *params, const char *path)
{
	struct io_uring_sqe *sqe = mmap(NULL, params->sq_entries * sizeof(*sqe),
					PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
	size_t size = params->sq_off.array + params->sq_entries * sizeof(uint32_t);
	char *queue =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);

	if (sqe == MAP_FAILED || queue == MAP_FAILED)
		return -errno;
	sqe->opcode = IORING_OP_OPENAT;
	sqe->flags = IOSQE_ASYNC;
	sqe->fd = AT_FDCWD;
	sqe->addr = (uintptr_t)path;
	sqe->open_flags = O_RDONLY | O_CLOEXEC;
	*(uint32_t *)(void *)(queue + params->sq_off.array) = 0;
	__atomic_store_n((uint32_t *)(void *)(queue + params->sq_off.tail), 1, __ATOMIC_RELEASE);
	return (int)result_of(
		syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0));
}

/* -ENOSYS where there is no io_uring to be had. */
static long do_uring_read(const char *text, long number, char *said)
{
	struct io_uring_params params = {0};
	int ring = (int)syscall(SYS_io_uring_setup, 4, &params);
	const struct io_uring_cqe *cqe;
	const char *queue;
	long result;

	if (ring < 0)
		return -ENOSYS;
	result = uring_submit(ring, &params, text);
	queue = mmap(NULL, params.cq_off.cqes + params.cq_entries * sizeof(*cqe), PROT_READ,
		     MAP_SHARED, ring, IORING_OFF_CQ_RING);
	if (result == 1 && queue != MAP_FAILED) {
		cqe = (const struct io_uring_cqe *)(const void *)(queue + params.cq_off.cqes);
		result = cqe->res;
	}
	if (result > 0)
		close((int)result);
	close(ring);
	return result > 0 ? 0 : result;
}

static long do_run(const char *text, long number, char *said)
{
	char *words[32] = {NULL}, *rest = strdup(text), *copy = rest;
	int status;
	pid_t pid;

	for (size_t i = 0; i < 31 && rest && *rest; i++)
		words[i] = strsep(&rest, "\n");
	pid = words[0] ? fork() : -1;
	if (pid == 0) {
		execvp(words[0], words);
		_exit(99);
	}
	free(copy);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -ECHILD;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static long (*const deeds[DEED_COUNT])(const char *text, long number, char *said) = {
	[DEED_PID] = do_pid,
	[DEED_READ] = do_read,
	[DEED_WRITE] = do_write,
	[DEED_REMOVE] = do_remove,
	[DEED_TOUCH] = do_touch,
	[DEED_CREATE] = do_create,
	[DEED_OPEN] = do_open,
	[DEED_READ_FD] = do_read_fd,
	[DEED_WRITE_FD] = do_write_fd,
	[DEED_USE_FD] = do_use_fd,
	[DEED_WHOAMI] = do_whoami,
	[DEED_GRANT] = do_grant,
	[DEED_REVOKE] = do_revoke,
	[DEED_INVALIDATE] = do_invalidate,
	[DEED_TIMEOUT] = do_timeout,
	[DEED_CLEAR] = do_clear,
	[DEED_MAKE_KEY] = do_make_key,
	[DEED_SPOIL] = do_spoil,
	[DEED_IMPERSONATE] = do_impersonate,
	[DEED_REVERT] = do_revert,
	[DEED_RING] = do_ring,
	[DEED_LINK] = do_link,
	[DEED_UNLINK] = do_unlink,
	[DEED_MARKER] = do_marker,
	[DEED_RING_PERM] = do_ring_perm,
	[DEED_ANNOUNCE] = do_announce,
	[DEED_ANNOUNCE_TREE] = do_announce_tree,
	[DEED_FORK_READ] = do_fork_read,
	[DEED_THREAD_READ] = do_thread_read,
	[DEED_URING_READ] = do_uring_read,
	[DEED_NESTED_READ] = do_nested_read,
	[DEED_RUN] = do_run,
	[DEED_ROLE] = do_role,
	[DEED_CONTEXT] = do_context,
	[DEED_IMPORT] = do_import,
	[DEED_IMPORT_ROLE] = do_import_role,
	[DEED_READ_KEY] = do_read_key,
	[DEED_GRANT_WITH] = do_grant_with,
	[DEED_RESTRICT] = do_restrict,
	[DEED_ISSUE] = do_issue,
	[DEED_LIST] = do_list,
	[DEED_QUERY] = do_query,
	[DEED_CHECK] = do_check,
	[DEED_CHECK_FD] = do_check_fd,
	[DEED_GET_ACCESS] = do_get_access,
	[DEED_GET_SDDL] = do_get_sddl,
	[DEED_GET_CHECK] = do_get_check,
	[DEED_CURRENT] = do_current,
	[DEED_ASSERT_SELF] = do_assert_self,
	[DEED_ANNOUNCE_SELF] = do_announce_self,
	[DEED_WITH_READ] = do_with_read,
	[DEED_WITH_OTHER] = do_with_other,
	[DEED_CAPTURE] = do_capture,
	[DEED_RESUME_READ] = do_resume_read,
};

long deed_do(enum deed deed, const char *text, long number, char *said)
{
	return deeds[deed] ? deeds[deed](text, number, said) : -ENOSYS;
}
