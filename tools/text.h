/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Printing text that others chose: file names, account names, what a mount
 * sent.  Whatever is not printable in the current locale is written as \ooo, so
 * that it can neither forge a line nor steer a terminal.
 */
#ifndef GUISE_TOOLS_TEXT_H
#define GUISE_TOOLS_TEXT_H

#include <stdbool.h>
#include <stdio.h>
#include <wchar.h>

/* Is it a character that cannot be seen, or that changes the order or look of others? */
bool text_hides(wchar_t c);

/* An escaped copy of the first @length bytes of @text (caller frees); NULL without memory. */
char *text_escape(const char *text, size_t length);

/* Prints @text escaped. */
void text_print(FILE *out, const char *text);

/* The same, and a backslash is doubled, so that no two names look alike: as `ls -b` does. */
void text_print_name(FILE *out, const char *name);

/* Columns that @escaped takes on a terminal. */
int text_width(const char *escaped);

/* Prints @escaped and blanks up to @width columns. */
void text_pad(FILE *out, const char *escaped, int width);

/* for __attribute__((cleanup)) */
void text_freep(char **text);

#define TEXT_CLEANUP __attribute__((cleanup(text_freep)))

#endif
