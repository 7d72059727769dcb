/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Comparing the descriptors of two trees: the first is gone through and the other one asked for the
 * same paths, then the other way round for what only that has.
 */
#include "diff_trees.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "below.h"
#include "command.h"
#include "diff_report.h"
#include "error.h"
#include "keyring/scoped.h"
#include "text.h"
#include "walk.h"

#define DESCRIPTOR_CLEANUP __attribute__((cleanup(descriptor_destroyp)))

struct trees {
	enum format format;
	const char *root, *other_root; /* names: of what is gone through, and of the other */
	struct object other;
	bool back; /* the second is gone through, for what only it has */
	bool differs;
	char *only; /* a folder that the other has not: nor has it what is in that */
};

/* The path of @visit below the root. */
static const char *below_root(const struct trees *trees, const struct visit *visit)
{
	const char *path = visit->path + strlen(trees->root);

	return visit->depth == 0 ? "." : path + strspn(path, "/");
}

static bool is_in_only(const struct trees *trees, const char *path)
{
	size_t length = trees->only ? strlen(trees->only) : 0;

	return length && strncmp(path, trees->only, length) == 0 && path[length] == '/';
}

static char *other_name(const struct trees *trees, const char *path)
{
	char *name;

	if (strcmp(path, ".") == 0)
		return strdup(trees->other_root);
	return asprintf(&name, "%s/%s", trees->other_root, path) < 0 ? NULL : name;
}

/* What the other tree has not. */
static int report_only(struct trees *trees, const struct visit *visit, const char *path)
{
	DESCRIPTOR_CLEANUP struct descriptor *sd = NULL;
	struct diff_side side = {visit->path, NULL, visit->object->folder};
	const struct diff_side none = {visit->path, NULL, false};
	enum origin origin;
	int error = object_read(visit->object, &sd, &origin);

	free(trees->only);
	trees->only = visit->object->folder ? strdup(path) : NULL;
	if (error < 0)
		return object_report_read(visit->path, -error);
	side.sd = sd;
	return trees->back ? diff_report(trees->format, &none, &side, &trees->differs)
			   : diff_report(trees->format, &side, &none, &trees->differs);
}

static int compare(struct trees *trees, const struct visit *visit, const struct object *other,
		   const char *name)
{
	DESCRIPTOR_CLEANUP struct descriptor *mine = NULL;
	DESCRIPTOR_CLEANUP struct descriptor *theirs = NULL;
	struct diff_side a = {visit->path, NULL, visit->object->folder};
	struct diff_side b = {name, NULL, other->folder};
	enum origin origin;
	bool differs;
	int error = object_read(visit->object, &mine, &origin), status;

	if (error < 0)
		return object_report_read(visit->path, -error);
	error = object_read(other, &theirs, &origin);
	if (error < 0)
		return object_report_read(name, -error);
	a.sd = mine;
	b.sd = theirs;
	status = diff_report(trees->format, &a, &b, &differs);
	trees->differs |= differs;
	if (a.folder != b.folder && trees->format == FORMAT_TEXT) {
		text_print_name(stdout, a.folder ? a.name : b.name);
		puts(" is a folder, the other is not");
		trees->differs = true;
	}
	return status;
}

static int trees_visit(void *context, const struct visit *visit)
{
	struct trees *trees = context;
	OBJECT_CLEANUP struct object other = OBJECT_NONE;
	const char *path = below_root(trees, visit);
	SCOPED_BUFFER char *name = NULL;
	int error;

	if (is_in_only(trees, path))
		return STATUS_OK;
	error = below_open(&trees->other, path, &other);
	if (error == -ENOENT || error == -ENOTDIR)
		return report_only(trees, visit, path);
	name = other_name(trees, path);
	if (!name)
		error = -ENOMEM;
	if (error < 0)
		return error_report(name ? name : path, -error);
	return trees->back ? STATUS_OK : compare(trees, visit, &other, name);
}

static int open_root(const char *path, struct object *root)
{
	int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	int error = fd < 0 ? -errno : object_adopt(fd, root);

	if (error < 0)
		return error_report(path, -error);
	if (!root->symlink)
		return STATUS_OK;
	error_about(path, "a symbolic link; with a slash at the end it is what the link leads to");
	return STATUS_FAILED;
}

static int one_way(struct trees *trees, const struct scope *scope)
{
	const struct walk walk = {.scope = scope, .visit = trees_visit, .context = trees};
	int status = open_root(trees->other_root, &trees->other);
	char *path = strdup(trees->root);

	if (status == STATUS_OK)
		status = path ? walk_paths(&walk, &path, 1) : error_report(trees->root, ENOMEM);
	free(path);
	free(trees->only);
	trees->only = NULL;
	object_close(&trees->other);
	return status;
}

int diff_trees(const struct scope *scope, enum format format, const char *a, const char *b,
	       bool *differs)
{
	struct trees trees = {.format = format, .root = a, .other_root = b, .other = OBJECT_NONE};
	int there = one_way(&trees, scope), back = STATUS_OK;

	trees.back = true;
	trees.root = b;
	trees.other_root = a;
	if (there == STATUS_OK || there == STATUS_PARTIAL)
		back = one_way(&trees, scope);
	*differs = trees.differs;
	return there != STATUS_OK ? there : back;
}
