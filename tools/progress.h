/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A line on the terminal that says how far a walk has come, how fast it is, and how much
 * time it will take.  Nothing is printed before a walk has taken two seconds, or where standard
 * error is no terminal.
 */
#ifndef GUISE_TOOLS_PROGRESS_H
#define GUISE_TOOLS_PROGRESS_H

#include <stdbool.h>

struct progress;

/*
 * Begins; @count @paths (NULL: not known beforehand) are counted in the background, without what is
 * behind symbolic links, and on one file system each if @one_file_system.  @always: also where
 * there is no terminal.  NULL if there is nothing to show, which the functions below take.
 */
struct progress *progress_begin(char *const *paths, int count, bool one_file_system, bool always);

/* One more object is done. */
void progress_step(struct progress *progress);

/* Takes the line away, so that something else can be printed. */
void progress_clear(struct progress *progress);

void progress_end(struct progress *progress);

#endif
