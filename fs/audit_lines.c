/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the daemon's messages go. */
#include "fs/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define LINE_SIZE 4096

static int log_fd = STDERR_FILENO; /* -1: syslog */

int audit_open(const char *file, int foreground)
{
	openlog("guisefs", LOG_PID, LOG_DAEMON);
	if (!file) {
		log_fd = foreground ? STDERR_FILENO : -1;
		return 0;
	}
	log_fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	return log_fd < 0 ? -errno : 0;
}

void audit_background(void)
{
	if (log_fd == STDERR_FILENO)
		log_fd = -1;
}

static void put_line(char *line, size_t length)
{
	if (log_fd < 0) {
		syslog(LOG_NOTICE, "%.*s", (int)length, line);
		return;
	}
	line[length++] = '\n';
	/* One write a line, so that lines of several threads do not mix. */
	if (write(log_fd, line, length) < 0)
		syslog(LOG_NOTICE, "%.*s", (int)length - 1, line);
}

void audit_note(const char *format, ...)
{
	char line[LINE_SIZE];
	va_list args;
	int prefix = log_fd < 0 ? 0 : snprintf(line, sizeof(line), "guisefs: ");
	int length;

	va_start(args, format);
	length = vsnprintf(line + prefix, sizeof(line) - (size_t)prefix - 1, format, args);
	va_end(args);
	if (length < 0)
		return;
	length += prefix;
	put_line(line, (size_t)length < sizeof(line) - 2 ? (size_t)length : sizeof(line) - 2);
}
