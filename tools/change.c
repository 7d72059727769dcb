/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What all commands do alike that change descriptors. */
#include "change.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "acl/inherit.h"
#include "command.h"
#include "diff.h"
#include "error.h"
#include "exposure.h"
#include "specimen.h"

#define DESCRIPTOR_CLEANUP __attribute__((cleanup(descriptor_destroyp)))

bool change_option(struct change *change, int option)
{
	switch (option) {
	case 'n':
		change->dry_run = true;
		return true;
	case CHANGE_PROPAGATE:
		change->propagate = true;
		return true;
	case CHANGE_INTO_PRIVATE:
		change->into_private = true;
		return true;
	case CHANGE_HARD_LINKS:
		change->hard_links = true;
		return true;
	default:
		return scope_option(&change->scope, option);
	}
}

/* What is in a folder inherits of what that has now, or with -n would have. */
static void leave_below(const struct visit *visit, struct descriptor **sd)
{
	if (!visit->object->folder)
		return;
	*visit->below = *sd;
	*sd = NULL;
}

static void free_below(void *below)
{
	descriptor_destroy(below);
}

/* What came from standard input goes on, changed or not. */
static bool is_filter(const struct change *change, const struct object *object)
{
	return object->specimen && specimen_is_stream(object->specimen) && !change->dry_run;
}

int change_check_order(const struct target *target, const struct descriptor *to)
{
	unsigned int wanted = target->sd->control & SE_DACL_PROTECTED;

	if (wanted || !(to->control & SE_DACL_PROTECTED))
		return STATUS_OK;
	error_about(target->path,
		    "its explicit entries stand behind inherited ones, which would be "
		    "lost: nothing is handed down; see guise verify, and guise reset");
	return STATUS_FAILED;
}

int change_hand_down(void *context, const struct target *target, struct descriptor **to)
{
	enum sd_error error;
	bool changed;

	if (!target->above) {
		error_about(target->path, "what its folder has could not be read, so nothing is "
					  "handed down");
		return STATUS_FAILED;
	}
	error = inherit_propagate(target->above, target->sd, target->folder, to, &changed);
	if (error != SD_OK) {
		error_about(target->path, "%s", sd_strerror(error));
		return STATUS_FAILED;
	}
	return change_check_order(target, *to);
}

/*
 * Who put a name of a file into a tree need not have any right on the file: what has names
 * elsewhere is somebody else's affair, too.
 */
static int check_links(const struct target *target)
{
	const struct object *object = target->visit->object;

	if (target->named || target->folder || object->links <= 1)
		return STATUS_OK;
	error_about(target->path, "it has other names (hard links), maybe elsewhere, which would "
				  "change with it: say --hard-links to mean it");
	return STATUS_FAILED;
}

/*
 * A folder whose DACL is changed hands it down from now on with marks, so that what is inherited
 * can be told from what is explicit and taken back: as SetNamedSecurityInfo() has it.
 */
static void mark_folder(const struct descriptor *from, struct descriptor *to)
{
	if (to->dacl && (descriptor_differs(from, to) & PART_DACL))
		to->control |= SE_DACL_AUTO_INHERITED;
}

/* Is there a reason not to change @target? */
static int check(const struct change *change, const struct target *target,
		 const struct descriptor *to)
{
	int status = change->hard_links ? STATUS_OK : check_links(target);

	if (status == STATUS_OK && !change->into_private && !change->states_dacl)
		status = exposure_check(target, to);
	return status;
}

/*
 * What is to be gone, or to be the whole list, must not come back with the next chmod(2) that gives
 * what an earlier one took.
 */
static int forget_hidden(const struct change *change, const struct target *target,
			 const struct descriptor *sd)
{
	const struct object *object = target->visit->object;
	int error;

	if ((!change->takes_away && !change->states_dacl) || !(sd->control & SE_DACL_PRESENT) ||
	    !object_is_narrowed(object))
		return STATUS_OK;
	if (change->dry_run) {
		error_about(target->path, "what a chmod hides of its list would be gone for good");
		return STATUS_OK;
	}
	error = object_write_parts(object, sd, PART_DACL);
	return error < 0 ? object_report_write(target->path, -error, PART_DACL) : STATUS_OK;
}

/* Has the command say what @from is to be, and does it.  What the object has then is in *@now. */
static int apply(struct change *change, const struct visit *visit, struct target *target,
		 struct descriptor **now)
{
	DESCRIPTOR_CLEANUP struct descriptor *to = NULL;
	unsigned int parts;
	bool inherits = change->propagate && !target->named;
	int error = 0, status;

	status = inherits ? change_hand_down(NULL, target, &to)
			  : change->make(change->context, target, &to);

	if (status != STATUS_OK)
		return status;
	if (to && target->folder)
		mark_folder(*now, to);
	parts = to ? descriptor_differs(*now, to) : 0;
	if (!parts && !is_filter(change, visit->object)) {
		change->unchanged++;
		return forget_hidden(change, target, *now);
	}
	status = parts ? check(change, target, to) : STATUS_OK;
	if (status != STATUS_OK)
		return status;
	if (change->dry_run)
		error = diff_print(stdout, visit->path, *now, visit->path, to ? to : *now);
	else
		error = object_write(visit->object, *now, to ? to : *now);
	if (error < 0)
		return object_report_write(visit->path, -error, parts);
	change->changed++;
	if (to) {
		descriptor_destroy(*now);
		*now = to;
		to = NULL;
	}
	return STATUS_OK;
}

static int change_visit(void *context, const struct visit *visit)
{
	DESCRIPTOR_CLEANUP struct descriptor *sd = NULL;
	struct change *change = context;
	struct target target = {
		.path = visit->path,
		.folder = visit->object->folder,
		.named = visit->depth == 0,
		.visit = visit,
		.above = visit->above,
	};
	int error = object_read(visit->object, &sd, &target.origin);
	int status = STATUS_OK;

	if (error < 0)
		return object_report_read(visit->path, -error);
	target.sd = sd;
	if (!visit->passed)
		status = apply(change, visit, &target, &sd);
	leave_below(visit, &sd);
	return status;
}

/* What came of a run that went on after failures. */
static void summarize(const struct change *change, unsigned long failed)
{
	error_say("%lu %s, %lu as %s, %lu failed", change->changed,
		  change->dry_run ? "would be changed" : "changed", change->unchanged,
		  change->unchanged == 1 ? "it was" : "they were", failed);
}

int change_paths(struct change *change, char *const *paths, int count)
{
	unsigned long failed = 0;
	const struct walk walk = {
		.scope = &change->scope,
		.visit = change_visit,
		.leave = free_below,
		.context = change,
		.shows_progress = !change->dry_run,
		.failed = &failed,
	};
	int status = scope_check(&change->scope, count);

	if (change->propagate && change->scope.recursive)
		return error_usage("--propagate and -R exclude each other");
	if (change->propagate)
		change->scope.recursive = true;
	if (status != STATUS_OK)
		return status;
	status = walk_paths(&walk, paths, count);
	if (failed && change->scope.keep_going)
		summarize(change, failed);
	return status;
}

int change_parent(const struct target *target, struct descriptor **parent)
{
	OBJECT_CLEANUP struct object folder = OBJECT_NONE;
	enum origin origin;
	int error;

	*parent = NULL;
	if (target->above) {
		*parent = descriptor_copy(target->above);
		return *parent ? STATUS_OK : error_report(target->path, ENOMEM);
	}
	error = target->visit ? visit_parent(target->visit, &folder) : -ENOENT;
	if (error == -ENOENT)
		return STATUS_OK;
	if (error == 0)
		error = object_read(&folder, parent, &origin);
	if (error < 0) {
		error_about(target->path, "the descriptor of its folder cannot be read: %s",
			    strerror(-error));
		return error_status(-error);
	}
	return STATUS_OK;
}
