/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the host's own files say: which ids are its own, and which service maps the others.  They
 * are read again when they are other files than before.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "keyring/domain_parts.h"
#include "keyring/idmap_parts.h"
#include "keyring/scoped.h"

/* One file, and what it said. */
struct host_file {
	const char *path;
	bool is_known; /* it could be read, or is known not to be there */
	struct stat st;
	uint32_t *ids; /* sorted */
	size_t count, room;
	enum domain_mapping mapping;
};

enum { PASSWD, GROUP, NSSWITCH, FILES };

static const char *const host_paths[FILES] = {"/etc/passwd", "/etc/group", "/etc/nsswitch.conf"};
#define HOST_SSSD "/etc/sssd"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct host_file files[FILES];
static uint64_t generation;
static time_t looked;
static bool has_looked, is_test;
static const char *sssd_folder = HOST_SSSD;
static bool has_sssd; /* if nsswitch.conf names it */

static void file_forget(struct host_file *file)
{
	free(file->ids);
	*file = (struct host_file){.path = file->path, .mapping = DOMAIN_NONE};
}

static int id_order(const void *a, const void *b)
{
	const uint32_t *left = a, *right = b;

	return *left < *right ? -1 : *left > *right;
}

static int id_add(struct host_file *file, uint32_t id)
{
	if (file->count == file->room) {
		size_t wider = file->room ? 2 * file->room : 64;
		uint32_t *moved = reallocarray(file->ids, wider, sizeof(*moved));

		if (!moved)
			return -ENOMEM;
		file->ids = moved;
		file->room = wider;
	}
	file->ids[file->count++] = id;
	return 0;
}

/* "name:password:id:...", in both files.  What is no entry is none of ours. */
static int account_line(struct host_file *file, char *line)
{
	char *name = strsep(&line, ":"), *id = NULL;
	uint32_t number;

	/* lines of "compat" stand for others' accounts */
	if (!*name || *name == '+' || *name == '-' || *name == '#')
		return 0;
	if (strsep(&line, ":"))
		id = strsep(&line, ":\n");
	return id && idmap_id_parse(id, &number) ? id_add(file, number) : 0;
}

static enum domain_mapping mapping_of_word(const char *word)
{
	if (strcmp(word, "winbind") == 0)
		return DOMAIN_WINBIND;
	return strcmp(word, "sss") == 0 ? DOMAIN_SSSD : DOMAIN_NONE;
}

/* "passwd: files winbind", of which the first service counts. */
static int nsswitch_line(struct host_file *file, char *line)
{
	char *save = NULL, *word;

	line[strcspn(line, "#")] = '\0';
	word = strtok_r(line, " \t\n:", &save);
	if (!word || strcmp(word, "passwd") != 0 || file->mapping != DOMAIN_NONE)
		return 0;
	while (file->mapping == DOMAIN_NONE && (word = strtok_r(NULL, " \t\n:", &save)))
		file->mapping = mapping_of_word(word);
	return 0;
}

static int lines_read(struct host_file *file, FILE *in)
{
	SCOPED_BUFFER char *line = NULL;
	size_t room = 0;
	int error = 0;

	while (!error && getline(&line, &room, in) >= 0)
		error = file == &files[NSSWITCH] ? nsswitch_line(file, line)
						 : account_line(file, line);
	return error || ferror(in) ? -EIO : 0;
}

static void file_read(struct host_file *file)
{
	FILE *in = fopen(file->path, "re");

	file_forget(file);
	if (!in) {
		/* without nsswitch.conf no host asks anybody else */
		file->is_known = errno == ENOENT && file == &files[NSSWITCH];
		return;
	}
	file->is_known = fstat(fileno(in), &file->st) == 0 && lines_read(file, in) == 0;
	fclose(in);
	if (file->count)
		qsort(file->ids, file->count, sizeof(*file->ids), id_order);
}

static bool is_configuration(const char *name)
{
	size_t length = strlen(name);

	return length > 5 && *name != '.' && strcmp(name + length - 5, ".conf") == 0;
}

/* What cannot be seen may be there. */
static bool has_configuration(const char *path)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;
	bool found = false;

	if (!folder)
		return errno != ENOENT;
	while (!found && (entry = readdir(folder)))
		found = is_configuration(entry->d_name);
	closedir(folder);
	return found;
}

/* Many hosts name sss in nsswitch.conf that have no SSSD: without configuration it does not run. */
static bool sssd_is_set_up(void)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/sssd.conf", sssd_folder);
	if (access(path, F_OK) == 0 || errno != ENOENT)
		return true;
	snprintf(path, sizeof(path), "%s/conf.d", sssd_folder);
	return has_configuration(path);
}

static void look_at_sssd(void)
{
	bool is_set_up = files[NSSWITCH].mapping == DOMAIN_SSSD && sssd_is_set_up();

	if (is_set_up != has_sssd)
		generation++;
	has_sssd = is_set_up;
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool file_changed(const struct host_file *file)
{
	struct stat st;

	if (stat(file->path, &st) < 0)
		return !file->is_known || file->st.st_ino;
	return !file->is_known || st.st_dev != file->st.st_dev || st.st_ino != file->st.st_ino ||
	       st.st_size != file->st.st_size || !same_time(&st.st_mtim, &file->st.st_mtim) ||
	       !same_time(&st.st_ctim, &file->st.st_ctim);
}

/* Looks again if it is time to.  The lock is held. */
static void look(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (has_looked && !is_test && now.tv_sec == looked)
		return;
	for (size_t i = 0; i < FILES; i++) {
		if (!files[i].path)
			files[i].path = host_paths[i];
		if (has_looked && !file_changed(&files[i]))
			continue;
		file_read(&files[i]);
		generation++;
	}
	look_at_sssd();
	has_looked = true;
	looked = now.tv_sec;
}

int host_mapping(enum domain_mapping *mapping)
{
	bool is_known;

	pthread_mutex_lock(&lock);
	look();
	is_known = files[NSSWITCH].is_known;
	*mapping = files[NSSWITCH].mapping;
	if (*mapping == DOMAIN_SSSD && !has_sssd)
		*mapping = DOMAIN_NONE;
	pthread_mutex_unlock(&lock);
	return is_known ? 0 : -EIO;
}

int host_is_own(const struct domain_id *id)
{
	const struct host_file *file = &files[id->is_group ? GROUP : PASSWD];
	int own;

	if (id->id == 0)
		return 1;
	pthread_mutex_lock(&lock);
	look();
	own = file->is_known ? file->count && bsearch(&id->id, file->ids, file->count,
						      sizeof(*file->ids), id_order)
			     : -EIO;
	pthread_mutex_unlock(&lock);
	return own;
}

uint64_t host_generation(void)
{
	uint64_t now;

	pthread_mutex_lock(&lock);
	look();
	now = generation;
	pthread_mutex_unlock(&lock);
	return now;
}

void host_test_files(const struct host_files *test)
{
	const char *const paths[FILES] = {
		test ? test->passwd : NULL,
		test ? test->group : NULL,
		test ? test->nsswitch : NULL,
	};

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < FILES; i++) {
		file_forget(&files[i]);
		files[i].path = paths[i];
	}
	sssd_folder = test ? test->sssd : HOST_SSSD;
	has_looked = false;
	is_test = test;
	generation++;
	pthread_mutex_unlock(&lock);
}
