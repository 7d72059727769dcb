/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Errors as guise reports them: one line on stderr, "guise COMMAND: what: why",
 * and the exit status that goes with an errno.
 */
#ifndef GUISE_TOOLS_ERROR_H
#define GUISE_TOOLS_ERROR_H

/* Adds @name to what error lines begin with: "guise" becomes "guise show". */
void error_enter(const char *name);
const char *error_command(void);

/*
 * Prints one error line.  Control characters in the formatted text are
 * escaped, so that a file name cannot write to a terminal.  error_about() puts @subject (a path, a
 * serial) before it.
 */
void error_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void error_about(const char *subject, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* @before is called before each line, to take away what stands on it; NULL: nothing does. */
void error_before(void (*before)(void *context), void *context);

/* Prints a usage error with a hint at the help, and returns STATUS_USAGE. */
int error_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Why, in words; @error is a positive errno.  Identity errors are those of reason.h. */
const char *error_text(int error);

/* The exit status for @error, a positive errno. */
int error_status(int error);

/* error_about() with error_text(); returns error_status(). */
int error_report(const char *subject, int error);

#endif
