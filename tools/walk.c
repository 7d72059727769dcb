/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Going through the objects that a command is about. */
#include "walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "command.h"
#include "error.h"
#include "keyring/scoped.h"
#include "progress.h"
#include "resume.h"

/* names of a folder that are held at once, fewer once the folders above hold many */
#define BATCH 4096
#define BATCH_LEAST 64
#define NAMES_MOST 32768

/* deeper than this no tree is meant: a chain of folders may be longer than any path */
#define DEPTH_MAX 8000

/* A folder that the walk is in. */
struct level {
	struct level *up;
	DIR *dir;
	struct object object;
	char **names;
	size_t room, count, next;
	const char *skip_to; /* the run before came to this name, or NULL */
	bool sorted;
	bool at_end;      /* all names have been read */
	size_t path_size; /* of its path, with the slash after it */
	unsigned int depth;
	void *below;
};

struct walker {
	const struct walk *walk;
	struct level *level;
	char *path;
	size_t path_room;
	unsigned long visited, failed;
	size_t names; /* room for names, of all levels */
	int status;   /* of the last failure */
	uint64_t device;
	bool stopped;
	struct resume *resume;
	struct progress *progress;
	unsigned long index; /* of what was named */
};

static void fail(struct walker *walker, int status)
{
	walker->failed++;
	if (walker->walk->failed)
		(*walker->walk->failed)++;
	walker->status = status;
	walker->stopped = !walker->walk->scope->keep_going;
}

/* Makes the path @size bytes of what it is, and @name. */
static int path_put(struct walker *walker, size_t size, const char *name)
{
	size_t length = strlen(name) + 1;

	if (size + length > walker->path_room) {
		size_t room = 2 * (size + length) + 256;
		char *path = realloc(walker->path, room);

		if (!path)
			return -ENOMEM;
		walker->path = path;
		walker->path_room = room;
	}
	memcpy(walker->path + size, name, length);
	return 0;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void forget_names(struct level *level)
{
	for (size_t i = 0; i < level->count; i++)
		free(level->names[i]);
	level->count = level->next = 0;
}

/* Reads the next names of @level.  0 or -errno */
static int read_names(struct level *level)
{
	bool first = level->count == 0;

	level->sorted = false;

	forget_names(level);
	while (level->count < level->room) {
		struct dirent *entry;

		errno = 0;
		entry = readdir(level->dir);
		if (!entry) {
			level->at_end = true;
			if (errno)
				return -errno;
			break;
		}
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		level->names[level->count] = strdup(entry->d_name);
		if (!level->names[level->count])
			return -ENOMEM;
		level->count++;
	}
	level->sorted = first && level->at_end;
	if (level->sorted)
		qsort(level->names, level->count, sizeof(level->names[0]), by_bytes);
	return 0;
}

static void level_leave(struct walker *walker)
{
	struct level *level = walker->level;

	walker->level = level->up;
	if (level->below && walker->walk->leave)
		walker->walk->leave(level->below);
	walker->names -= level->room;
	forget_names(level);
	free(level->names);
	if (level->dir)
		closedir(level->dir);
	object_close(&level->object);
	free(level);
}

/* Has the walk come to @object through itself? */
static bool is_loop(const struct walker *walker, const struct object *object)
{
	for (const struct level *level = walker->level; level; level = level->up) {
		if (level->object.device == object->device && level->object.ino == object->ino)
			return true;
	}
	return false;
}

/* The names in @object. */
static int open_names(const struct object *object, DIR **dir)
{
	int fd = openat(object->fd, ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	*dir = fdopendir(fd);
	if (*dir)
		return 0;
	close(fd);
	return -ENOMEM;
}

static struct level *level_create(struct walker *walker)
{
	size_t left = walker->names < NAMES_MOST ? NAMES_MOST - walker->names : 0;
	struct level *level = calloc(1, sizeof(*level));

	if (!level)
		return NULL;
	level->room = left > BATCH ? BATCH : left < BATCH_LEAST ? BATCH_LEAST : left;
	level->names = calloc(level->room, sizeof(*level->names));
	if (!level->names) {
		free(level);
		return NULL;
	}
	walker->names += level->room;
	return level;
}

/*
 * Goes into the folder @object.  Takes over that, *@dir, which lists it, and *@below, unless it
 * fails.
 */
static int level_enter(struct walker *walker, struct object *object, DIR **dir, void **below,
		       bool passed)
{
	unsigned int depth = walker->level ? walker->level->depth + 1 : 1;
	size_t size = strlen(walker->path);
	struct level *level;
	int error = 0;

	if (depth > DEPTH_MAX)
		return -ELOOP;
	if (size && walker->path[size - 1] != '/')
		error = path_put(walker, size++, "/");
	level = error == 0 ? level_create(walker) : NULL;
	if (!level)
		return -ENOMEM;
	level->up = walker->level;
	level->depth = depth;
	level->path_size = size;
	level->object = *object;
	level->dir = *dir;
	level->below = *below;
	level->skip_to = passed ? resume_name(walker->resume, depth - 1) : NULL;
	object->fd = -1;
	*dir = NULL;
	*below = NULL;
	walker->level = level;
	return 0;
}

/* Is the walk to go into what it has just come to? */
static bool goes_into(const struct walker *walker, const struct object *object)
{
	const struct scope *scope = walker->walk->scope;

	return scope->recursive && object->folder &&
	       !(scope->one_file_system && object->device != walker->device);
}

static void fail_names(struct walker *walker, int error)
{
	if (error == EACCES)
		error_about(walker->path,
			    "permission denied: listing a folder needs FILE_LIST_DIRECTORY");
	else
		error_report(walker->path, error);
	fail(walker, error_status(error));
}

/* Keeps how far the walk has come. */
static void note(struct walker *walker)
{
	const struct level *level = walker->level;
	const char *below;
	int error;

	progress_step(walker->progress);
	if (!walker->resume)
		return;
	while (level && level->up)
		level = level->up;
	below = level ? walker->path + level->path_size : "";
	error = resume_note(walker->resume, walker->index, below);
	if (error < 0)
		fail(walker, error_report(walker->walk->scope->resume, -error));
}

static void visit(struct walker *walker, const struct object *object, void **below, bool passed)
{
	const struct level *level = walker->level;
	const struct visit visit = {
		.path = walker->path,
		.object = object,
		.depth = level ? level->depth : 0,
		.folder = level ? level->object.fd : -1,
		.above = level ? level->below : NULL,
		.below = below,
		.passed = passed,
	};
	int status = walker->walk->visit(walker->walk->context, &visit);

	walker->visited++;
	if (status != STATUS_OK)
		fail(walker, status);
	if (!walker->stopped && !passed)
		note(walker);
}

static void closedirp(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

/*
 * Visits @object, and goes into it.  The folder is opened before the visit, which may take away
 * the right to list it.
 */
static void arrive(struct walker *walker, struct object *object, bool passed)
{
	__attribute__((cleanup(closedirp))) DIR *dir = NULL;
	bool enters = goes_into(walker, object);
	void *below = NULL;
	int error = 0;

	if (enters && is_loop(walker, object)) {
		error_about(walker->path, "a symbolic link leads back to a folder above it");
		fail(walker, STATUS_FAILED);
		return;
	}
	if (enters)
		error = open_names(object, &dir);
	visit(walker, object, &below, passed);
	if (enters && error == 0 && !walker->stopped)
		error = level_enter(walker, object, &dir, &below, passed);
	if (error < 0 && !walker->stopped)
		fail_names(walker, -error);
	if (below && walker->walk->leave)
		walker->walk->leave(below);
}

/* Opens @name in folder @fd. */
static int open_at(int fd, const char *name, bool follows, struct object *object)
{
	int opened = openat(fd, name, O_PATH | O_CLOEXEC | (follows ? 0 : O_NOFOLLOW));

	return opened < 0 ? -errno : object_adopt(opened, object);
}

/* A symbolic link to nothing is an object of its own also where links are followed. */
static int open_found(const struct walker *walker, const char *name, struct object *object)
{
	int fd = walker->level->object.fd;
	bool follows = scope_follows_found(walker->walk->scope);
	int error = open_at(fd, name, follows, object);

	if (follows && (error == -ENOENT || error == -ELOOP)) {
		object_close(object);
		error = open_at(fd, name, false, object);
	}
	return error;
}

/* What has gone since its name was read is none of what there is to visit. */
static void step(struct walker *walker, bool passed)
{
	struct level *level = walker->level;
	OBJECT_CLEANUP struct object object = OBJECT_NONE;
	const char *name = level->names[level->next++];
	int error = path_put(walker, level->path_size, name);

	if (error == 0)
		error = open_found(walker, name, &object);
	if (error == 0) {
		arrive(walker, &object, passed);
	} else if (error != -ENOENT) {
		walker->visited++;
		fail(walker, error_report(walker->path, -error));
	}
}

/*
 * Passes by what the run before did.  True: the next name is the one that it came to last.  If that
 * has gone, and the names have no order, all in the folder is done again.
 */
static bool skip(struct level *level)
{
	while (level->skip_to && level->next < level->count) {
		int order = strcmp(level->names[level->next], level->skip_to);

		if (order == 0 || (level->sorted && order > 0)) {
			level->skip_to = NULL;
			return order == 0;
		}
		level->next++;
	}
	if (level->skip_to && level->at_end && !level->sorted) {
		level->skip_to = NULL;
		level->at_end = false;
		rewinddir(level->dir);
	}
	return false;
}

/* All that is below where the walk is, and back up. */
static void walk_below(struct walker *walker)
{
	while (walker->level) {
		struct level *level = walker->level;
		bool passed = false;
		int error = 0;

		if (!walker->stopped && level->next == level->count && !level->at_end)
			error = read_names(level);
		if (error == 0)
			passed = skip(level);
		walker->path[level->path_size] = '\0';
		if (error < 0)
			fail_names(walker, -error);
		if (!walker->stopped && level->next < level->count)
			step(walker, passed);
		else if (walker->stopped || level->at_end)
			level_leave(walker);
	}
}

static void walk_named(struct walker *walker, const char *path)
{
	OBJECT_CLEANUP struct object object = OBJECT_NONE;
	bool follows = scope_follows_named(walker->walk->scope);
	unsigned long pending;
	bool passed = resume_pending(walker->resume, &pending) && walker->index <= pending;
	int error = path_put(walker, 0, path);

	if (passed && walker->index < pending)
		return;
	if (error == 0 && scope_is_specimen(walker->walk->scope, path))
		error = object_open_specimen(path, walker->walk->scope->folder, &object);
	else if (error == 0)
		error = open_at(AT_FDCWD, path, follows, &object);
	if (error < 0) {
		walker->visited++;
		if (error == -EBADMSG) /* was said already */
			fail(walker, STATUS_USAGE);
		else
			fail(walker, error_report(path, -error));
		return;
	}
	walker->device = object.device;
	arrive(walker, &object, passed);
	walk_below(walker);
}

/* The paths that stand in a file. */
static void walk_listed(struct walker *walker)
{
	const struct scope *scope = walker->walk->scope;
	bool standard = strcmp(scope->files_from, "-") == 0;
	FILE *file = standard ? stdin : fopen(scope->files_from, "re");
	SCOPED_BUFFER char *line = NULL;
	size_t room = 0;
	ssize_t length;

	if (!file) {
		fail(walker, error_report(scope->files_from, errno));
		return;
	}
	while (!walker->stopped &&
	       (length = getdelim(&line, &room, scope->null ? '\0' : '\n', file)) > 0) {
		if (!scope->null && line[length - 1] == '\n')
			line[length - 1] = '\0';
		if (*line)
			walk_named(walker, line);
		walker->index++;
	}
	if (ferror(file))
		fail(walker, error_report(scope->files_from, EIO));
	if (!standard)
		fclose(file);
}

/* A tree may be deeper than the usual number of descriptors. */
static void raise_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void walk_all(struct walker *walker, char *const *paths, int count)
{
	if (walker->walk->scope->files_from)
		walk_listed(walker);
	for (; (int)walker->index < count && !walker->stopped; walker->index++)
		walk_named(walker, paths[walker->index]);
}

static void clear_progress(void *progress)
{
	progress_clear(progress);
}

static void begin_progress(struct walker *walker, char *const *paths, int count)
{
	const struct scope *scope = walker->walk->scope;

	if (!walker->walk->shows_progress || (!scope->recursive && !scope->files_from))
		return;
	walker->progress = progress_begin(count ? paths : NULL, count, scope->one_file_system,
					  scope->progress);
	error_before(clear_progress, walker->progress);
}

static void end_progress(struct walker *walker)
{
	error_before(NULL, NULL);
	progress_end(walker->progress);
}

static int outcome(const struct walker *walker)
{
	if (!walker->failed)
		return STATUS_OK;
	return walker->visited > 1 ? STATUS_PARTIAL : walker->status;
}

static void end_resume(struct walker *walker)
{
	int error;

	if (!walker->resume)
		return;
	error = walker->stopped ? resume_stop(walker->resume) : resume_finish(walker->resume);
	if (error < 0)
		fail(walker, error_report(walker->walk->scope->resume, -error));
	resume_close(walker->resume);
}

int walk_paths(const struct walk *walk, char *const *paths, int count)
{
	struct walker walker = {.walk = walk};
	int status = STATUS_OK;

	if (walk->scope->resume)
		status = resume_open(walk->scope->resume, &walker.resume);
	if (status != STATUS_OK)
		return status;
	if (walk->scope->recursive)
		raise_files();
	begin_progress(&walker, paths, count);
	walk_all(&walker, paths, count);
	end_progress(&walker);
	end_resume(&walker);
	free(walker.path);
	return outcome(&walker);
}

/* Where the kernel says that a named object lies, if that is still so. */
static int named_parent(const struct object *object, struct object *parent)
{
	OBJECT_CLEANUP struct object again = OBJECT_NONE;
	char path[PATH_MAX];
	ssize_t length = readlink(object->link, path, sizeof(path) - 1);
	char *name;
	int error;

	if (length < 0)
		return -errno;
	path[length] = '\0';
	name = strrchr(path, '/');
	if (!name || !name[1])
		return -ENOENT;
	*name++ = '\0';
	error = open_at(AT_FDCWD, *path ? path : "/", false, parent);
	if (error == 0)
		error = open_at(parent->fd, name, false, &again);
	if (error == 0 && (again.mount != object->mount || again.ino != object->ino ||
			   parent->mount != object->mount))
		error = -ENOENT;
	return error;
}

int visit_parent(const struct visit *visit, struct object *parent)
{
	int fd;

	if (visit->object->specimen)
		return -ENOENT;
	if (visit->folder < 0)
		return named_parent(visit->object, parent);
	fd = fcntl(visit->folder, F_DUPFD_CLOEXEC, 0);
	return fd < 0 ? -errno : object_adopt(fd, parent);
}

bool walk_output_is_apart(void)
{
	return !isatty(STDOUT_FILENO);
}
