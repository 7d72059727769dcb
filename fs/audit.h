/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the daemon has to say: messages, one line each, to stderr in the foreground, to a file, or
 * to syslog; and audit records (record.h), if they are asked for, to a file of their own or to
 * syslog.  Thread safe.
 */
#ifndef GUISE_FS_AUDIT_H
#define GUISE_FS_AUDIT_H

#include <stdbool.h>

#include "fs/options.h"
#include "fs/record.h"
#include "keyring/resolve.h"

/* Chooses where lines go: @file if not NULL, else stderr if @foreground, else syslog.  Returns 0 or
 * -errno. */
int audit_open(const char *file, int foreground);

/* From now on syslog instead of stderr. */
void audit_background(void);

/* Identity @refusal of operation @op by @caller on @object (any bytes; may be NULL): a message and
 * a record. */
void audit_refusal(const char *op, const char *object, const struct caller *caller,
		   const struct refusal *refusal);

/* Anything else. */
void audit_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Starts records as @options->audit says, which lives as long: to a regular file of root's that
 * nobody else may write, or to syslog.  Returns 0 or 1, having said why.
 */
int audit_start(const struct options *options);

/* Are there records? */
bool audit_records(void);

/* The absolute path of the file they go to; NULL: there is none. */
const char *audit_file(void);

/* The last records, of what was left out. */
void audit_stop(void);

/*
 * A record on its way.  It is made when the decision falls, and written when the caller has its
 * answer, so that this waits for no disk.
 */
struct audit_entry;

/*
 * Adds to the list *@entries one for @record, whose share, mount and path are filled in here.
 * @path is the object's in the backing folder, or NULL.  Returns its id, which is valid as long as
 * the list; NULL if nobody wants it, or if it is left out because this user has too many.  What is
 * lost without memory is noted.
 */
const char *audit_add(struct audit_entry **entries, struct record *record, const char *path);

/* Writes and frees the list. */
void audit_write(struct audit_entry **entries);

/* The message that goes with a refused identity; @id may be NULL. */
void audit_note_refusal(const char *op, const char *path, const struct caller *caller,
			const struct refusal *refusal, const char *id);

#endif
