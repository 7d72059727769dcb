/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of idmap.h share. */
#ifndef GUISE_KEYRING_IDMAP_PARTS_H
#define GUISE_KEYRING_IDMAP_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "acl/sid.h"

/* A whole decimal id; all bits set is no id. */
bool idmap_id_parse(const char *text, uint32_t *id);

/* Is the name of @sid written, and taken before any account, without an authority before it? */
bool idmap_is_bare(const struct sid *sid);

#endif
