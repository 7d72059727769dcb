/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Restoring saved descriptors one by one.
 */
#include "restoration.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "acl/sids.h"
#include "below.h"
#include "command.h"
#include "diff.h"
#include "error.h"
#include "fs/store/at_rest.h"
#include "keyring/scoped.h"

#define DESCRIPTOR_CLEANUP __attribute__((cleanup(descriptor_destroyp)))

/* A folder that is restored after what is in it. */
struct waiting {
	struct waiting *above;
	struct object object;
	struct saved saved;
};

/* @path of a record, for people. */
static char *full_name(const struct restoration *restoration, const char *path)
{
	size_t length = strlen(restoration->name);
	bool slash = length && restoration->name[length - 1] == '/';
	char *name;

	if (strcmp(path, ".") == 0)
		return strdup(restoration->name);
	return asprintf(&name, "%s%s%s", restoration->name, slash ? "" : "/", path) < 0 ? NULL
											: name;
}

static int report_open(const char *name, int error)
{
	switch (error) {
	case ENOENT:
		error_about(name, "not restored: it is gone");
		return STATUS_FAILED;
	case ELOOP:
	case ENOTDIR:
		error_about(name, "not restored: a symbolic link, or no folder, is on the way");
		return STATUS_FAILED;
	case EXDEV:
		error_about(name, "not restored: it is on another file system");
		return STATUS_FAILED;
	default:
		return error_report(name, error);
	}
}

/* Is @object what was saved? */
static bool has_type(const struct object *object, char type)
{
	struct statx st;

	if (type == SAVED_UNKNOWN)
		return !object->symlink;
	return statx(object->fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &st) == 0 &&
	       saved_type(st.stx_mode) == type;
}

/* The saved descriptor with other SIDs. */
static int map_sids(const struct restoration *restoration, const char *name, struct saved *saved)
{
	struct descriptor *mapped;
	enum sd_error error;
	size_t count, hidden;

	if (!restoration->map || restoration->map->count == 0)
		return STATUS_OK;
	hidden = sids_hidden(saved->sd);
	if (hidden > 0) {
		error_about(name,
			    "not restored: it has %zu %s in which SIDs cannot be told, nor mapped",
			    hidden, hidden == 1 ? "entry" : "entries");
		return STATUS_FAILED;
	}
	error = sids_map(saved->sd, sidmap_find, restoration->map, &mapped, &count);
	if (error != SD_OK) {
		error_about(name, "not restored: %s", sd_strerror(error));
		return STATUS_FAILED;
	}
	descriptor_destroy(saved->sd);
	saved->sd = mapped;
	/* a mode need not be able to say it of others */
	saved->implied = saved->implied && count == 0;
	return STATUS_OK;
}

/* What is to be there, of what is saved and what is there. */
static enum sd_error wanted(const struct restoration *restoration, const struct saved *saved,
			    const struct descriptor *from, struct descriptor **to)
{
	const struct descriptor *base = restoration->whole ? saved->sd : from;
	const struct descriptor *over = restoration->whole ? from : saved->sd;
	unsigned int parts = restoration->parts;
	enum sd_error error;

	*to = descriptor_copy(base);
	if (!*to)
		return SD_NO_MEMORY;
	if (restoration->whole) {
		descriptor_keep(*to, parts);
		parts = PART_ALL & ~parts;
	}
	error = descriptor_merge(*to, over, parts & descriptor_parts(over));
	if (error != SD_OK) {
		descriptor_destroy(*to);
		*to = NULL;
	}
	return error;
}

/*
 * A mount takes no list away: an empty SACL, and a DACL that is NULL, say what there being none
 * says.
 */
static int for_mount(const struct descriptor *from, struct descriptor *to)
{
	if ((from->control & SE_SACL_PRESENT) && !(to->control & SE_SACL_PRESENT)) {
		to->sacl = acl_create();
		if (!to->sacl)
			return -ENOMEM;
		to->control |= SE_SACL_PRESENT;
	}
	if ((from->control & SE_DACL_PRESENT) && !(to->control & SE_DACL_PRESENT))
		to->control |= SE_DACL_PRESENT;
	return 0;
}

/* Is there to be a stored descriptor, or none, as it was? */
static bool minds_storing(const struct restoration *restoration)
{
	return restoration->whole && (~restoration->parts & (PART_ALL & ~PART_SACL)) == 0;
}

/* On a mount nobody can tell. */
static bool is_stored_as(const struct restoration *restoration, const struct saved *saved,
			 enum origin origin)
{
	return origin == ORIGIN_MOUNT || !minds_storing(restoration) ||
	       (origin == ORIGIN_IMPLIED) == saved->implied;
}

/* Stores @to as it is, whatever control bits it has; or what it implied, and takes it away. */
static int write_backing(const struct restoration *restoration, const struct object *object,
			 const struct saved *saved, const struct descriptor *to)
{
	struct stat st;
	mode_t keep;
	int error;

	if (geteuid() != 0)
		return -EOPNOTSUPP;
	if (fstat(object->fd, &st) < 0)
		return -errno;
	keep = 0777 | (local_special_bits(&st) & S_ISGID);
	error = local_descriptor_store(object->fd, to, NULL, keep);
	if (error == 0 && saved->implied && minds_storing(restoration) &&
	    removexattr(object->link, ATTRIBUTE_NTACL) < 0)
		error = errno == ENODATA ? 0 : -errno;
	return error;
}

/* Do @a and @b say the same, byte for byte? */
static bool is_same(const struct descriptor *a, const struct descriptor *b)
{
	return descriptor_equal(a, b) && a->sbz1 == b->sbz1;
}

/*
 * A mount keeps control bits that are not those of a list as they are; and what mode and POSIX ACL
 * imply has none that was not saved.
 */
static bool is_restored(const struct object *object, const struct descriptor *now,
			const struct descriptor *to)
{
	return object->guisefs ? descriptor_differs(now, to) == 0 : is_same(now, to);
}

static int check(const struct restoration *restoration, const struct object *object,
		 const char *name, const struct saved *saved, const struct descriptor *to)
{
	DESCRIPTOR_CLEANUP struct descriptor *now = NULL;
	enum origin origin;
	int error = object_read(object, &now, &origin);

	if (error < 0) {
		error_about(name, "restored, but it cannot be read back: %s", error_text(-error));
		return STATUS_FAILED;
	}
	if (is_restored(object, now, to) && is_stored_as(restoration, saved, origin))
		return STATUS_OK;
	error_about(name, "restored, but it is not what was saved:");
	diff_print(stderr, "saved", to, "restored", now);
	return STATUS_FAILED;
}

/* The DACL in any case, so that no chmod(2) brings back what an earlier one hid. */
static int write_mounted(const struct object *object, const struct descriptor *from,
			 const struct descriptor *to)
{
	unsigned int parts = descriptor_differs(from, to) | PART_DACL;

	return object_write_parts(object, to, parts & descriptor_parts(to));
}

static int write_it(struct restoration *restoration, const struct object *object, const char *name,
		    const struct saved *saved, const struct descriptor *from,
		    const struct descriptor *to)
{
	int error;

	restoration->changed++;
	if (restoration->dry_run) {
		error = diff_print(stdout, name, from, name, to);
		if (error == 0)
			error_about(name, saved->implied
						  ? "its stored descriptor would go, which says "
						    "what its mode says"
						  : "what its mode says would be stored");
		return error < 0 ? error_report(name, -error) : STATUS_OK;
	}
	error = object->guisefs ? write_mounted(object, from, to)
				: write_backing(restoration, object, saved, to);
	if (error < 0)
		return object_report_write(name, -error, descriptor_differs(from, to));
	return check(restoration, object, name, saved, to);
}

static int apply_named(struct restoration *restoration, const struct object *object,
		       const char *name, struct saved *saved)
{
	DESCRIPTOR_CLEANUP struct descriptor *from = NULL;
	DESCRIPTOR_CLEANUP struct descriptor *to = NULL;
	enum origin origin;
	int error = object_read(object, &from, &origin);
	int status;

	if (error < 0)
		return object_report_read(name, -error);
	status = map_sids(restoration, name, saved);
	if (status != STATUS_OK)
		return status;
	error = -sd_errno(wanted(restoration, saved, from, &to));
	if (error == 0 && object->guisefs)
		error = for_mount(from, to);
	if (error < 0)
		return error_report(name, -error);
	if (is_restored(object, from, to) && is_stored_as(restoration, saved, origin) &&
	    !((to->control & SE_DACL_PRESENT) && object_is_narrowed(object)))
		return STATUS_OK;
	return write_it(restoration, object, name, saved, from, to);
}

static int apply(struct restoration *restoration, const struct object *object, struct saved *saved)
{
	SCOPED_BUFFER char *name = full_name(restoration, saved->path);

	return name ? apply_named(restoration, object, name, saved)
		    : error_report(saved->path, ENOMEM);
}

static void waiting_free(struct waiting *waiting)
{
	object_close(&waiting->object);
	saved_clear(&waiting->saved);
	free(waiting);
}

/* Restores the deepest folder that waits. */
static int pop(struct restoration *restoration)
{
	struct waiting *waiting = restoration->waiting;
	int status = apply(restoration, &waiting->object, &waiting->saved);

	restoration->waiting = waiting->above;
	waiting_free(waiting);
	return status;
}

/* Restores all that wait, the uppermost first: the way down is barred. */
static int pop_from_top(struct restoration *restoration)
{
	struct waiting *turned = NULL;
	int worst = STATUS_OK;

	while (restoration->waiting) {
		struct waiting *waiting = restoration->waiting;

		restoration->waiting = waiting->above;
		waiting->above = turned;
		turned = waiting;
	}
	while (turned) {
		struct waiting *waiting = turned;
		int status = apply(restoration, &waiting->object, &waiting->saved);

		turned = waiting->above;
		waiting_free(waiting);
		worst = status != STATUS_OK ? status : worst;
	}
	return worst;
}

static bool is_below(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	return strcmp(folder, ".") == 0 ||
	       (strncmp(path, folder, length) == 0 && path[length] == '/');
}

/* Nothing more comes of the folders that @path is not in. */
static int leave_folders(struct restoration *restoration, const char *path)
{
	int worst = STATUS_OK;

	while (restoration->waiting && !is_below(path, restoration->waiting->saved.path)) {
		int status = pop(restoration);

		worst = status != STATUS_OK ? status : worst;
	}
	return worst;
}

/* Takes over @object and @saved. */
static int push(struct restoration *restoration, struct object *object, struct saved *saved)
{
	struct waiting *waiting = malloc(sizeof(*waiting));

	if (!waiting)
		return -ENOMEM;
	*waiting = (struct waiting){restoration->waiting, *object, *saved};
	restoration->waiting = waiting;
	object->fd = -1;
	*saved = (struct saved){0};
	return 0;
}

static int open_it(struct restoration *restoration, const char *path, struct object *object,
		   int *worst)
{
	int error = below_open(&restoration->root, path, object);

	if (error != -EACCES || !restoration->waiting || restoration->dry_run)
		return error;
	*worst = pop_from_top(restoration);
	object_close(object);
	return below_open(&restoration->root, path, object);
}

static int report_it(const struct restoration *restoration, const char *path, int error)
{
	SCOPED_BUFFER char *name = full_name(restoration, path);

	return report_open(name ? name : path, -error);
}

static int report_type(const struct restoration *restoration, const char *path)
{
	SCOPED_BUFFER char *name = full_name(restoration, path);

	error_about(name ? name : path, "not restored: it is not of the type that was saved");
	return STATUS_FAILED;
}

/* Who can put a name there need not have any right on what it names. */
static int report_links(const struct restoration *restoration, const char *path)
{
	SCOPED_BUFFER char *name = full_name(restoration, path);

	error_about(name ? name : path, "not restored: it has other names (hard links), maybe "
					"elsewhere: say --hard-links to mean it");
	return STATUS_FAILED;
}

int restoration_take(struct restoration *restoration, struct saved *saved)
{
	OBJECT_CLEANUP struct object object = OBJECT_NONE;
	int worst = leave_folders(restoration, saved->path);
	int error = open_it(restoration, saved->path, &object, &worst);
	int status;

	if (error == 0 && !has_type(&object, saved->type))
		return report_type(restoration, saved->path);
	if (error == 0 && !object.folder && object.links > 1 && !restoration->hard_links)
		return report_links(restoration, saved->path);
	if (error == 0 && object.folder && !restoration->dry_run)
		error = push(restoration, &object, saved);
	if (error < 0)
		return report_it(restoration, saved->path, error);
	if (!saved->path)
		return worst;
	status = apply(restoration, &object, saved);
	return status != STATUS_OK ? status : worst;
}

int restoration_finish(struct restoration *restoration)
{
	int worst = STATUS_OK;

	while (restoration->waiting) {
		int status = pop(restoration);

		worst = status != STATUS_OK ? status : worst;
	}
	return worst;
}
