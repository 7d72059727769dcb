/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Objects, and what decides about them. */
#include "site.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "text.h"

#define ATTRIBUTE_CHECK_SACL "system.guise.access.check.0x01000000"

static void take_word(struct site *site, const char *word)
{
	if (strcmp(word, "implied") == 0)
		site->what.nature |= ACTION_IMPLIED;
	else if (strcmp(word, "sticky") == 0)
		site->what.nature |= ACTION_STICKY;
	else if (strcmp(word, "by-mode") == 0)
		site->what.nature |= ACTION_BY_MODE;
	else if (strcmp(word, "root") == 0)
		site->root = true;
	else if (strcmp(word, "traverse-strict") == 0)
		site->strict = true;
	else if (strcmp(word, "attributes-public") == 0)
		site->public = true;
	else if (strcmp(word, "root-squash") == 0)
		site->squash = true;
}

/* What the mount says of itself and the object. */
static void ask_mount(struct site *site)
{
	TEXT_CLEANUP char *words = NULL;
	TEXT_CLEANUP char *check = NULL;
	char *rest;
	size_t size;

	site->no_natures = object_attribute(&site->object, ATTRIBUTE_NATURE, &words, &size) < 0;
	rest = site->no_natures ? NULL : words;
	for (char *word; (word = strsep(&rest, " "));)
		take_word(site, word);
	if (site->sd->control & SE_SACL_PRESENT)
		return;
	site->no_sacl = object_attribute(&site->object, ATTRIBUTE_CHECK_SACL, &check, &size) < 0 ||
			!strstr(check, " yes");
}

/* What a mount of this backing folder would find. */
static void ask_backing(struct site *site)
{
	struct stat st;

	site->no_natures = site->origin == ORIGIN_STORED;
	if (site->origin != ORIGIN_IMPLIED)
		return;
	site->what.nature = ACTION_IMPLIED | ACTION_BY_MODE;
	if (fstat(site->object.fd, &st) == 0 && (st.st_mode & S_ISVTX))
		site->what.nature |= ACTION_STICKY;
}

int site_adopt(struct object *object, const char *path, struct site *site)
{
	site->object = *object;
	object->fd = -1;
	site->what.folder = site->object.folder;
	site->path = strdup(path);
	if (!site->path)
		return -ENOMEM;
	site->error = object_read(&site->object, &site->sd, &site->origin);
	if (site->error)
		return 0;
	site->what.sd = site->sd;
	if (site->object.guisefs)
		ask_mount(site);
	else
		ask_backing(site);
	return 0;
}

int site_visit(const struct visit *visit, struct site *site)
{
	struct object object = *visit->object;

	site->borrowed = true;
	site->within = visit->folder;
	return site_adopt(&object, visit->path, site);
}

int site_open(const char *path, const struct scope *scope, struct site *site)
{
	struct object object = OBJECT_NONE;
	int error = scope && scope_is_specimen(scope, path)
			    ? object_open_specimen(path, scope->folder, &object)
			    : object_open(path, &object);

	if (error == 0)
		return site_adopt(&object, path, site);
	object_close(&object);
	return error;
}

/* The folder above a folder, whatever is renamed meanwhile. */
static int open_up(const struct object *object, struct object *up)
{
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_NO_XDEV,
	};
	int fd = (int)syscall(SYS_openat2, object->fd, "..", &how, sizeof(how));
	int error;

	if (fd < 0)
		return errno == EXDEV ? -ENOENT : -errno;
	error = object_adopt(fd, up);
	/* the root of everything is its own folder */
	if (error == 0 && (up->mount != object->mount || up->ino == object->ino))
		error = -ENOENT;
	return error;
}

/* Where it is now, as the kernel knows it; else what it is. */
static void path_of(const struct object *object, const char *child, char path[PATH_MAX + 8])
{
	ssize_t length = readlink(object->link, path, PATH_MAX);

	if (length > 0)
		path[length] = '\0';
	else
		snprintf(path, PATH_MAX + 8, "%s/..", child);
}

int site_above(const struct site *site, struct site *folder)
{
	const struct visit visit = {
		.path = site->path, .object = &site->object, .folder = site->within};
	struct object up = OBJECT_NONE;
	char path[PATH_MAX + 8];
	int error;

	if (site->root || site->object.specimen)
		return -ENOENT;
	error = site->object.folder ? open_up(&site->object, &up) : visit_parent(&visit, &up);
	if (error < 0) {
		object_close(&up);
		return error;
	}
	path_of(&up, site->path, path);
	return site_adopt(&up, path, folder);
}

void site_clear(struct site *site)
{
	if (!site->borrowed)
		object_close(&site->object);
	free(site->path);
	descriptor_destroy(site->sd);
	*site = (struct site)SITE_NONE;
}
