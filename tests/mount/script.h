/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Scripts of system calls, run on two trees by the same callers: what the one tree
 * answers the other must, too, and what it has afterwards.
 *
 * A script is text: steps, parted by newlines or ';', each "WHO CALL ARGUMENT…".
 *
 *   WHO   root, alice, bob; team (alice, in TEAM as well), crew (bob, in TEAM);
 *         behind: root, behind the mount
 *   CALL  one of the table in script_calls.c
 *
 * Paths are relative to the tree.  In them %255 is a name of 255 letters (any
 * number will do), and %P4095 a path of 4095 letters to what follows: %P4095:f.
 * "!WORD" at the end says that the trees differ here, and why: WORD is in the table of
 * differences that the test has.  A step that is so marked and does not differ is an error as well.
 */
#ifndef GUISE_TESTS_SCRIPT_H
#define GUISE_TESTS_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define SCRIPT_WORDS 8
#define SCRIPT_TEXT 6000
#define SCRIPT_SLOTS 4

enum who { WHO_ROOT, WHO_ALICE, WHO_BOB, WHO_TEAM, WHO_CREW, WHO_BEHIND, WHO_COUNT };

/* One call as a caller makes it, in the folder @tree of its two. */
struct call {
	int tree; /* 0, 1 */
	size_t count;
	char *words[SCRIPT_WORDS];
	int *slots; /* files kept open, or -1 */
};

/* script_calls.c: a call that scripts can make. */
struct call_kind {
	const char *name;
	int (*make)(const struct call *call); /* a value of 0 and up, or -errno */
	const char *arguments;                /* 'p' for each that is a path, '.' otherwise */
	bool exact_times;                     /* times are set to values that must be the same */
};
const struct call_kind *call_find(const char *name);

/* Why trees differ. */
struct difference {
	const char *word;
	const char *reason;
};

struct script_run {
	const char *native, *mount, *behind; /* folders */
	const struct difference *differences;
	size_t difference_count;
};

/* Starts the callers; stop them at the end. */
struct players *players_start(void);
void players_stop(struct players *players);

/*
 * Runs @script in new folders @name of @run's trees.  Returns how many steps did not
 * answer as they should, each of which is printed.
 */
unsigned int script_play(struct players *players, const struct script_run *run, const char *name,
			 const char *script);

#endif
