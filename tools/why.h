/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What guise why has to say, and how. */
#ifndef GUISE_TOOLS_WHY_H
#define GUISE_TOOLS_WHY_H

#include <jansson.h>
#include <stdbool.h>

#include "cure.h"
#include "inquiry.h"
#include "whose.h"

/* guise why --id: the exit status. */
int why_id(const char *id, const char *audit_file);

/* Says what the answer to the access of @record would be now, if that can be told. */
void why_now(const json_t *record);

/* All that there is to say. */
struct why {
	const char *asked; /* the right or operation, as it was asked for */
	const char *path;
	const struct whose *whose;
	struct inquiry *inquiry;
	const struct cure *cure;
};

/* "granted", "denied", or "unknown": not all that decides could be read. */
const char *why_verdict(const struct inquiry *inquiry);

/* Why there is no change to propose. */
const char *why_no_change(const struct why *why);

/* What is not known, if inquiry->way_unknown. */
#define WHY_UNREAD "a folder on the way cannot be read"

/* Prints it for people.  0 or -ENOMEM. */
int why_print_text(const struct why *why);

/* The same as JSON; NULL without memory. */
json_t *why_json(const struct why *why);

/* "an account, by the user database", "a SID alone", … */
const char *why_kind_text(enum whose_kind kind);

/* An ACE as an ENTRY or SDDL, escaped; caller frees.  NULL without memory. */
char *why_ace_text(const struct ace *ace);

/* Rights as audit records have them, "0x…". */
json_t *why_json_rights(uint32_t rights);

/* "read, write" for people and the names of the rights behind; caller frees. */
char *why_rights_text(uint32_t rights, bool folder);

/* How @site's descriptor decided. */
json_t *why_json_explained(const struct site *site, const struct explanation *explanation);

/* The token as JSON: user, groups, privileges, level and so on. */
json_t *why_json_token(const struct whose *whose);

#endif
