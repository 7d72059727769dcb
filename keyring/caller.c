/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading /proc about a thread; see proc(5). */
#include "keyring/caller.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "keyring/scoped.h"

/* linux/sched.h: the flag that io_uring's own threads have */
#define PF_IO_WORKER 0x00000010u
/* 65,536 groups of up to 11 characters and some lines */
#define SLURP_MAX (1024 * 1024)

/* Reads all of @fd into *@text, doubling. */
static int slurp_fd(int fd, char **text)
{
	size_t room = 4096, length = 0;
	SCOPED_BUFFER char *buffer = malloc(room);

	for (;;) {
		ssize_t count;

		if (!buffer)
			return -ENOMEM;
		count = read(fd, buffer + length, room - length - 1);
		if (count < 0)
			return -errno;
		length += (size_t)count;
		if (count == 0)
			break;
		if (room - length - 1 == 0) {
			char *larger = room < SLURP_MAX ? realloc(buffer, 2 * room) : NULL;

			if (!larger)
				return room < SLURP_MAX ? -ENOMEM : -EFBIG;
			buffer = larger;
			room *= 2;
		}
	}
	buffer[length] = '\0';
	*text = buffer;
	buffer = NULL;
	return 0;
}

int caller_slurp(const char *path, char **text)
{
	int error;
	SCOPED_FD fd = open(path, O_RDONLY | O_CLOEXEC);

	error = fd < 0 ? -errno : slurp_fd(fd, text);
	return error == -ENOENT ? -ESRCH : error;
}

static int slurp_task(pid_t tid, const char *file, char **text)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)tid, file);
	return caller_slurp(path, text);
}

static bool number_read(const char *text, char **end, uint64_t *number)
{
	errno = 0;
	*number = strtoull(text, end, 10);
	return !errno && *end != text;
}

int caller_stat(pid_t tid, struct caller_stat *stat)
{
	SCOPED_BUFFER char *text = NULL;
	int error = slurp_task(tid, "stat", &text);
	uint64_t flags = 0, start = 0;
	char *at, *end;

	if (error)
		return error;
	/* the name, field 2, may hold anything, blanks and brackets too */
	at = strrchr(text, ')');
	if (!at || at[1] != ' ' || !at[2])
		return -EPROTO;
	at += 3; /* past field 3, a letter */
	for (int field = 4; field <= 22; field++) {
		uint64_t value;

		if (!number_read(at, &end, &value))
			return -EPROTO;
		at = end;
		if (field == 9)
			flags = value;
		if (field == 22)
			start = value;
	}
	stat->start = start;
	stat->io_worker = flags & PF_IO_WORKER;
	return 0;
}

/* The value of line "NAME:\t..." in the text of a status file, or NULL. */
static char *status_line(char *text, const char *name)
{
	size_t length = strlen(name);

	for (char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, length) == 0 && line[length] == ':')
			return line + length + 1;
	}
	return NULL;
}

static int status_number(pid_t tid, const char *name, uint64_t *number)
{
	SCOPED_BUFFER char *text = NULL;
	int error = slurp_task(tid, "status", &text);
	char *line, *end;

	if (error)
		return error;
	line = status_line(text, name);
	if (!line || !number_read(line, &end, number) || *end != '\n')
		return -EPROTO;
	return 0;
}

int caller_process(pid_t tid, pid_t *tgid)
{
	uint64_t number;
	int error = status_number(tid, "Tgid", &number);

	if (error)
		return error;
	if (number == 0 || number > INT_MAX)
		return -EPROTO;
	*tgid = (pid_t)number;
	return 0;
}

int caller_threads(pid_t tid, unsigned int *threads)
{
	uint64_t number;
	int error = status_number(tid, "Threads", &number);

	if (error)
		return error;
	*threads = number > UINT_MAX ? UINT_MAX : (unsigned int)number;
	return 0;
}

/* Numbers up to the end of the line; stores them unless @groups is NULL. */
static int groups_parse(const char *line, gid_t *groups, size_t *count)
{
	*count = 0;
	for (;;) {
		uint64_t gid;
		char *end;

		line += strspn(line, " \t");
		if (*line == '\n')
			return 0;
		if (*line < '0' || *line > '9' || !number_read(line, &end, &gid) ||
		    gid > UINT32_MAX)
			return -EPROTO;
		if (groups)
			groups[*count] = (gid_t)gid;
		(*count)++;
		line = end;
	}
}

/* Line "Uid:", real, effective, saved and file system user: is the last @uid? */
static bool is_fsuid(char *text, uid_t uid)
{
	const char *line = status_line(text, "Uid");
	unsigned int fsuid;

	return line && sscanf(line, "%*u %*u %*u %u", &fsuid) == 1 && fsuid == uid;
}

int caller_groups(pid_t tid, uid_t uid, gid_t **groups, size_t *count)
{
	SCOPED_BUFFER char *text = NULL;
	int error = slurp_task(tid, "status", &text);
	const char *line;

	if (error)
		return error;
	if (!is_fsuid(text, uid))
		return -ESTALE;
	line = status_line(text, "Groups");
	if (!line)
		return -EPROTO;
	error = groups_parse(line, NULL, count);
	if (error)
		return error;
	*groups = calloc(*count + 1, sizeof(**groups));
	if (!*groups)
		return -ENOMEM;
	return groups_parse(line, *groups, count);
}

int caller_maps_only(pid_t tid, uid_t uid, bool *only)
{
	SCOPED_BUFFER char *text = NULL;
	int error = slurp_task(tid, "uid_map", &text);
	unsigned int inside, outside, count;
	int used = 0;

	if (error)
		return error;
	*only = sscanf(text, " %u %u %u %n", &inside, &outside, &count, &used) == 3 &&
		text[used] == '\0' && inside == uid && outside == uid && count == 1;
	return 0;
}

bool caller_proc_is_ours(void)
{
	char target[16], own[16];
	ssize_t length = readlink("/proc/self", target, sizeof(target) - 1);

	if (length < 0)
		return false;
	target[length] = '\0';
	snprintf(own, sizeof(own), "%d", (int)getpid());
	return strcmp(target, own) == 0;
}

bool caller_times_are_hosts(void)
{
	SCOPED_BUFFER char *text = NULL;
	long seconds = 0, nanoseconds = 0;
	const char *line;

	/* no time namespaces before Linux 5.6 */
	if (caller_slurp("/proc/self/timens_offsets", &text))
		return true;
	line = strstr(text, "boottime");
	return !line || (sscanf(line, "boottime %ld %ld", &seconds, &nanoseconds) == 2 &&
			 seconds == 0 && nanoseconds == 0);
}

int caller_pid_namespace(uint64_t *inode)
{
	struct stat status;

	if (stat("/proc/self/ns/pid", &status) < 0)
		return -errno;
	*inode = status.st_ino;
	return 0;
}
