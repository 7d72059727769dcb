/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writing files as `icacls NAME /save FILE` does: UTF-16, little-endian, alternately the path of an
 * object and its DACL as SDDL.  Reading them is the affair of saved.h.
 */
#ifndef GUISE_TOOLS_ICACLS_H
#define GUISE_TOOLS_ICACLS_H

#include <stdio.h>

#include "acl/descriptor.h"

/* Begins a file. */
int icacls_begin(FILE *file);

/*
 * Writes what it can hold of @sd, the DACL, for @path ("folder/file").  0, or -errno, having
 * written nothing: -EILSEQ if such a file cannot hold the path (no UTF-8, or characters that
 * Windows does not allow in names), -ENOTSUP if it cannot hold the DACL.
 */
int icacls_put(FILE *file, const char *path, const struct descriptor *sd);

#endif
