/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Asking the host's guisefs mounts something: the value of an extended attribute, which
 * needs no right on a file.
 */
#ifndef GUISE_KEYRING_QUESTION_H
#define GUISE_KEYRING_QUESTION_H

#include <stddef.h>

struct question {
	const char *name; /* of the attribute */
	char *answer;     /* room for this many bytes; nothing is put behind them */
	size_t room;
	size_t length; /* of the answer */
};

/*
 * Asks the mounts in the order in which the kernel lists them, until one answers.  One that
 * cannot be reached, has lost its daemon or does not know the question is passed over, and so is
 * one that refuses the identity with EKEYREJECTED: a token may be for the share of another.
 * Returns 0, -ENODEV (nobody to ask), -EPROTO (no room for the answer), or why there is none;
 * a refusal of the identity before all else, the last one if there were several.
 */
int question_ask(struct question *question);

/*
 * Asks the mount that @path is on, and no other: -EOPNOTSUPP if that is no guisefs mount of
 * root's, and what looking up the path gives.
 */
int question_ask_at(struct question *question, const char *path);

#endif
