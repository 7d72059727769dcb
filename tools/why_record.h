/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Audit records of guisefs (docs/audit.md): finding one, and saying in words what it says.
 */
#ifndef GUISE_TOOLS_WHY_RECORD_H
#define GUISE_TOOLS_WHY_RECORD_H

#include <jansson.h>
#include <stdio.h>

/*
 * The record with @id in @file, one a line, whatever else is in it and whatever stands before
 * the record in its line.  NULL: there is none; or it cannot be read, which ferror() tells.
 */
json_t *why_find(FILE *file, const char *id);

/* Explains @record on stdout. */
void why_print(const json_t *record);

#endif
