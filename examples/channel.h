/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A client's connection, by lines and bytes: never more than a limit, never later than a
 * deadline, whatever the other end does.
 */
#ifndef EXAMPLES_CHANNEL_H
#define EXAMPLES_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHANNEL_LINES_MAX 8192 /* bytes of all lines that are read */

struct channel {
	int fd;
	int64_t deadline; /* milliseconds, on the monotonic clock */
	size_t have, at;  /* bytes in input, and how many of them are read */
	char input[CHANNEL_LINES_MAX];
};

/* What comes over the connected socket @fd in the next @seconds. */
void channel_start(struct channel *channel, int fd, int seconds);

/*
 * The next line without its end, which stands in the channel, in *@line.  It is text:
 * there is no NUL in it.  0, -EMSGSIZE, -EINVAL (a NUL), -ETIMEDOUT, -ECONNRESET, ...
 */
int channel_line(struct channel *channel, char **line);

/* Exactly @length bytes; of these some may have come with a line.  As channel_line(). */
int channel_data(struct channel *channel, char *data, size_t length);

/* False if not all of it could be sent. */
bool channel_send(const struct channel *channel, const void *bytes, size_t length);

#endif
