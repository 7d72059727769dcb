/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A text in a private file, while an editor has it.
 */
#include "edit_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "error.h"
#include "keyring/scoped.h"

#define FILE_NAME "descriptor"

/* What a signal must not leave behind. */
static struct {
	pid_t process; /* whose it is; 0: there is nothing */
	volatile pid_t editor;
	int fd;
	const char *folder;
} guarded;

static const int ends[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
static struct sigaction former[sizeof(ends) / sizeof(ends[0])];

/* Editors leave copies of what they edit beside it.  A handler of signals may do this. */
static void remove_all(int fd)
{
	char room[4096] __attribute__((aligned(8)));
	int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ssize_t size;

	while (again >= 0 && (size = getdents64(again, room, sizeof(room))) > 0) {
		for (ssize_t at = 0; at < size;) {
			const struct dirent64 *entry = (const void *)(room + at);

			unlinkat(fd, entry->d_name, 0); /* "." and ".." it refuses */
			at += entry->d_reclen;
		}
	}
	if (again >= 0)
		close(again);
}

/* Nothing is left of the text, and the editor is told; then the signal does what it does. */
static void clean_up(int number)
{
	const struct timespec pause = {.tv_nsec = 20000000};

	if (guarded.process == getpid()) {
		if (guarded.editor > 0)
			kill(guarded.editor, number);
		/* it may be writing there still */
		for (int i = 0; i < 50; i++) {
			remove_all(guarded.fd);
			if (rmdir(guarded.folder) == 0 || errno == ENOENT)
				break;
			nanosleep(&pause, NULL);
		}
	}
	signal(number, SIG_DFL);
	raise(number);
}

static void guard(const struct edit_file *file)
{
	struct sigaction action = {.sa_handler = clean_up, .sa_flags = SA_RESTART};

	guarded.editor = 0;
	guarded.fd = file->fd;
	guarded.folder = file->folder;
	guarded.process = getpid();
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		sigaddset(&action.sa_mask, ends[i]);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		sigaction(ends[i], NULL, &former[i]);
		if (former[i].sa_handler != SIG_IGN)
			sigaction(ends[i], &action, NULL);
	}
}

static void unguard(void)
{
	if (!guarded.process)
		return;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		sigaction(ends[i], &former[i], NULL);
	guarded.process = 0;
}

int edit_file_create(struct edit_file *file)
{
	const char *above = getenv("TMPDIR");

	*file = (struct edit_file)EDIT_FILE_NONE;
	if (!above || above[0] != '/')
		above = "/tmp";
	if (asprintf(&file->folder, "%s/guise-edit.XXXXXX", above) < 0) {
		file->folder = NULL;
		return -ENOMEM;
	}
	if (!mkdtemp(file->folder)) {
		int error = errno;

		free(file->folder);
		file->folder = NULL;
		return -error;
	}
	file->fd = open(file->folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (file->fd < 0)
		return -errno;
	guard(file);
	if (asprintf(&file->path, "%s/" FILE_NAME, file->folder) < 0) {
		file->path = NULL;
		return -ENOMEM;
	}
	return 0;
}

static int write_all(int fd, const char *text, size_t size)
{
	while (size > 0) {
		ssize_t written = write(fd, text, size);

		if (written < 0)
			return -errno;
		text += written;
		size -= (size_t)written;
	}
	return 0;
}

int edit_file_put(const struct edit_file *file, const char *text)
{
	SCOPED_FD fd = -1;

	if (unlinkat(file->fd, FILE_NAME, 0) < 0 && errno != ENOENT)
		return -errno;
	fd = openat(file->fd, FILE_NAME, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    0600);
	return fd < 0 ? -errno : write_all(fd, text, strlen(text));
}

/* Editors may have put another file there; what it is must be looked at. */
static int open_again(const struct edit_file *file, size_t *size)
{
	int fd = openat(file->fd, FILE_NAME, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	int error = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		error = -errno;
	else if (!S_ISREG(st.st_mode))
		error = -EINVAL;
	else if (st.st_size > (off_t)EDIT_FILE_MAX)
		error = -EFBIG;
	if (error < 0) {
		close(fd);
		return error;
	}
	*size = (size_t)st.st_size;
	return fd;
}

int edit_file_get(const struct edit_file *file, char **text)
{
	size_t size = 0, used = 0;
	SCOPED_FD fd = open_again(file, &size);
	SCOPED_BUFFER char *room = NULL;

	if (fd < 0)
		return fd;
	room = malloc(size + 1);
	if (!room)
		return -ENOMEM;
	while (used < size) {
		ssize_t got = read(fd, room + used, size - used);

		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		used += (size_t)got;
	}
	room[used] = '\0';
	if (strlen(room) != used)
		return -EINVAL;
	*text = room;
	room = NULL;
	return 0;
}

static bool is_set(const char *text)
{
	return text && *text;
}

static const char *editor(void)
{
	const char *visual = getenv("VISUAL");
	const char *other = getenv("EDITOR");

	if (is_set(visual))
		return visual;
	if (is_set(other))
		return other;
	return access("/usr/bin/sensible-editor", X_OK) == 0 ? "sensible-editor" : "vi";
}

/* The user's words are the shell's; the path is an argument, whatever is in it. */
static void execute(const char *words, const char *path)
{
	SCOPED_BUFFER char *script = NULL;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		sigaction(ends[i], &former[i], NULL);
	if (asprintf(&script, "%s \"$@\"", words) < 0) {
		script = NULL;
		_exit(127);
	}
	execl("/bin/sh", "sh", "-c", script, words, path, (char *)NULL);
	_exit(127);
}

/* While the editor runs, the keys that interrupt are its own. */
static int wait_for(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return status;
}

int edit_file_run(const struct edit_file *file)
{
	const char *words = editor();
	void (*interrupt)(int) = signal(SIGINT, SIG_IGN);
	void (*quit)(int) = signal(SIGQUIT, SIG_IGN);
	pid_t child;
	int status;

	fflush(NULL);
	child = fork();
	if (child == 0)
		execute(words, file->path);
	guarded.editor = child;
	status = child < 0 ? -errno : wait_for(child);
	guarded.editor = 0;
	signal(SIGINT, interrupt);
	signal(SIGQUIT, quit);
	if (status < 0)
		return error_report(words, -status);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return STATUS_OK;
	if (WIFEXITED(status))
		error_about(words, "the editor ended with status %d; nothing was changed",
			    WEXITSTATUS(status));
	else
		error_about(words, "the editor was killed by signal %d; nothing was changed",
			    WTERMSIG(status));
	return STATUS_FAILED;
}

void edit_file_remove(struct edit_file *file)
{
	if (file->fd >= 0)
		remove_all(file->fd);
	if (file->folder)
		rmdir(file->folder);
	unguard();
	if (file->fd >= 0)
		close(file->fd);
	free(file->folder);
	free(file->path);
	*file = (struct edit_file)EDIT_FILE_NONE;
}
