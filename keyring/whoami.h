/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who the calling thread is to the mounts: what they answer when asked. */
#ifndef GUISE_KEYRING_WHOAMI_H
#define GUISE_KEYRING_WHOAMI_H

/* name of the extended attribute whose reading is the question */
#define WHOAMI "system.guise.whoami"

/*
 * The answer of the mount that @path is on, as question_ask_at() has it, or with NULL of
 * the first that answers, as question_ask(); as text for the caller to free.
 * 0, -ENODEV (no mount), -ENOMEM, or why the identity is refused.
 */
int whoami_read(const char *path, char **text);

/* Does the caller act for somebody?  1 or 0, or as whoami_read(). */
int whoami_acts(void);

/* If @line, one of the text's, begins with @word and a space: its value, else NULL. */
const char *whoami_value(const char *line, const char *word);

#endif
