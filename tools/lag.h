/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Folders whose entries have not reached all that is in them: what a folder is given counts for
 * what is in it already only once it was handed down.
 */
#ifndef GUISE_TOOLS_LAG_H
#define GUISE_TOOLS_LAG_H

#include "ancestry.h"

/*
 * The lowest of the folders above the object of @ancestry that would hand down other entries than
 * the next one on the way to the object has, in *@folder; NULL if there is none below what is
 * protected or cannot be read.  Owned by @ancestry.  0 or -ENOMEM.
 */
int lag_find(struct ancestry *ancestry, const struct site **folder);

#endif
