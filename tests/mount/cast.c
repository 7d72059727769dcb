/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Players: processes at the other end of a socket. */
#include "tests/mount/cast.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <keyutils.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keyring/guise.h"
#include "keyring/key.h"
#include "tests/mount/deeds.h"

struct message {
	enum deed deed;
	long number;
	char text[DEED_TEXT];
};

struct player {
	pid_t pid;
	bool orphan; /* not this process's child */
	int socket;
	char said[DEED_TEXT];
};

struct person alice, bob, server, eve;
const struct person root = {"root", 0, 0};

static bool message_send(int fd, const struct message *message)
{
	return send(fd, message, sizeof(*message), MSG_NOSIGNAL) == (ssize_t)sizeof(*message);
}

static bool message_receive(int fd, struct message *message)
{
	ssize_t length;

	do
		length = recv(fd, message, sizeof(*message), 0);
	while (length < 0 && errno == EINTR);
	return length == (ssize_t)sizeof(*message);
}

/* Goes on in a fresh image, which answers. */
__attribute__((noreturn)) static void serve_exec(int fd)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", fd);
	fcntl(fd, F_SETFD, 0);
	execl("/proc/self/exe", "player", "answer", number, (char *)NULL);
	_exit(71);
}

struct execution {
	int fd;
	int32_t serial;
};

static void *execution_run(void *argument)
{
	const struct execution *execution = argument;

	if (execution->serial > 0 && guise_impersonate(execution->serial))
		_exit(77);
	serve_exec(execution->fd);
}

/* The same, done by another thread, which then is no more. */
static void serve_exec_elsewhere(int fd, long number)
{
	struct execution execution = {fd, (int32_t)number};
	pthread_t thread;

	if (pthread_create(&thread, NULL, execution_run, &execution) != 0)
		_exit(78);
	for (;;)
		pause();
}

static int descriptor_receive(int socket)
{
	char byte, control[CMSG_SPACE(sizeof(int))];
	struct iovec part = {&byte, 1};
	struct msghdr header = {.msg_iov = &part,
				.msg_iovlen = 1,
				.msg_control = control,
				.msg_controllen = sizeof(control)};
	struct cmsghdr *first;
	int fd;

	if (recvmsg(socket, &header, MSG_CMSG_CLOEXEC) != 1)
		return -1;
	first = CMSG_FIRSTHDR(&header);
	if (!first || first->cmsg_type != SCM_RIGHTS)
		return -1;
	memcpy(&fd, CMSG_DATA(first), sizeof(int));
	return fd;
}

static void serve(int fd);

/* A daemon as textbooks make one: forked twice, its own session, an orphan. */
static long serve_daemon(int socket, const struct message *ready)
{
	int fd, status;
	pid_t pid;

	if (!message_send(socket, ready))
		_exit(76);
	fd = descriptor_receive(socket);
	pid = fork();
	if (pid == 0) {
		if (fd < 0 || setsid() < 0 || chdir("/") < 0)
			_exit(1);
		pid = fork();
		if (pid == 0) {
			close(socket);
			serve(fd);
		}
		_exit(pid < 0);
	}
	close(fd);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0 ? 0 : -ECHILD;
}

static void serve(int fd)
{
	static struct message message, result;

	while (message_receive(fd, &message)) {
		memset(&result, 0, sizeof(result));
		if (message.deed == DEED_EXEC)
			serve_exec(fd);
		if (message.deed == DEED_EXEC_THREAD)
			serve_exec_elsewhere(fd, message.number);
		if (message.deed == DEED_DAEMON)
			result.number = serve_daemon(fd, &result);
		else
			result.number =
				deed_do(message.deed, message.text, message.number, result.text);
		if (!message_send(fd, &result))
			_exit(72);
	}
	_exit(0);
}

/* "player answer FD": the answer to DEED_EXEC comes first; "player serve FD". */
static void serve_if_asked(int argc, char **argv)
{
	static const struct message done;
	int fd;

	if (argc != 3)
		return;
	fd = (int)strtol(argv[2], NULL, 10);
	if (strcmp(argv[1], "answer") == 0 && message_send(fd, &done))
		serve(fd);
	if (strcmp(argv[1], "serve") == 0)
		serve(fd);
}

int cast_run(int argc, char **argv, Suite *suite)
{
	struct person people[4];

	serve_if_asked(argc, argv);
	if (geteuid() == 0) {
		if (!people_add(4, people)) {
			fprintf(stderr, "accounts for the test cannot be made\n");
			return EXIT_FAILURE;
		}
		alice = people[0];
		bob = people[1];
		server = people[2];
		eve = people[3];
	}
	return harness_run(suite);
}

static void become(const struct person *person)
{
	if (setgroups(0, NULL) < 0 || setresgid(person->gid, person->gid, person->gid) < 0 ||
	    setresuid(person->uid, person->uid, person->uid) < 0)
		_exit(73);
	prctl(PR_SET_DUMPABLE, 1);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static struct player *player_new(int *other)
{
	struct player *player = calloc(1, sizeof(*player));
	int pair[2];

	ck_assert(player && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
	player->socket = pair[0];
	*other = pair[1];
	return player;
}

struct player *player_start_as_pid(const struct person *person, pid_t pid)
{
	struct clone_args arguments = {.exit_signal = SIGCHLD};
	int other;
	struct player *player = player_new(&other);

	if (pid) {
		arguments.set_tid = (uintptr_t)&pid;
		arguments.set_tid_size = 1;
		player->pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof(arguments));
	} else {
		player->pid = fork();
	}
	ck_assert_int_ge(player->pid, 0);
	if (player->pid == 0) {
		close(player->socket);
		become(person);
		serve(other);
	}
	close(other);
	return player;
}

struct player *player_start(const struct person *person)
{
	return player_start_as_pid(person, 0);
}

struct player *player_start_in_pid_namespace(const struct person *person)
{
	int other;
	struct player *player = player_new(&other);

	player->pid = fork();
	ck_assert_int_ge(player->pid, 0);
	if (player->pid == 0) {
		close(player->socket);
		if (unshare(CLONE_NEWPID) < 0)
			_exit(74);
		if (fork() == 0) {
			become(person);
			serve(other);
		}
		close(other);
		wait(NULL);
		_exit(0);
	}
	close(other);
	return player;
}

struct player *player_start_confined(const struct person *person, int32_t serial)
{
	int guise = open(guise_program(), O_RDONLY), self = open("/proc/self/exe", O_RDONLY), other;
	char program[32], own[32], token[16], number[16];
	struct player *player = player_new(&other);

	ck_assert(guise >= 0 && self >= 0);
	player->pid = fork();
	ck_assert_int_ge(player->pid, 0);
	if (player->pid == 0) {
		/* by descriptor: the build folder may be out of the account's reach */
		snprintf(program, sizeof(program), "/proc/self/fd/%d", guise);
		snprintf(own, sizeof(own), "/proc/self/fd/%d", self);
		snprintf(token, sizeof(token), "%" PRId32, serial);
		snprintf(number, sizeof(number), "%d", other);
		fcntl(other, F_SETFD, 0);
		become(person);
		execl(program, "guise", "run", "--token", token, "--", own, "serve", number,
		      (char *)NULL);
		_exit(75);
	}
	close(guise);
	close(self);
	close(other);
	/* it is there once it answers */
	ck_assert_int_gt(player_do(player, DEED_PID, NULL, 0), 0);
	return player;
}

/* The descriptor travels to the player, whichever number it has there. */
static bool descriptor_send(int socket, int fd)
{
	char byte = 0, control[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec part = {&byte, 1};
	struct msghdr header = {.msg_iov = &part,
				.msg_iovlen = 1,
				.msg_control = control,
				.msg_controllen = sizeof(control)};
	struct cmsghdr *first = CMSG_FIRSTHDR(&header);

	first->cmsg_level = SOL_SOCKET;
	first->cmsg_type = SCM_RIGHTS;
	first->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(first), &fd, sizeof(int));
	return sendmsg(socket, &header, MSG_NOSIGNAL) == 1;
}

struct player *player_start_daemon(struct player *player)
{
	struct message message;
	int other;
	struct player *made = player_new(&other);

	ck_assert_int_eq(player_do(player, DEED_DAEMON, NULL, 0), 0);
	ck_assert(descriptor_send(player->socket, other));
	close(other);
	ck_assert(message_receive(player->socket, &message));
	ck_assert_int_eq(message.number, 0);
	made->pid = (pid_t)player_do(made, DEED_PID, NULL, 0);
	ck_assert_int_gt(made->pid, 0);
	made->orphan = true;
	return made;
}

long player_do(struct player *player, enum deed deed, const char *text, long number)
{
	static struct message message;

	memset(&message, 0, sizeof(message));
	message.deed = deed;
	message.number = number;
	if (text)
		snprintf(message.text, sizeof(message.text), "%s", text);
	if (!message_send(player->socket, &message) || !message_receive(player->socket, &message))
		return -ECHILD;
	memcpy(player->said, message.text, sizeof(player->said));
	return message.number;
}

const char *player_said(const struct player *player)
{
	return player->said;
}

void player_end(struct player *player)
{
	kill(player->pid, SIGKILL);
	if (!player->orphan)
		waitpid(player->pid, NULL, 0);
	for (int i = 0; player->orphan && i < 500 && kill(player->pid, 0) == 0; i++)
		usleep(10000);
	close(player->socket);
	free(player);
}

int32_t grant(struct player *player, const struct person *account, int level, unsigned int ttl)
{
	char text[64];
	long serial;

	snprintf(text, sizeof(text), "%u %d %u", account->uid, level, ttl);
	serial = player_do(player, DEED_GRANT, text, 0);
	ck_assert_msg(serial > 0, "no token key: %s", strerror((int)-serial));
	return (int32_t)serial;
}

const char *parent_words(int32_t serial)
{
	static char words[256];
	struct key_info info;

	ck_assert_int_eq(key_describe(serial, &info), 0);
	snprintf(words, sizeof(words), "%d S-1-22-1-%u %.200s", serial, info.uid, info.description);
	return words;
}

const char *whoami_word(struct player *player, const char *path, const char *key)
{
	static char word[256];
	size_t length = strlen(key);

	ck_assert_int_ge(player_do(player, DEED_WHOAMI, path, 0), 0);
	word[0] = '\0';
	for (const char *line = player->said; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, length) == 0 && line[length] == ' ')
			snprintf(word, sizeof(word), "%.*s", (int)strcspn(line + length + 1, "\n"),
				 line + length + 1);
		if (word[0])
			break;
	}
	return word;
}

const char *sid_of(const struct person *person)
{
	static char texts[4][32];
	static unsigned int turn;
	char *text = texts[turn++ % 4];

	snprintf(text, sizeof(texts[0]), "S-1-22-1-%u", person->uid);
	return text;
}

void check_refused(struct share *share, struct player *player, const char *path, int error,
		   const char *reason)
{
	char text[64];
	unsigned int before;
	long result;

	snprintf(text, sizeof(text), "reason=%s ", reason);
	before = share_log_count(share, text);
	result = player_do(player, DEED_READ, path, 0);
	if (result != error || share_log_count(share, text) == before) {
		share_log_show(share);
		ck_abort_msg("%s: got %ld (%s), wanted %d and %s in the log", path, result,
			     strerror((int)-result), error, text);
	}
}

static bool entry_has(int32_t entry, const char *prefix, const char *part)
{
	char text[1024] = "";
	const char *name;

	if (keyctl_describe(entry, text, sizeof(text)) < 0)
		return false;
	name = strrchr(text, ';');
	if (!name || strncmp(name + 1, prefix, strlen(prefix)) != 0)
		return false;
	memset(text, 0, sizeof(text));
	return keyctl_read(entry, text, sizeof(text) - 1) >= 0 && strstr(text, part);
}

unsigned int registry_count(const char *ring, const char *prefix, const char *part)
{
	static int32_t entries[65536];
	long serial = keyctl_search(KEY_SPEC_USER_KEYRING, "keyring", ring, 0), length;
	unsigned int count = 0;

	ck_assert_int_gt(serial, 0);
	length = keyctl_read((int32_t)serial, (char *)entries, sizeof(entries));
	ck_assert_int_ge(length, 0);
	for (long i = 0; i < length / (long)sizeof(int32_t); i++)
		count += entry_has(entries[i], prefix, part);
	return count;
}

/* Is a process in the user namespace @inode? */
static bool namespace_inhabited(uint64_t inode)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	bool found = dir == NULL;
	char path[300];
	struct stat st;

	while (!found && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/%s/ns/user", entry->d_name);
		found = stat(path, &st) == 0 && st.st_ino == inode;
	}
	if (dir)
		closedir(dir);
	return found;
}

void registry_forget_trees(void)
{
	long ring = keyctl_search(KEY_SPEC_USER_KEYRING, "keyring", "guise:trees", 0), length;
	int32_t entries[1024];

	length = ring < 0 ? 0 : keyctl_read((int32_t)ring, (char *)entries, sizeof(entries));
	for (long i = 0; i < length / 4 && i < 1024; i++) {
		char name[256], text[512] = "";
		uint64_t inode;
		int daemon;

		if (keyctl_describe(entries[i], name, sizeof(name)) < 0 ||
		    keyctl_read(entries[i], text, sizeof(text) - 1) < 0 ||
		    sscanf(name, "%*[^:]:tree:%" SCNu64, &inode) != 1 ||
		    sscanf(text, "%*d %*u %*u %d", &daemon) != 1)
			continue;
		if (kill(daemon, 0) < 0 && !namespace_inhabited(inode))
			keyctl_unlink(entries[i], (int32_t)ring);
	}
}
