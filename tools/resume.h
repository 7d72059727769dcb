/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How far a walk has come, in a file: --resume FILE goes on where a command that was interrupted,
 * or killed, had been.
 *
 * The file names the command, the folder it was given in, and the last object that was done.
 * It is written anew about each second, as a whole, and removed when all is done.  So
 * what was done in the last second before a kill is done again, which changes nothing.
 */
#ifndef GUISE_TOOLS_RESUME_H
#define GUISE_TOOLS_RESUME_H

#include <stdbool.h>
#include <stddef.h>

struct resume;

/*
 * Reads @path, if it is there.  Returns an enum status, having reported what is wrong: of a
 * file of another command nothing is taken.
 */
int resume_open(const char *path, struct resume **resume);
void resume_close(struct resume *resume);

/* Is there something to go on from?  Then in *@index which of the paths it was, counted from 0. */
bool resume_pending(const struct resume *resume, unsigned long *index);

/* The name of what was done last, in the folder @depth below what was named; NULL: not so deep. */
const char *resume_name(const struct resume *resume, unsigned int depth);

/*
 * Path @index is done as far as @below (relative to it, "": itself), which is written now and then.
 * Returns 0 or -errno.
 */
int resume_note(struct resume *resume, unsigned long index, const char *below);

/* The walk ends before all is done: writes how far it came.  0 or -errno */
int resume_stop(struct resume *resume);

/* All is done: the file goes. */
int resume_finish(struct resume *resume);

#endif
