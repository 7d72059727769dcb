/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "May this token do that there?": what guise why and its kin ask, judged by the functions that a
 * mount judges by.
 */
#ifndef GUISE_TOOLS_INQUIRY_H
#define GUISE_TOOLS_INQUIRY_H

#include <stdbool.h>

#include "acl/action.h"
#include "ancestry.h"
#include "site.h"

struct inquiry {
	struct action action;
	struct site object;
	struct site folder; /* that it lies in, if the operation asks for it */
	struct site target; /* that it goes to, if it is another one */
	bool has_folder, has_target;
	struct ancestry above;
	struct action_ruling ruling;
	/* on the way to the object, if a mount decides so (docs/access.md, "Traversal") */
	const struct site *barrier; /* the folder that the token may not pass, or NULL */
	struct explanation passing; /* of that */
	bool way_unknown;           /* whether all may be passed cannot be told: */
	const struct site *unread;  /* of this one; NULL: of one that cannot be opened */
};

#define INQUIRY_NONE                                                                               \
	{                                                                                          \
		.object = SITE_NONE, .folder = SITE_NONE, .target = SITE_NONE                      \
	}
#define INQUIRY_CLEANUP __attribute__((cleanup(inquiry_clear)))

/*
 * Reads what @text, a right or an operation, stands for.  STATUS_OK, or STATUS_USAGE having
 * reported what is wrong with it.
 */
int inquiry_action(const char *text, struct action *action);

/*
 * Opens @path (as site_open() does), and what else inquiry->action asks for; @to is the folder that
 * something goes to, or NULL.  Where something is to be made that is not there, the object is the
 * folder it would lie in.  An enum status: failures were reported.
 */
int inquiry_open(const char *path, const struct scope *scope, const char *to,
		 struct inquiry *inquiry);

/* The same of an object that is open, which is taken over also on failure.  0 or -errno. */
int inquiry_adopt(struct object *object, const char *path, struct inquiry *inquiry);

/* The same of what a walk visits. */
int inquiry_visit(const struct visit *visit, struct inquiry *inquiry);

/*
 * Calls @visit with each folder that must be passed on the way, from below, until it returns not 0:
 * that.  NULL, the last one, is a folder that cannot be opened; site->sd is NULL if a descriptor
 * cannot be read, and then it may be that it need not be passed.  Also -ENOMEM.
 */
typedef int (*inquiry_passing)(void *context, const struct site *folder);
int inquiry_way(struct inquiry *inquiry, inquiry_passing visit, void *context);

/* Judges just the way: inquiry->barrier and so on.  0 or -ENOMEM. */
int inquiry_judge_way(struct inquiry *inquiry, const struct token *token);

/* Judges.  0 or -ENOMEM.  May be repeated for other tokens. */
int inquiry_judge(struct inquiry *inquiry, const struct token *token);

/* The verdict of both: what is asked for, and getting there. */
bool inquiry_granted(const struct inquiry *inquiry);
/* It is neither that nor surely denied: not all that decides could be read. */
bool inquiry_unknown(const struct inquiry *inquiry);

/* The site that a check of the ruling was about; NULL if it is not known. */
const struct site *inquiry_site(const struct inquiry *inquiry, enum action_where where);

void inquiry_clear(struct inquiry *inquiry);

#endif
