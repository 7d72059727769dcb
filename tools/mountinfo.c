/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines of /proc/self/mountinfo. */
#include "mountinfo.h"

#include <stdlib.h>
#include <string.h>

static bool octal(char c)
{
	return c >= '0' && c <= '7';
}

/* Undoes the kernel's \040 and the like, in place. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		if (from[0] == '\\' && octal(from[1]) && octal(from[2]) && octal(from[3])) {
			*to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

bool mountinfo_read(char *line, struct mountinfo *info)
{
	char *rest = line, *field[6], *tag;

	for (int i = 0; i < 6; i++) {
		field[i] = strsep(&rest, " ");
		if (!field[i])
			return false;
	}
	do {
		tag = strsep(&rest, " ");
	} while (tag && strcmp(tag, "-") != 0);
	*info = (struct mountinfo){
		.id = strtoull(field[0], NULL, 10),
		.device = field[2],
		.root = field[3],
		.point = field[4],
	};
	info->type = strsep(&rest, " ");
	info->source = strsep(&rest, " ");
	info->options = rest;
	if (!info->type || !info->source || !info->options)
		return false;
	unescape(info->root);
	unescape(info->point);
	unescape(info->source);
	return true;
}

bool mountinfo_by_root(const struct mountinfo *info)
{
	static const char word[] = "user_id=0";
	const char *at = info->options;

	while ((at = strstr(at, word))) {
		char before = at == info->options ? ',' : at[-1], behind = at[sizeof(word) - 1];

		if (before == ',' && (behind == ',' || behind == '\0'))
			return true;
		at++;
	}
	return false;
}
