/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the daemon has to say: one line each, to stderr in the foreground, to a
 * file, or to syslog.  Thread safe.
 */
#ifndef GUISE_FS_AUDIT_H
#define GUISE_FS_AUDIT_H

#include "keyring/resolve.h"

/* Chooses where lines go: @file if not NULL, else stderr if @foreground, else syslog.  Returns 0 or
 * -errno. */
int audit_open(const char *file, int foreground);

/* From now on syslog instead of stderr. */
void audit_background(void);

/* Identity @refusal of operation @op by @caller on @object (any bytes; may be NULL). */
void audit_refusal(const char *op, const char *object, const struct caller *caller,
		   const struct refusal *refusal);

/* Anything else. */
void audit_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
