/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Paths in files of saved descriptors: relative, on one line, whatever bytes they have.
 */
#ifndef GUISE_TOOLS_SAVED_PATH_H
#define GUISE_TOOLS_SAVED_PATH_H

#include <stddef.h>

/*
 * @path as it is written: bytes that cannot be seen, would end the line or the field, or belong to
 * no UTF-8 are \ooo, a backslash is doubled.  The same in every locale.  Caller frees; NULL
 * without memory.
 */
char *saved_path_escape(const char *path);

/* The other way, of @length bytes: 0 and *@path (caller frees), -EINVAL or -ENOMEM. */
int saved_path_unescape(const char *text, size_t length, char **path);

/*
 * What is wrong with @path as one that may be restored: it must be "." or lead down from there,
 * name by name.  NULL if nothing, else in words (static string).
 */
const char *saved_path_fault(const char *path);

#endif
