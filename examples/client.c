/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A client of fileserver and fileserver.py.
 *
 *	client SOCKET ACCOUNT get PATH | list PATH | put PATH <FILE
 *
 * Consents that the user id ACCOUNT, and nobody else, acts for the caller for a minute, asks
 * what is listening at SOCKET, and takes the consent back.
 */
#include <errno.h>
#include <guise.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SECONDS 60
#define DATA_MAX (4u << 20)

static int32_t serial; /* our consent, 0: none */

static void take_back(void)
{
	if (serial)
		(void)guise_revoke(serial);
}

__attribute__((format(printf, 1, 2))) static _Noreturn void die(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("client: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	exit(1);
}

/* Whatever else listens there shall not be told what we have to say. */
static int connect_to(const char *path, uid_t account)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct ucred peer;
	socklen_t size = sizeof(peer);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		die("%s: %s", path, strerror(errno));
	if (peer.uid != account)
		die("%s: user %u listens there, not %u", path, peer.uid, account);
	return fd;
}

/* A server that refuses does not read to the end; its answer says why. */
static void send_all(int fd, const char *bytes, size_t length)
{
	ssize_t sent = 1;

	for (; length && sent > 0; length -= (size_t)sent, bytes += sent) {
		sent = send(fd, bytes, length, MSG_NOSIGNAL);
		if (sent < 0)
			return;
	}
}

static void request_send(int fd, const char *verb, const char *path)
{
	static char data[DATA_MAX + 1];
	char line[8192];
	size_t length = 0;

	if (strcmp(verb, "put") == 0) {
		length = fread(data, 1, sizeof(data), stdin);
		snprintf(line, sizeof(line), "PUT %" PRId32 " %zu %s\n", serial, length, path);
	} else {
		snprintf(line, sizeof(line), "%s %" PRId32 " %s\n",
			 strcmp(verb, "get") == 0 ? "GET" : "LIST", serial, path);
	}
	send_all(fd, line, strlen(line));
	send_all(fd, data, length);
}

/* The answer to stdout: of a folder a name a line. */
static void answer_take(FILE *answer, const char *path, int separator)
{
	char line[64];
	char end;
	size_t left;

	if (!fgets(line, sizeof(line), answer))
		die("%s: no answer", path);
	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line, "OK %zu%c", &left, &end) != 1)
		die("%s: %s", path, line);
	for (; left; left--) {
		int byte = fgetc(answer);

		if (byte == EOF)
			die("%s: the answer is incomplete", path);
		putchar(byte == separator ? '\n' : byte);
	}
	if (fflush(stdout) != 0)
		die("stdout: %s", strerror(errno));
}

int main(int argc, char **argv)
{
	FILE *answer;
	uid_t account;
	int fd, error;

	if (argc != 5 || (strcmp(argv[3], "get") != 0 && strcmp(argv[3], "list") != 0 &&
			  strcmp(argv[3], "put") != 0)) {
		fprintf(stderr, "usage: client SOCKET ACCOUNT get|list|put PATH\n");
		return 2;
	}
	account = (uid_t)strtoul(argv[2], NULL, 10);
	fd = connect_to(argv[1], account);
	error = guise_grant(account, GUISE_IMPERSONATE, SECONDS, &serial);
	if (error)
		die("no consent: %s", strerror(-error));
	atexit(take_back);
	request_send(fd, argv[3], argv[4]);
	answer = fdopen(fd, "r");
	if (!answer)
		die("%s", strerror(errno));
	answer_take(answer, argv[4], strcmp(argv[3], "list") == 0 ? '\0' : EOF);
	return 0;
}
