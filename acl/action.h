/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What each operation on files needs: the table of docs/access.md, for explaining.  The guard of a
 * mount decides by functions of its own; that both say the same is tested on a mount.
 *
 * Pure and thread safe.
 */
#ifndef GUISE_ACL_ACTION_H
#define GUISE_ACL_ACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acl/descriptor.h"
#include "acl/error.h"
#include "acl/explain.h"
#include "acl/token.h"

/* Which object a right is needed on. */
enum action_where {
	ACTION_OBJECT, /* the one that the operation is about */
	ACTION_FOLDER, /* the folder it lies in */
	ACTION_TARGET, /* the folder that it gets a name in: the same one, if none is given */
	ACTION_PLACES
};

/* Rights, or what else will do. */
struct action_need {
	uint32_t rights;
	enum action_where where;
	uint32_t or_rights; /* or these, */
	enum action_where or_where;
	uint32_t posix; /* or these on an object whose descriptor means a mode */
	bool sticky;    /* or being the owner, in a folder that is sticky by its mode */
	bool by_kind;   /* the rights are those to make an object of its kind */
	bool moved;     /* only for a folder by mode that goes to another one */
};

#define ACTION_NEEDS 3

struct action {
	const char *name;                       /* "open-read" */
	const char *meaning;                    /* "open a file to read" */
	struct action_need needs[ACTION_NEEDS]; /* all of them; those without rights are none */
};

/* The operation called @name, in any case; NULL if there is none. */
const struct action *action_find(const char *name);

/* All operations, in the order of docs/access.md; the last one has no name. */
const struct action *action_table(void);

/* "these rights on the object" as an operation */
struct action action_of_rights(uint32_t rights);

/* What decides besides the descriptor (docs/access.md, "Objects without a descriptor"). */
#define ACTION_IMPLIED 0x1u /* nothing is stored: it is what mode and POSIX ACL mean */
#define ACTION_STICKY 0x2u  /* by the mode that it means it has the sticky bit */
#define ACTION_BY_MODE 0x4u /* it means a mode, and POSIX's rules hold besides */

struct action_object {
	const struct descriptor *sd;
	unsigned int nature;
	bool folder;
};

/* Who, and where. */
struct action_scene {
	const struct token *token;
	const struct action_object *places[ACTION_PLACES]; /* NULL: there is none, or not known */
	bool public_attributes;                            /* stat needs no right */
};

/* One check of a need. */
struct action_check {
	enum action_where where;
	bool known; /* else that place is not known, and counts as denied */
	struct explanation explanation;
};

enum action_by { ACTION_BY_RIGHTS, ACTION_BY_POSIX, ACTION_BY_STICKY };

struct action_part {
	bool granted;
	bool unknown;      /* denied as far as is known, but not all is */
	enum action_by by; /* if it is granted */
	size_t count;      /* checks that were made: the later ones if those before denied */
	struct action_check checks[2];
};

struct action_ruling {
	bool granted;
	bool unknown;
	bool level_low; /* the client only lets itself be identified: nothing opens */
	size_t count;   /* parts, one a need; that after one which is denied was not looked at */
	struct action_part parts[ACTION_NEEDS];
};

/* SD_OK or SD_NO_MEMORY; clear *@ruling with action_clear(). */
enum sd_error action_judge(const struct action *action, const struct action_scene *scene,
			   struct action_ruling *ruling);
void action_clear(struct action_ruling *ruling);

#endif
