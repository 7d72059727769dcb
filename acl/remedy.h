/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The smallest change of a DACL that would change what an access check answers: one ACE more, or
 * rights taken out of explicit ACEs that deny, as edits of the list (acl/edit.h).  What is proposed
 * has been checked.
 *
 * Pure and thread safe.
 */
#ifndef GUISE_ACL_REMEDY_H
#define GUISE_ACL_REMEDY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acl/descriptor.h"
#include "acl/error.h"
#include "acl/explain.h"

#define REMEDY_STEPS 8

enum remedy_why_not {
	REMEDY_FOUND,
	REMEDY_TOKEN,     /* the token itself is restricted to other rights */
	REMEDY_LABEL,     /* the mandatory label is not the DACL's */
	REMEDY_PRIVILEGE, /* it takes a privilege, or a privilege gives it */
	REMEDY_POLICY,    /* a central policy decides */
	REMEDY_OWNER,     /* an owner has it whatever an ACE says */
	REMEDY_NO_DACL,   /* there is none to add to */
	REMEDY_NOT_ONE,   /* it would take more than a few ACEs */
};

struct remedy_step {
	bool takes;      /* takes @rights out of @ace, which is at @place; else adds @ace */
	size_t place;    /* takes: in the DACL as it is */
	uint32_t rights; /* takes: generic ones mapped */
	struct ace ace;  /* takes: as it is, and its data is the descriptor's */
};

struct remedy {
	enum remedy_why_not why_not;
	size_t count;
	struct remedy_step steps[REMEDY_STEPS];
	struct descriptor *result; /* @sd with the steps done; NULL if there are none */
};

/*
 * What makes the verdict of @explanation, which is @sd's for @token, the other one.  SD_OK (also if
 * there is none: why_not says so), SD_NO_MEMORY, SD_TOO_LARGE; clear *@remedy with remedy_clear().
 */
enum sd_error remedy_find(const struct descriptor *sd, const struct token *token,
			  const struct explanation *explanation, struct remedy *remedy);
void remedy_clear(struct remedy *remedy);

/* An English phrase; never NULL. */
const char *remedy_why_not_text(enum remedy_why_not why_not);

#endif
