/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Going up. */
#include "ancestry.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl/origin.h"
#include "text.h"

/* Opens one folder more. */
static int go_up(struct ancestry *ancestry)
{
	const struct site *below =
		ancestry->count ? ancestry->folders[ancestry->count - 1] : ancestry->object;
	struct site **folders =
		reallocarray(ancestry->folders, ancestry->count + 1, sizeof(struct site *));
	struct site *site = malloc(sizeof(*site));
	int error;

	if (folders)
		ancestry->folders = folders;
	if (!folders || !site || ancestry->count == ANCESTRY_MAX) {
		free(site);
		return ancestry->count == ANCESTRY_MAX ? -ELOOP : -ENOMEM;
	}
	*site = (struct site)SITE_NONE;
	error = site_above(below, site);
	if (error < 0) {
		site_clear(site);
		free(site);
		return error;
	}
	ancestry->folders[ancestry->count++] = site;
	return 0;
}

const struct site *ancestry_get(struct ancestry *ancestry, size_t level)
{
	while (ancestry->count <= level && ancestry->end == 0)
		ancestry->end = go_up(ancestry);
	return level < ancestry->count ? ancestry->folders[level] : NULL;
}

void ancestry_clear(struct ancestry *ancestry)
{
	for (size_t i = 0; i < ancestry->count; i++) {
		site_clear(ancestry->folders[i]);
		free(ancestry->folders[i]);
	}
	free(ancestry->folders);
	*ancestry = (struct ancestry){0};
}

/* One folder further; *@more if the entry there is inherited itself. */
static int follow_up(const struct site *child, const struct site *folder, const struct ace *ace,
		     struct trail *trail, bool *more)
{
	const struct origin_child heir = {child->sd, child->what.folder};
	bool found;
	size_t place;
	enum sd_error fault = origin_find(folder->sd, &heir, ace, &found, &place);

	*more = false;
	if (fault)
		return -sd_errno(fault);
	if (!found) {
		trail->end = TRAIL_NOT_HANDED;
		trail->after = folder;
		return 0;
	}
	trail->levels++;
	trail->from = folder;
	trail->place = place;
	trail->end = TRAIL_FOUND;
	*more = folder->sd->dacl->aces[place].flags & INHERITED_ACE;
	return 0;
}

int trail_follow(struct ancestry *ancestry, const struct ace *ace, struct trail *trail)
{
	const struct site *child = ancestry->object;
	bool more = true;
	int error = 0;

	*trail = (struct trail){0};
	for (size_t level = 0; more && error == 0; level++) {
		const struct site *folder = ancestry_get(ancestry, level);

		if (!folder) {
			trail->end = ancestry->end == -ENOENT ? TRAIL_TOP : TRAIL_UNKNOWN;
			trail->error = ancestry->end;
			break;
		}
		if (!folder->sd) {
			trail->end = TRAIL_UNKNOWN;
			trail->error = folder->error;
			trail->after = folder;
			break;
		}
		error = follow_up(child, folder, ace, trail, &more);
		if (trail->from)
			ace = &trail->from->sd->dacl->aces[trail->place];
		child = folder;
	}
	return error;
}

static void print_end(FILE *out, const struct trail *trail)
{
	switch (trail->end) {
	case TRAIL_NOT_HANDED:
		fputs(trail->from ? ", but " : "", out);
		text_print_name(out, trail->after->path);
		fputs(trail->from ? " does not hand it down to that" : " does not hand it down",
		      out);
		break;
	case TRAIL_TOP:
		fputs(trail->from ? ", where it came from above" : "from above", out);
		break;
	case TRAIL_UNKNOWN:
		fputs(trail->from ? ", which inherited it; " : "cannot be told: ", out);
		if (trail->after) {
			text_print_name(out, trail->after->path);
			fputs(": ", out);
		}
		fputs(strerror(-trail->error), out);
		break;
	default:
		break;
	}
}

char *trail_text(const struct trail *trail)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	if (trail->from) {
		fprintf(out, "from entry %zu of ", trail->place + 1);
		text_print_name(out, trail->from->path);
	}
	print_end(out, trail);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}
