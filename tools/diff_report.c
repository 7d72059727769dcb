/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What guise diff says of two objects.
 */
#include "diff_report.h"

#include <errno.h>
#include <stdio.h>

#include "command.h"
#include "diff.h"
#include "error.h"
#include "text.h"

static json_t *side_json(const struct diff_side *side)
{
	json_t *object;

	if (!side->sd)
		return json_null();
	object = json_object();
	if (format_put_path(object, side->name) < 0 ||
	    json_object_update_new(object, format_descriptor(side->sd, side->folder, ORIGIN_FILE)) <
		    0) {
		json_decref(object);
		return NULL;
	}
	json_object_del(object, "origin");
	return object;
}

static int print_json(const struct diff_side *a, const struct diff_side *b)
{
	json_t *object = json_object();
	int error = format_put_path(object, a->sd ? a->name : b->name);

	if (json_object_set_new(object, "a", side_json(a)) < 0 ||
	    json_object_set_new(object, "b", side_json(b)) < 0)
		error = -1;
	if (error < 0) {
		json_decref(object);
		return -ENOMEM;
	}
	return format_print(object);
}

static int print_text(const struct diff_side *a, const struct diff_side *b)
{
	int printed;

	if (!a->sd || !b->sd) {
		fputs("only ", stdout);
		text_print_name(stdout, a->sd ? a->name : b->name);
		putchar('\n');
		return 0;
	}
	printed = diff_print(stdout, a->name, a->sd, b->name, b->sd);
	if (printed == 0)
		printf("what differs has no text\n");
	return printed;
}

int diff_report(enum format format, const struct diff_side *a, const struct diff_side *b,
		bool *differs)
{
	int error;

	*differs = !a->sd || !b->sd || !descriptor_equal(a->sd, b->sd);
	if (!*differs)
		return STATUS_OK;
	error = format == FORMAT_JSON ? print_json(a, b) : print_text(a, b);
	return error < 0 ? error_report(a->name, -error) : STATUS_OK;
}
