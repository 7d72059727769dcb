/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What arguments of several commands mean, for guise help. */
#ifndef GUISE_TOOLS_TOPIC_H
#define GUISE_TOOLS_TOPIC_H

struct topic {
	const char *name; /* "rights"; no command has that name */
	const char *summary;
	const char *text; /* ended lines */
};

/* All of them; the last one has no name. */
extern const struct topic topics[];

/* The topic called @name, or NULL. */
const struct topic *topic_find(const char *name);

#endif
