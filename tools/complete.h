/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What may follow on a command line of guise, for the completions of shells: they ask
 * "guise help --complete WORD…", where the last WORD, which may be empty, is what is to
 * be completed, and the ones before it follow "guise".
 *
 * The answer is lines.  "=WORD", or "=WORD<tab>WHAT IT IS", is a word that may stand there and
 * begins with the last WORD; one that ends in ':' goes on.  ":KIND" is what the shell itself can
 * list: path, program, serial.
 */
#ifndef GUISE_TOOLS_COMPLETE_H
#define GUISE_TOOLS_COMPLETE_H

/* Prints what may stand in place of the last of @words.  Returns an enum status. */
int complete(int count, char **words);

/*
 * Prints what @meaning stands for, as far as it begins with @prefix: the words of a usage line,
 * such as "text|sddl", "PATH" or "PRINCIPAL|ENTRY…".
 */
void complete_meaning(const char *meaning, const char *prefix);

/* The same of one word, and what it is, which may be NULL. */
void complete_word(const char *word, const char *what, const char *prefix);

#endif
