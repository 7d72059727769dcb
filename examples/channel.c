/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sending and receiving without ever waiting for one call alone. */
#include "channel.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void channel_start(struct channel *channel, int fd, int seconds)
{
	/* all of it: nothing of the client before is left */
	memset(channel, 0, sizeof(*channel));
	channel->fd = fd;
	channel->deadline = now_ms() + seconds * 1000;
}

static bool wait_for(const struct channel *channel, short events)
{
	struct pollfd ready = {channel->fd, events, 0};
	int64_t left = channel->deadline - now_ms();

	return left > 0 && poll(&ready, 1, (int)left) == 1;
}

bool channel_send(const struct channel *channel, const void *bytes, size_t length)
{
	for (const char *at = bytes; length;) {
		ssize_t sent;

		if (!wait_for(channel, POLLOUT))
			return false;
		sent = send(channel->fd, at, length, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (sent < 0 && errno != EAGAIN)
			return false;
		at += sent > 0 ? sent : 0;
		length -= sent > 0 ? (size_t)sent : 0;
	}
	return true;
}

/* At least one byte, or a negative errno. */
static ssize_t receive(const struct channel *channel, void *buffer, size_t room)
{
	ssize_t length;

	if (!wait_for(channel, POLLIN))
		return -ETIMEDOUT;
	length = recv(channel->fd, buffer, room, MSG_DONTWAIT);
	if (length == 0)
		return -ECONNRESET;
	return length < 0 ? -errno : length;
}

/* More of what lines are made from. */
static int fill(struct channel *channel)
{
	size_t room = sizeof(channel->input) - channel->have;
	ssize_t length = room ? receive(channel, channel->input + channel->have, room) : -EMSGSIZE;

	if (length < 0)
		return (int)length;
	channel->have += (size_t)length;
	return 0;
}

int channel_line(struct channel *channel, char **line)
{
	char *start = channel->input + channel->at;
	char *end;

	while (!(end = memchr(start, '\n', channel->have - channel->at))) {
		int error = fill(channel);

		if (error)
			return error;
	}
	*end = '\0';
	channel->at = (size_t)(end + 1 - channel->input);
	*line = start;
	return strlen(start) == (size_t)(end - start) ? 0 : -EINVAL;
}

int channel_data(struct channel *channel, char *data, size_t length)
{
	size_t got = channel->have - channel->at;

	got = got < length ? got : length;
	memcpy(data, channel->input + channel->at, got);
	channel->at += got;
	while (got < length) {
		ssize_t more = receive(channel, data + got, length - got);

		if (more < 0)
			return (int)more;
		got += (size_t)more;
	}
	return 0;
}
