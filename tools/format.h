/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The forms in which descriptors are printed: --format text|sddl|json|raw.
 *
 * JSON is one object a line; guise-json(5) says what is in it.
 */
#ifndef GUISE_TOOLS_FORMAT_H
#define GUISE_TOOLS_FORMAT_H

#include <stdbool.h>

#include <jansson.h>

#include "acl/descriptor.h"
#include "object.h"

enum format {
	FORMAT_TEXT,
	FORMAT_SDDL,
	FORMAT_JSON,
	FORMAT_RAW, /* the self-relative descriptor's bytes */
};

/*
 * Reads @text, one of those of which @formats has the bit 1 << FORMAT_….  STATUS_OK or
 * STATUS_USAGE, having reported what was expected.
 */
int format_read(const char *text, unsigned int formats, enum format *format);

/* All but the path of a descriptor as JSON; NULL without memory.  The caller drops the reference.
 */
json_t *format_descriptor(const struct descriptor *sd, bool folder, enum origin origin);

/* {"sid": …, "name": …} */
json_t *format_sid(const struct sid *sid);

/* The names of the rights in @mask */
json_t *format_rights(uint32_t mask, bool folder);

/* One entry of a list */
json_t *format_ace(const struct ace *ace, bool folder);

/*
 * Puts @path into @object: as "path", and if it is no UTF-8, that escaped, and its bytes in
 * hexadecimal digits as "path_bytes".  0, or -1 without memory.
 */
int format_put_path(json_t *object, const char *path);

/* Prints @object, whose reference it takes, on a line.  0 or -ENOMEM */
int format_print(json_t *object);

#endif
