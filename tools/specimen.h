/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A descriptor by itself, in a file or on standard input: as SDDL, as a self-relative
 * descriptor, or as the attribute security.NTACL of Samba's holds it; in bytes or as getfattr(1)
 * shows these, "0x…" or "0s…".
 */
#ifndef GUISE_TOOLS_SPECIMEN_H
#define GUISE_TOOLS_SPECIMEN_H

#include <stdbool.h>

#include "acl/descriptor.h"

struct specimen;

/*
 * Reads file @path, or standard input if that is "-".  0 or -errno: -EBADMSG if it does
 * not hold a descriptor, or is not a regular file, of which is said why on stderr; -ESTALE if
 * it was replaced meanwhile.
 */
int specimen_open(const char *path, struct specimen **specimen);
void specimen_close(struct specimen *specimen);

/* Did it come from standard input? */
bool specimen_is_stream(const struct specimen *specimen);

/* Its descriptor, in *@sd for the caller to free.  0 or -ENOMEM */
int specimen_read(const struct specimen *specimen, struct descriptor **sd);

/*
 * Puts @sd in its place, in the form that it was found in; what came from standard input goes to
 * standard output.  A file (where it really is, if its path was a link) is replaced as a whole, by
 * another with its owner and permissions.  0 or -errno: -ESTALE if that is another file by now
 */
int specimen_write(const struct specimen *specimen, const struct descriptor *sd);

#endif
