/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Curing one part of a ruling after the other, on copies. */
#include "cure.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl/mask.h"
#include "entry.h"
#include "text.h"

/* The inquiry as it would be. */
struct plan {
	const struct inquiry *inquiry;
	const struct token *token;
	struct cure *cure;
	struct action_object places[ACTION_PLACES]; /* with the descriptors that would be */
	bool there[ACTION_PLACES];
};

static void plan_begin(struct plan *plan)
{
	const struct inquiry *inquiry = plan->inquiry;

	plan->places[ACTION_OBJECT] = inquiry->object.what;
	plan->there[ACTION_OBJECT] = true;
	if (inquiry->has_folder)
		plan->places[ACTION_FOLDER] = inquiry->folder.what;
	plan->there[ACTION_FOLDER] = inquiry->has_folder;
	if (inquiry->has_target)
		plan->places[ACTION_TARGET] = inquiry->target.what;
	plan->there[ACTION_TARGET] = inquiry->has_target;
}

static int plan_judge(const struct plan *plan, struct action_ruling *ruling)
{
	struct action_scene scene = {
		.token = plan->token,
		.public_attributes = plan->inquiry->object.public,
	};
	enum sd_error fault;

	for (int i = 0; i < ACTION_PLACES; i++)
		scene.places[i] = plan->there[i] ? &plan->places[i] : NULL;
	fault = action_judge(&plan->inquiry->action, &scene, ruling);
	return fault ? -sd_errno(fault) : 0;
}

/* Finds what changes the answer of @check; *@item is NULL if nothing does. */
static int cure_check(struct plan *plan, const struct action_check *check, struct cure_item **item)
{
	enum action_where where = check->where;
	struct cure *cure = plan->cure;
	enum sd_error fault;

	*item = NULL;
	if (where == ACTION_TARGET && !plan->there[where])
		where = ACTION_FOLDER;
	if (!check->known || cure->count == CURE_ITEMS)
		return 0;
	*item = &cure->items[cure->count];
	(*item)->site = inquiry_site(plan->inquiry, check->where);
	fault = remedy_find(plan->places[where].sd, plan->token, &check->explanation,
			    &(*item)->remedy);
	if (fault)
		return -sd_errno(fault);
	if ((*item)->remedy.why_not != REMEDY_FOUND) {
		cure->why_not = (*item)->remedy.why_not;
		remedy_clear(&(*item)->remedy);
		*item = NULL;
		return 0;
	}
	plan->places[where].sd = (*item)->remedy.result;
	/* who sets a descriptor has one that no mode implies */
	plan->places[where].nature = 0;
	cure->count++;
	return 0;
}

/* The last part of the ruling is the one that denied. */
static int cure_part(struct plan *plan, const struct action_ruling *ruling, bool *done)
{
	const struct action_part *part = &ruling->parts[ruling->count - 1];
	struct cure_item *item = NULL;
	int error = 0;

	for (size_t i = 0; i < part->count && !item && error == 0; i++)
		error = cure_check(plan, &part->checks[i], &item);
	*done = item;
	return error;
}

static int cure_barrier(struct plan *plan)
{
	const struct inquiry *inquiry = plan->inquiry;
	struct cure *cure = plan->cure;
	struct cure_item *item = &cure->items[cure->count];
	enum sd_error fault;

	item->site = inquiry->barrier;
	fault = remedy_find(inquiry->barrier->sd, plan->token, &inquiry->passing, &item->remedy);
	if (fault)
		return -sd_errno(fault);
	cure->why_not = item->remedy.why_not;
	if (item->remedy.why_not == REMEDY_FOUND)
		cure->count++;
	return 0;
}

static int cure_denial(struct plan *plan)
{
	struct cure *cure = plan->cure;
	bool more = true;
	int error = 0;

	for (int round = 0; round < CURE_ITEMS && more && error == 0; round++) {
		struct action_ruling ruling;

		error = plan_judge(plan, &ruling);
		if (error < 0)
			break;
		cure->complete = ruling.granted;
		more = !ruling.granted && ruling.count && !ruling.level_low;
		if (more)
			error = cure_part(plan, &ruling, &more);
		action_clear(&ruling);
	}
	if (error == 0 && cure->complete && plan->inquiry->barrier && cure->count < CURE_ITEMS) {
		error = cure_barrier(plan);
		cure->complete = cure->why_not == REMEDY_FOUND;
	}
	/* what else it would take is not known */
	cure->complete &= !plan->inquiry->way_unknown;
	return error;
}

/* Denies what gave the last part; true to the name only if the rest then denies, too. */
static int cure_grant(struct plan *plan)
{
	const struct action_ruling *ruling = &plan->inquiry->ruling;
	const struct action_part *part = ruling->count ? &ruling->parts[0] : NULL;
	struct action_ruling after;
	struct cure_item *item = NULL;
	int error = 0;

	if (!part || part->by != ACTION_BY_RIGHTS || plan->inquiry->object.public) {
		plan->cure->why_not = REMEDY_NOT_ONE;
		return 0;
	}
	error = cure_check(plan, &part->checks[part->count - 1], &item);
	if (error < 0 || !item)
		return error;
	error = plan_judge(plan, &after);
	if (error < 0)
		return error;
	plan->cure->complete = !after.granted;
	action_clear(&after);
	return 0;
}

int cure_find(const struct inquiry *inquiry, const struct token *token, struct cure *cure)
{
	struct plan plan = {.inquiry = inquiry, .token = token, .cure = cure};
	int error;

	*cure = (struct cure){.why_not = REMEDY_FOUND};
	plan_begin(&plan);
	error = inquiry_granted(inquiry) ? cure_grant(&plan) : cure_denial(&plan);
	if (error == 0 && !cure->complete && cure->why_not == REMEDY_FOUND)
		cure->why_not = REMEDY_NOT_ONE;
	if (error < 0 || !cure->complete) {
		enum remedy_why_not why_not = cure->why_not;

		cure_clear(cure);
		cure->why_not = why_not;
	}
	return error;
}

void cure_clear(struct cure *cure)
{
	for (size_t i = 0; i < cure->count; i++)
		remedy_clear(&cure->items[i].remedy);
	*cure = (struct cure){0};
}

/*
 * @word in the quotes in which the shell reads escapes: what a terminal is not shown as it stands
 * would be another word, copied from there.
 */
static void print_escaped(FILE *out, const char *word)
{
	fputs("$'", out);
	while (*word) {
		size_t length = strcspn(word, "\\'");
		TEXT_CLEANUP char *escaped = text_escape(word, length);

		fputs(escaped ? escaped : "?", out);
		word += length;
		if (*word)
			fprintf(out, "\\%c", *word++);
	}
	fputc('\'', out);
}

static void print_quoted(FILE *out, const char *word)
{
	fputc('\'', out);
	for (; *word; word++) {
		if (*word == '\'')
			fputs("'\\''", out);
		else
			fputc(*word, out);
	}
	fputc('\'', out);
}

/* @word as one word of a shell. */
static void print_word(FILE *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_./:-+,@%";
	TEXT_CLEANUP char *escaped = text_escape(word, strlen(word));

	if (*word && !word[strspn(word, plain)])
		fputs(word, out);
	else if (!escaped || strcmp(escaped, word) != 0)
		print_escaped(out, word);
	else
		print_quoted(out, word);
}

/* Would it be taken for an option?  "-" is standard input. */
static bool is_like_option(const char *word)
{
	return word[0] == '-' && word[1];
}

struct telling {
	void (*tell)(void *context, const char *command);
	void *context;
};

static int tell_command(const struct telling *telling, const char *verb, const char *path,
			const struct ace *ace)
{
	TEXT_CLEANUP char *entry = NULL;
	TEXT_CLEANUP char *text = NULL;
	size_t size;
	FILE *out;

	if (entry_write(ace, &entry) != SD_OK)
		return -ENOMEM;
	out = open_memstream(&text, &size);
	if (!out)
		return -ENOMEM;
	fprintf(out, "guise %s ", verb);
	if (is_like_option(path) || is_like_option(entry))
		fputs("-- ", out);
	print_word(out, path);
	fputc(' ', out);
	print_word(out, entry);
	if (fclose(out) != 0)
		return -ENOMEM;
	telling->tell(telling->context, text);
	return 0;
}

/* Taking rights out of an ACE: it goes, and comes again with the rest. */
static int tell_taking(const struct telling *telling, const struct site *site,
		       const struct remedy_step *step)
{
	struct ace rest = step->ace;
	int error = tell_command(telling, "remove", site->path, &rest);

	rest.mask = mask_map_generic(rest.mask) & ~step->rights;
	if (error < 0 || !rest.mask)
		return error;
	return tell_command(telling, "deny", site->path, &rest);
}

int cure_commands(const struct cure *cure, void (*tell)(void *context, const char *command),
		  void *context)
{
	const struct telling telling = {tell, context};
	int error = 0;

	for (size_t i = 0; i < cure->count; i++) {
		const struct cure_item *item = &cure->items[i];

		for (size_t n = 0; n < item->remedy.count && error == 0; n++) {
			const struct remedy_step *step = &item->remedy.steps[n];
			bool allows = ace_type_is_allow(step->ace.type);

			error = step->takes ? tell_taking(&telling, item->site, step)
					    : tell_command(&telling, allows ? "add" : "deny",
							   item->site->path, &step->ace);
		}
	}
	return error;
}
