/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What all commands do alike that change descriptors. */
#include "change.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "acl/sddl.h"
#include "command.h"
#include "error.h"
#include "specimen.h"
#include "text.h"

#define DESCRIPTOR_CLEANUP __attribute__((cleanup(descriptor_destroyp)))

/* how often an object is read again that somebody else is changing, too */
#define TRIES 5

bool change_option(struct change *change, int option)
{
	if (option == 'n') {
		change->dry_run = true;
		return true;
	}
	return scope_option(&change->scope, option);
}

static void print_line(char sign, const struct descriptor *sd)
{
	TEXT_CLEANUP char *text = NULL;

	putchar(sign);
	if (sddl_write(sd, NULL, &text) == SD_OK)
		text_print(stdout, text);
	else
		fputs("(a descriptor that has no text)", stdout);
	putchar('\n');
}

static void print_difference(const char *path, const struct descriptor *from,
			     const struct descriptor *to)
{
	fputs("--- ", stdout);
	text_print_name(stdout, path);
	fputs("\n+++ ", stdout);
	text_print_name(stdout, path);
	putchar('\n');
	print_line('-', from);
	print_line('+', to);
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
static bool is_filter(const struct change *change, const struct object *object, int status)
{
	return object->specimen && specimen_is_stream(object->specimen) && status == STATUS_OK &&
	       !change->dry_run;
}

/* Once: -ESTALE if somebody else changed it meanwhile; other failures were reported. */
static int try(const struct change *change, const struct visit *visit, int *status)
{
	DESCRIPTOR_CLEANUP struct descriptor *from = NULL;
	DESCRIPTOR_CLEANUP struct descriptor *to = NULL;
	struct target target = {
		.path = visit->path,
		.folder = visit->object->folder,
		.named = visit->depth == 0,
		.visit = visit,
		.above = visit->above,
	};
	unsigned int parts;
	int error = object_read(visit->object, &from, &target.origin);

	if (error < 0) {
		*status = object_report_read(visit->path, -error);
		return 0;
	}
	target.sd = from;
	*status = change->make(change->context, &target, &to);
	parts = *status == STATUS_OK && to ? descriptor_differs(from, to) : 0;
	if (!parts && !is_filter(change, visit->object, *status)) {
		leave_below(visit, &from);
		return 0;
	}
	if (change->dry_run)
		print_difference(visit->path, from, to);
	else
		error = object_write(visit->object, from, to ? to : from);
	if (error == -ESTALE)
		return error;
	if (error < 0)
		*status = object_report_write(visit->path, -error, parts);
	leave_below(visit, error < 0 || !to ? &from : &to);
	return 0;
}

static int change_visit(void *context, const struct visit *visit)
{
	const struct change *change = context;
	int status = STATUS_OK;

	for (int i = 0; i < TRIES; i++) {
		if (try(change, visit, &status) == 0)
			return status;
	}
	return object_report_write(visit->path, ESTALE, 0);
}

int change_paths(struct change *change, char *const *paths, int count)
{
	const struct walk walk = {
		.scope = &change->scope,
		.visit = change_visit,
		.leave = free_below,
		.context = change,
	};
	int status = scope_check(&change->scope, count);

	return status == STATUS_OK ? walk_paths(&walk, paths, count) : status;
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
