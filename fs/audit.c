/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Messages.
 */
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
#define OBJECT_SIZE 2048

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

/* Names come from users: nothing in them may look like another field or line. */
static void escape(const char *in, char out[OBJECT_SIZE])
{
	size_t at = 0;

	for (; *in && at + 5 < OBJECT_SIZE; in++) {
		unsigned char c = (unsigned char)*in;

		if (c > ' ' && c < 0x7f && c != '\\' && c != '"')
			out[at++] = (char)c;
		else
			at += (size_t)snprintf(out + at, OBJECT_SIZE - at, "\\%03o", c);
	}
	out[at] = '\0';
}

void audit_note_refusal(const char *op, const char *path, const struct caller *caller,
			const struct refusal *refusal, const char *id)
{
	char name[OBJECT_SIZE];

	escape(path ? path : "?", name);
	audit_note("refused op=%s object=%s tid=%d uid=%u reason=%s key=%d%s%s: %s", op, name,
		   (int)caller->tid, (unsigned int)caller->uid, reason_name(refusal->reason),
		   (int)refusal->key, id ? " id=" : "", id ? id : "", reason_text(refusal->reason));
}

void audit_refusal(const char *op, const char *object, const struct caller *caller,
		   const struct refusal *refusal)
{
	struct record record = {.kind = RECORD_IDENTITY,
				.operation = op,
				.caller = caller,
				.key = refusal->key,
				.reason = reason_name(refusal->reason)};
	struct audit_entry *entries = NULL;
	const char *id = audit_add(&entries, &record, object);

	audit_note_refusal(op, object, caller, refusal, id);
	audit_write(&entries);
}
