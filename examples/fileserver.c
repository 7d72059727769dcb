/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A file server whose clients are served under their own identity.
 *
 *	fileserver SOCKET FOLDER [PASSWORDS]
 *
 * FOLDER is on a guisefs mount.  The server needs no right to anything in it: what a client
 * gets, it gets by its own token.  A connection is one request and one answer:
 *
 *	GET SERIAL PATH            OK LENGTH, and the file
 *	LIST SERIAL PATH           OK LENGTH, and the names in the folder, a NUL after each
 *	PUT SERIAL LENGTH PATH     and LENGTH bytes: OK 0
 *
 * or else ERR and the name of an errno.  SERIAL is the token key by which the client lets
 * this server's account act for it.  With PASSWORDS (see logon.h) a line AUTH USER PASSWORD
 * may come first, and SERIAL is then "-".
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <guise.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "channel.h"
#include "client_open.h"
#include "logon.h"

#define WORKERS 8           /* connections at a time */
#define PEER_MAX 3          /* of them from one account, so that none can keep out the rest */
#define SECONDS_MAX 20      /* for a connection, however slowly the client sends and receives */
#define DATA_MAX (4u << 20) /* bytes of a PUT, or of the answer to a LIST */

struct client {
	struct channel channel;
	struct consent consent; /* serial 0: none yet */
	bool logged_on;         /* we issued the key ourselves, for a password */
};

static int root_fd = -1; /* the served folder */
static int listen_fd = -1;
static const char *passwords; /* file name, or NULL */

static bool say_ok(const struct client *client, size_t length)
{
	char line[32];
	int size = snprintf(line, sizeof(line), "OK %zu\n", length);

	return channel_send(&client->channel, line, (size_t)size);
}

/* The name only: it is what the client would have seen itself, and nothing of ours. */
static void say_error(const struct client *client, int error)
{
	const char *name = strerrorname_np(-error);
	char line[64];
	int size = snprintf(line, sizeof(line), "ERR %s\n", name ? name : "EIO");

	(void)channel_send(&client->channel, line, (size_t)size);
}

/* What can be asked for.  Each answers, or returns an error to be answered. */

/* If the file gets shorter meanwhile, the client counts less than it was told. */
static void file_send(const struct client *client, int fd, off_t left)
{
	char chunk[65536];
	ssize_t length;

	for (; left > 0; left -= length) {
		length =
			read(fd, chunk, left < (off_t)sizeof(chunk) ? (size_t)left : sizeof(chunk));
		if (length <= 0 || !channel_send(&client->channel, chunk, (size_t)length))
			return;
	}
}

static int get(struct client *client, const char *path, size_t unused)
{
	struct stat status;
	int error = 0;
	int fd = client_open(&client->consent, root_fd, path, O_RDONLY, &status);

	if (fd < 0)
		return fd;
	if (!S_ISREG(status.st_mode))
		error = S_ISDIR(status.st_mode) ? -EISDIR : -EINVAL;
	else if (say_ok(client, (size_t)status.st_size))
		file_send(client, fd, status.st_size);
	close(fd);
	return error;
}

/* Adds the names in @entries, a NUL after each. */
static int names_add(const char *entries, ssize_t size, char *names, size_t *length)
{
	const struct dirent64 *entry;

	for (ssize_t at = 0; at < size; at += entry->d_reclen) {
		entry = (const void *)(entries + at);
		size_t more = strlen(entry->d_name) + 1;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (more > DATA_MAX - *length)
			return -EFBIG;
		memcpy(names + *length, entry->d_name, more);
		*length += more;
	}
	return 0;
}

/* fdopendir() would ask for the folder's attributes, and we are not the client any more. */
static int names_read(int fd, char *names, size_t *length)
{
	_Alignas(struct dirent64) char entries[32768];
	ssize_t size;
	int error = 0;

	while (!error && (size = getdents64(fd, entries, sizeof(entries))) != 0)
		error = size < 0 ? -errno : names_add(entries, size, names, length);
	return error;
}

static int list(struct client *client, const char *path, size_t unused)
{
	size_t length = 0;
	char *names = malloc(DATA_MAX);
	int fd = -ENOMEM;
	int error;

	if (names)
		fd = client_open(&client->consent, root_fd, path, O_RDONLY | O_DIRECTORY, NULL);
	error = fd < 0 ? fd : names_read(fd, names, &length);
	if (fd >= 0)
		close(fd);
	if (!error && say_ok(client, length))
		(void)channel_send(&client->channel, names, length);
	free(names);
	return error;
}

static int write_all(int fd, const char *data, size_t length)
{
	int error = 0;

	while (length && !error) {
		ssize_t written = write(fd, data, length);

		error = written < 0 ? -errno : 0;
		data += written > 0 ? written : 0;
		length -= written > 0 ? (size_t)written : 0;
	}
	/* some errors are told only here */
	return close(fd) < 0 && !error ? -errno : error;
}

/* The data first: who hangs up half-way changes nothing. */
static int put(struct client *client, const char *path, size_t length)
{
	char *data = malloc(length + 1);
	int error = data ? channel_data(&client->channel, data, length) : -ENOMEM;

	if (!error) {
		int fd = client_open(&client->consent, root_fd, path, O_WRONLY | O_CREAT | O_TRUNC,
				     NULL);

		error = fd < 0 ? fd : write_all(fd, data, length);
	}
	free(data);
	if (!error)
		(void)say_ok(client, 0);
	return error;
}

/* Reading a request. */

/* A decimal number of at most @max and the space after it; nothing else will do. */
static bool take_number(char **text, size_t max, size_t *number)
{
	char *word = strsep(text, " ");
	size_t digits = strspn(word, "0123456789");

	if (!*text || !digits || digits > 10 || word[digits])
		return false;
	*number = strtoull(word, NULL, 10);
	return *number <= max;
}

/* Ids of keys below 1 are the kernel's names for the server's own keyrings. */
static bool take_serial(struct client *client, char **text)
{
	size_t serial;

	if (client->logged_on) {
		const char *word = strsep(text, " ");

		return *text && strcmp(word, "-") == 0;
	}
	if (!take_number(text, INT32_MAX, &serial) || !serial)
		return false;
	client->consent.serial = (int32_t)serial;
	return true;
}

static int request(struct client *client, char *line)
{
	static const struct {
		const char *name;
		bool takes_length;
		int (*run)(struct client *client, const char *path, size_t length);
	} verbs[] = {{"GET", false, get}, {"LIST", false, list}, {"PUT", true, put}};
	const char *verb = strsep(&line, " ");
	size_t length = 0;

	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
		if (strcmp(verb, verbs[i].name) != 0)
			continue;
		if (!line || !take_serial(client, &line))
			return -EINVAL;
		if (verbs[i].takes_length && !take_number(&line, SIZE_MAX, &length))
			return -EINVAL;
		return length > DATA_MAX ? -EFBIG : verbs[i].run(client, line, length);
	}
	return -EINVAL;
}

/* AUTH USER PASSWORD: from here on the client is who the password says, not who runs it. */
static int authenticate(struct client *client, char *line)
{
	char *password = line + strlen("AUTH ");
	const char *user = strsep(&password, " ");
	int error;

	if (!password)
		return -EINVAL;
	error = passwords ? logon_issue(passwords, user, password, &client->consent.serial)
			  : -EOPNOTSUPP;
	explicit_bzero(password, strlen(password));
	if (error)
		return error;
	client->logged_on = true;
	client->consent.owner = geteuid();
	return 0;
}

static int converse(struct client *client)
{
	char *line;
	int error = channel_line(&client->channel, &line);

	if (!error && strncmp(line, "AUTH ", strlen("AUTH ")) == 0) {
		error = authenticate(client, line);
		if (!error)
			error = channel_line(&client->channel, &line);
	}
	return error ? error : request(client, line);
}

/* Connections. */

static pthread_mutex_t places_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct {
	bool taken;
	uid_t uid;
} places[WORKERS];

static bool place_take(size_t place, uid_t uid)
{
	size_t count = 0;

	pthread_mutex_lock(&places_mutex);
	for (size_t i = 0; i < WORKERS; i++)
		count += places[i].taken && places[i].uid == uid;
	places[place].taken = count < PEER_MAX;
	places[place].uid = uid;
	pthread_mutex_unlock(&places_mutex);
	return count < PEER_MAX;
}

static void place_leave(size_t place)
{
	pthread_mutex_lock(&places_mutex);
	places[place].taken = false;
	pthread_mutex_unlock(&places_mutex);
}

static void serve(size_t place, int fd)
{
	struct client client = {.logged_on = false};
	struct ucred peer;
	socklen_t size = sizeof(peer);
	int error = -EBUSY;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return;
	channel_start(&client.channel, fd, SECONDS_MAX);
	client.consent.owner = peer.uid;
	if (place_take(place, peer.uid)) {
		error = converse(&client);
		place_leave(place);
	}
	if (error)
		say_error(&client, error);
	if (client.logged_on)
		(void)guise_revoke(client.consent.serial);
}

static void *work(void *place);

static bool worker_start(size_t place)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, work, (void *)place) != 0)
		return false;
	pthread_detach(thread);
	return true;
}

/* A thread that is not certain to be itself serves nobody: another takes its place. */
static void *work(void *place)
{
	while (guise_assert_self() == 0) {
		int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);

		if (fd >= 0) {
			serve((size_t)place, fd);
			close(fd);
		} else {
			usleep(100000); /* out of descriptors or memory: no need to spin */
		}
	}
	do
		sleep(1);
	while (!worker_start((size_t)place));
	return NULL;
}

static _Noreturn void die(const char *what, int error)
{
	fprintf(stderr, "fileserver: %s: %s\n", what, strerror(error));
	exit(1);
}

/* Who may connect is for the socket's folder to say; who it is, for SO_PEERCRED. */
static void socket_open(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (strlen(path) >= sizeof(address.sun_path))
		die(path, ENAMETOOLONG);
	memcpy(address.sun_path, path, strlen(path) + 1);
	(void)unlink(path);
	umask(0);
	listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listen_fd < 0 || bind(listen_fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(listen_fd, SOMAXCONN) < 0)
		die(path, errno);
}

int main(int argc, char **argv)
{
	int error;

	if (argc < 3 || argc > 4) {
		fprintf(stderr, "usage: fileserver SOCKET FOLDER [PASSWORDS]\n");
		return 2;
	}
	passwords = argv[3];
	root_fd = open(argv[2], O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root_fd < 0)
		die(argv[2], errno);
	/* anywhere else the server would do what clients ask with rights of its own */
	error = guise_access_check_fd(root_fd, 0x20 /* FILE_TRAVERSE */, NULL);
	if (error && error != -EACCES)
		die(argv[2], -error);
	error = guise_assert_self();
	if (error)
		die("started as somebody's client", -error);
	socket_open(argv[1]);
	for (size_t place = 0; place < WORKERS; place++) {
		if (!worker_start(place))
			die("no thread", EAGAIN);
	}
	for (;;)
		pause();
}
