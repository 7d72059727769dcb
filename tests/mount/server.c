/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A server as its author would write it: the public header and libguise.so, nothing
 * else.  Says who may read FILE: itself, each client in turn, and itself again.
 *
 *	server FILE SERIAL...
 */
#include <errno.h>
#include <fcntl.h>
#include <guise.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void say(const char *who, const char *path)
{
	char text[64];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text));

	if (length < 0)
		printf("%s: %s\n", who, strerrorname_np(errno));
	else
		printf("%s: %.*s\n", who, (int)length, text);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	say("self", argv[1]);
	for (int i = 2; i < argc; i++) {
		int error = guise_impersonate((int32_t)atol(argv[i]));

		if (error)
			printf("refused: %s\n", strerrorname_np(-error));
		else
			say("client", argv[1]);
	}
	if (guise_revert() != 0)
		return 1;
	say("self", argv[1]);
	return 0;
}
