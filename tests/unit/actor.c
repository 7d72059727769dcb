/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Actors: a forked process at the other end of a socket. */
#include "actor.h"

#include <errno.h>
#include <grp.h>
#include <keyutils.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keyring/announce.h"
#include "keyring/key.h"
#include "keyring/namespace.h"

enum kind { KIND_RUN, KIND_RESULT, KIND_THREAD, KIND_TREE };

struct message {
	enum kind kind;
	actor_fn *fn;
	long value;
	pid_t tid;
	uid_t uid;
	gid_t gid;
};

struct actor {
	pid_t pid;
	uid_t uid;
	gid_t gid;
	int socket;
};

struct resolver *actor_resolver;
enum guise_reason actor_refused;

/* in an actor: its end of the socket */
static int own_socket = -1;

static void message_send(int fd, const struct message *message)
{
	if (send(fd, message, sizeof(*message), MSG_NOSIGNAL) != (ssize_t)sizeof(*message))
		_exit(70);
}

static long answer(const struct message *message)
{
	struct caller caller = {message->tid, message->uid, message->gid};
	struct refusal refusal;
	int error;

	if (message->kind == KIND_THREAD)
		error = resolver_announce_thread(actor_resolver, &caller, (int32_t)message->value,
						 &refusal);
	else
		error = resolver_announce_tree(actor_resolver, &caller, (int32_t)message->value,
					       &refusal);
	actor_refused = refusal.reason;
	return error;
}

static int announce(enum kind kind, int32_t serial)
{
	struct message message = {.kind = kind,
				  .value = serial,
				  .tid = gettid(),
				  .uid = (uid_t)setfsuid((uid_t)-1),
				  .gid = (gid_t)setfsgid((gid_t)-1)};

	if (own_socket < 0) /* a thread of the test itself */
		return (int)answer(&message);
	message_send(own_socket, &message);
	if (recv(own_socket, &message, sizeof(message), 0) != (ssize_t)sizeof(message))
		_exit(71);
	return (int)message.value;
}

bool actor_old_kernel;

int __real_namespace_handle(int fd, char text[NAMESPACE_HANDLE_TEXT]);
int __wrap_namespace_handle(int fd, char text[NAMESPACE_HANDLE_TEXT]);

int __wrap_namespace_handle(int fd, char text[NAMESPACE_HANDLE_TEXT])
{
	return actor_old_kernel ? -EOPNOTSUPP : __real_namespace_handle(fd, text);
}

int __real_pidfd_open(pid_t pid, unsigned int flags);
int __wrap_pidfd_open(pid_t pid, unsigned int flags);

int __wrap_pidfd_open(pid_t pid, unsigned int flags)
{
	if (!actor_old_kernel)
		return __real_pidfd_open(pid, flags);
	errno = EINVAL;
	return -1;
}

bool actor_no_unlink;

long __real_keyctl_unlink(key_serial_t key, key_serial_t ring);
long __wrap_keyctl_unlink(key_serial_t key, key_serial_t ring);

long __wrap_keyctl_unlink(key_serial_t key, key_serial_t ring)
{
	if (!actor_no_unlink)
		return __real_keyctl_unlink(key, ring);
	errno = ENOMEM;
	return -1;
}

uint32_t actor_cleared;

long __real_keyctl_clear(key_serial_t ring);
long __wrap_keyctl_clear(key_serial_t ring);

long __wrap_keyctl_clear(key_serial_t ring)
{
	struct key_info info;

	actor_cleared = key_describe(ring, &info) ? 0 : info.perm;
	if (!actor_no_unlink)
		return __real_keyctl_clear(ring);
	errno = ENOMEM;
	return -1;
}

int announce_thread(int32_t ring)
{
	return announce(KIND_THREAD, ring);
}

int announce_tree(int32_t key)
{
	return announce(KIND_TREE, key);
}

static void actor_serve(int fd)
{
	struct message message = {.kind = KIND_RESULT};

	own_socket = fd;
	message_send(fd, &message); /* ready */
	while (recv(fd, &message, sizeof(message), 0) == (ssize_t)sizeof(message)) {
		struct message result = {.kind = KIND_RESULT};

		result.value = message.fn(message.value);
		message_send(fd, &result);
	}
	_exit(0);
}

struct actor *actor_start(uid_t uid, gid_t gid, gid_t extra)
{
	struct actor *actor = calloc(1, sizeof(*actor));
	struct message ready;
	int pair[2];

	if (!actor || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		abort();
	*actor = (struct actor){-1, uid, gid, pair[0]};
	actor->pid = fork();
	if (actor->pid < 0)
		abort();
	if (actor->pid == 0) {
		close(pair[0]);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (setgroups(extra ? 1 : 0, &extra) < 0 || setresgid(gid, gid, gid) < 0 ||
		    setresuid(uid, uid, uid) < 0)
			_exit(72);
		prctl(PR_SET_DUMPABLE, 1);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		actor_serve(pair[1]);
	}
	close(pair[1]);
	if (recv(pair[0], &ready, sizeof(ready), 0) != (ssize_t)sizeof(ready))
		abort();
	return actor;
}

long actor_do(struct actor *actor, actor_fn *fn, long argument)
{
	struct message message = {.kind = KIND_RUN, .fn = fn, .value = argument};

	if (send(actor->socket, &message, sizeof(message), MSG_NOSIGNAL) < 0)
		return -ECHILD;
	for (;;) {
		if (recv(actor->socket, &message, sizeof(message), 0) != (ssize_t)sizeof(message))
			return -ECHILD;
		if (message.kind == KIND_RESULT)
			return message.value;
		message.value = answer(&message);
		message_send(actor->socket, &message);
	}
}

struct caller actor_caller(const struct actor *actor)
{
	return (struct caller){actor->pid, actor->uid, actor->gid};
}

void actor_end(struct actor *actor)
{
	kill(actor->pid, SIGKILL);
	waitpid(actor->pid, NULL, 0);
	close(actor->socket);
	free(actor);
}
