/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which SIDs become which others.
 */
#include "sidmap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "error.h"
#include "keyring/idmap.h"
#include "keyring/scoped.h"

/* Single SIDs before domains, each in order; one that is there twice beside itself. */
static int by_from(const void *a, const void *b)
{
	const struct sid_pair *left = a, *right = b;

	if (left->domain != right->domain)
		return left->domain ? 1 : -1;
	return sid_compare(&left->from, &right->from);
}

/* "S-1-5-21-1-2-3-*": all accounts of a domain. */
static bool parse_domain(const char *text, struct sid *sid)
{
	size_t length = strlen(text);
	SCOPED_BUFFER char *domain = length > 2 ? strndup(text, length - 2) : NULL;
	const char *end;

	return domain && strcmp(text + length - 2, "-*") == 0 && sid_parse(domain, sid, &end) &&
	       !*end && sid->sub_count < SID_MAX_SUBS;
}

/* Reads FROM, which ends at the '=' at @equals, and TO. */
static bool parse_pair(const char *text, const char *equals, struct sid_pair *pair)
{
	SCOPED_BUFFER char *from = strndup(text, (size_t)(equals - text));
	const char *to = equals + 1;

	if (!from)
		return false;
	pair->domain = parse_domain(from, &pair->from) && parse_domain(to, &pair->to);
	if (pair->domain)
		return true;
	return idmap_sid_parse(from, &pair->from) && idmap_sid_parse(to, &pair->to);
}

/* Names may have a '=', too: the first that leaves two principals parts them. */
static bool parse(const char *text, struct sid_pair *pair)
{
	for (const char *equals = text; (equals = strchr(equals, '=')); equals++) {
		if (parse_pair(text, equals, pair))
			return true;
	}
	return false;
}

static int put(struct sidmap *map, const struct sid_pair *pair)
{
	if (map->count == map->room) {
		size_t room = map->room ? 2 * map->room : 16;
		struct sid_pair *pairs = reallocarray(map->pairs, room, sizeof(*pairs));

		if (!pairs)
			return -ENOMEM;
		map->pairs = pairs;
		map->room = room;
	}
	map->pairs[map->count++] = *pair;
	return 0;
}

int sidmap_add(struct sidmap *map, const char *text)
{
	struct sid_pair pair;

	if (!strchr(text, '='))
		return error_usage("--map-sid %s: expected FROM=TO", text);
	if (!parse(text, &pair)) {
		error_about(text, "expected FROM=TO, two principals that are known, or "
				  "DOMAIN-SID-*=DOMAIN-SID-*");
		return STATUS_USAGE;
	}
	return put(map, &pair) < 0 ? error_report(text, ENOMEM) : STATUS_OK;
}

static int add_line(struct sidmap *map, const char *name, size_t number, char *line)
{
	struct sid_pair pair;

	line += strspn(line, " \t");
	line[strcspn(line, "\r\n")] = '\0';
	if (!*line || *line == '#')
		return STATUS_OK;
	if (!parse(line, &pair)) {
		error_about(name, "line %zu: expected FROM=TO, two principals that are known",
			    number);
		return STATUS_USAGE;
	}
	return put(map, &pair) < 0 ? error_report(name, ENOMEM) : STATUS_OK;
}

int sidmap_add_file(struct sidmap *map, const char *name)
{
	FILE *file = fopen(name, "re");
	SCOPED_BUFFER char *line = NULL;
	size_t room = 0, number = 0;
	int status = STATUS_OK;

	if (!file)
		return error_report(name, errno);
	while (status == STATUS_OK && getline(&line, &room, file) >= 0)
		status = add_line(map, name, ++number, line);
	if (status == STATUS_OK && ferror(file))
		status = error_report(name, EIO);
	fclose(file);
	return status;
}

int sidmap_ready(struct sidmap *map)
{
	if (map->count)
		qsort(map->pairs, map->count, sizeof(map->pairs[0]), by_from);
	for (size_t i = 1; i < map->count; i++) {
		const struct sid_pair *a = &map->pairs[i - 1], *b = &map->pairs[i];
		char text[SID_MAX_TEXT];

		if (by_from(a, b) == 0 && !sid_equal(&a->to, &b->to))
			return error_usage("%s is to become two SIDs", sid_format(&a->from, text));
	}
	return STATUS_OK;
}

static bool find(const struct sidmap *map, const struct sid_pair *wanted, struct sid *to)
{
	const struct sid_pair *found =
		bsearch(wanted, map->pairs, map->count, sizeof(*wanted), by_from);

	if (found)
		*to = found->to;
	return found;
}

bool sidmap_find(const struct sid *from, struct sid *to, void *data)
{
	const struct sidmap *map = data;
	struct sid_pair wanted = {.from = *from};
	uint32_t rid;

	if (map->count == 0)
		return false;
	if (find(map, &wanted, to))
		return true;
	if (from->sub_count == 0)
		return false;
	rid = from->sub[from->sub_count - 1];
	wanted.domain = true;
	wanted.from.sub[--wanted.from.sub_count] = 0;
	if (!find(map, &wanted, to))
		return false;
	to->sub[to->sub_count++] = rid;
	return true;
}

void sidmap_clear(struct sidmap *map)
{
	free(map->pairs);
	*map = (struct sidmap){0};
}
