/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What differs between two lists of lines: their longest common subsequence stays, the rest is
 * removed and added.
 */
#include "diff.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keyring/scoped.h"
#include "text.h"

/* Above this many pairs of lines all old ones are removed and all new ones added. */
#define MAX_PAIRS (64u << 20)

struct edit {
	char sign; /* ' ', '-', '+' */
	const char *text;
};

struct script {
	size_t count;
	struct edit *edits; /* room for all lines of both */
};

/* what is printed where colours are wanted */
struct paint {
	const char *header, *place, *removed, *added, *end;
};

bool diff_colour(FILE *out)
{
	const char *no = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return (!no || !*no) && term && strcmp(term, "dumb") != 0 && isatty(fileno(out));
}

static const struct paint *paint_for(FILE *out)
{
	static const struct paint colours = {"\033[1m", "\033[36m", "\033[31m", "\033[32m",
					     "\033[m"};
	static const struct paint plain = {"", "", "", "", ""};

	return diff_colour(out) ? &colours : &plain;
}

static void put(struct script *script, char sign, const char *text)
{
	script->edits[script->count++] = (struct edit){sign, text};
}

/*
 * Lengths of the longest common subsequences of all ends of @a and @b: at [i][j] of the lines from
 * i and from j on.
 */
static uint16_t *measure(char *const *a, size_t n, char *const *b, size_t m)
{
	size_t width = m + 1;
	uint16_t *table = calloc((n + 1) * width, sizeof(*table));

	for (size_t i = n; table && i-- > 0;) {
		for (size_t j = m; j-- > 0;) {
			uint16_t down = table[(i + 1) * width + j];
			uint16_t right = table[i * width + j + 1];

			if (strcmp(a[i], b[j]) == 0)
				table[i * width + j] =
					(uint16_t)(table[(i + 1) * width + j + 1] + 1);
			else
				table[i * width + j] = down > right ? down : right;
		}
	}
	return table;
}

/* What lies between the common beginning and the common end. */
static int compare_middle(struct script *script, char *const *a, size_t n, char *const *b, size_t m)
{
	bool small = n < UINT16_MAX && m < UINT16_MAX && (n + 1) * (m + 1) <= MAX_PAIRS;
	SCOPED_BUFFER uint16_t *table = small ? measure(a, n, b, m) : NULL;
	size_t i = 0, j = 0;

	if (small && !table)
		return -ENOMEM;
	while (table && i < n && j < m) {
		if (strcmp(a[i], b[j]) == 0) {
			put(script, ' ', a[i++]);
			j++;
		} else if (table[(i + 1) * (m + 1) + j] >= table[i * (m + 1) + j + 1]) {
			put(script, '-', a[i++]);
		} else {
			put(script, '+', b[j++]);
		}
	}
	while (i < n)
		put(script, '-', a[i++]);
	while (j < m)
		put(script, '+', b[j++]);
	return 0;
}

static int compare(struct script *script, const struct lines *old, const struct lines *new)
{
	size_t least = old->count < new->count ? old->count : new->count;
	size_t start = 0, end = 0;
	int error;

	while (start < least && strcmp(old->items[start], new->items[start]) == 0)
		start++;
	while (end < least - start &&
	       strcmp(old->items[old->count - 1 - end], new->items[new->count - 1 - end]) == 0)
		end++;
	for (size_t i = 0; i < start; i++)
		put(script, ' ', old->items[i]);
	error = compare_middle(script, old->items + start, old->count - start - end,
			       new->items + start, new->count - start - end);
	for (size_t i = old->count - end; error == 0 && i < old->count; i++)
		put(script, ' ', old->items[i]);
	return error;
}

/* The end of the hunk that begins at @from: where more than twice @context lines stay. */
static size_t hunk_end(const struct script *script, size_t from, size_t context)
{
	size_t end = from;
	size_t same = 0;

	for (size_t i = from; i < script->count; i++) {
		same = script->edits[i].sign == ' ' ? same + 1 : 0;
		if (same == 0)
			end = i + 1;
		else if (end > from && same > context && same - context > context)
			break;
	}
	return script->count - end < context ? script->count : end + context;
}

static void print_range(FILE *out, char sign, size_t before, size_t count)
{
	fprintf(out, " %c%zu", sign, count > 0 ? before + 1 : before);
	if (count != 1)
		fprintf(out, ",%zu", count);
}

static void print_edit(FILE *out, const struct edit *edit, const struct paint *paint)
{
	const char *colour = edit->sign == '-'   ? paint->removed
			     : edit->sign == '+' ? paint->added
						 : "";

	fprintf(out, "%s%c%s%s\n", colour, edit->sign, edit->text, *colour ? paint->end : "");
}

/* @before are the lines before @from in old [0] and new [1]; they are counted on. */
static void print_hunk(FILE *out, const struct script *script, size_t from, size_t to,
		       size_t before[2], const struct paint *paint)
{
	size_t count[2] = {0, 0};

	for (size_t i = from; i < to; i++) {
		count[0] += script->edits[i].sign != '+';
		count[1] += script->edits[i].sign != '-';
	}
	fprintf(out, "%s@@", paint->place);
	print_range(out, '-', before[0], count[0]);
	print_range(out, '+', before[1], count[1]);
	fprintf(out, " @@%s\n", paint->end);
	for (size_t i = from; i < to; i++)
		print_edit(out, &script->edits[i], paint);
	before[0] += count[0];
	before[1] += count[1];
}

static void print_header(FILE *out, const char *sign, const char *name, const struct paint *paint)
{
	fprintf(out, "%s%s ", paint->header, sign);
	text_print_name(out, name);
	fprintf(out, "%s\n", paint->end);
}

static size_t next_change(const struct script *script, size_t from)
{
	while (from < script->count && script->edits[from].sign == ' ')
		from++;
	return from;
}

static void print_hunks(FILE *out, const struct script *script, size_t context,
			const struct paint *paint)
{
	size_t before[2] = {0, 0};
	size_t done = 0;

	for (size_t change; (change = next_change(script, done)) < script->count;) {
		size_t from = change - done > context ? change - context : done;
		size_t to = hunk_end(script, change, context);

		before[0] += from - done;
		before[1] += from - done;
		print_hunk(out, script, from, to, before, paint);
		done = to;
	}
}

int diff_lines(FILE *out, const char *old_name, const struct lines *old, const char *new_name,
	       const struct lines *new, size_t context)
{
	const struct paint *paint = paint_for(out);
	SCOPED_BUFFER struct edit *edits = calloc(old->count + new->count + 1, sizeof(*edits));
	struct script script = {0, edits};
	int error;

	if (!edits)
		return -ENOMEM;
	error = compare(&script, old, new);
	if (error < 0)
		return error;
	if (next_change(&script, 0) == script.count)
		return 0;
	print_header(out, "---", old_name, paint);
	print_header(out, "+++", new_name, paint);
	print_hunks(out, &script, context, paint);
	return 1;
}

int diff_print(FILE *out, const char *old_name, const struct descriptor *old, const char *new_name,
	       const struct descriptor *new)
{
	LINES_CLEANUP struct lines before = {0};
	LINES_CLEANUP struct lines after = {0};
	int error = lines_of(old, &before);

	if (error == 0)
		error = lines_of(new, &after);
	return error < 0 ? error : diff_lines(out, old_name, &before, new_name, &after, DIFF_WHOLE);
}
