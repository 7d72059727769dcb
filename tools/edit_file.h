/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A text in a private file, while an editor has it.
 */
#ifndef GUISE_TOOLS_EDIT_FILE_H
#define GUISE_TOOLS_EDIT_FILE_H

#include <stddef.h>

/* the largest text that is read back */
#define EDIT_FILE_MAX (4u << 20)

struct edit_file {
	char *folder; /* of this file alone, 0700 */
	char *path;
	int fd; /* of the folder */
};

#define EDIT_FILE_NONE                                                                             \
	{                                                                                          \
		.fd = -1                                                                           \
	}
#define EDIT_FILE_CLEANUP __attribute__((cleanup(edit_file_remove)))

/*
 * Makes a private folder in $TMPDIR or /tmp.  Until it is removed, a signal that ends the process
 * removes it first, and is passed on to the editor.  One at a time.  0 or -errno.
 */
int edit_file_create(struct edit_file *file);

/* Makes @text what is in the file; anew, whatever an editor left there.  0 or -errno. */
int edit_file_put(const struct edit_file *file, const char *text);

/* What is in the file, in *@text (caller frees).  0 or -errno: -EFBIG, -EINVAL with a NUL in it. */
int edit_file_get(const struct edit_file *file, char **text);

/*
 * Runs the editor that $VISUAL or $EDITOR names, in words of the shell, or else sensible-editor
 * or vi, and waits for it.  An enum status: a failure was reported.
 */
int edit_file_run(const struct edit_file *file);

/* Removes the folder with all that is in it. */
void edit_file_remove(struct edit_file *file);

#endif
