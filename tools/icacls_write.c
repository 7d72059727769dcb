/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writing files as icacls does.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#include "acl/sddl.h"
#include "icacls.h"
#include "keyring/scoped.h"
#include "text.h"

#define DESCRIPTOR_CLEANUP __attribute__((cleanup(descriptor_destroyp)))

static void put_unit(FILE *file, uint16_t unit)
{
	putc_unlocked(unit & 0xff, file);
	putc_unlocked(unit >> 8, file);
}

int icacls_begin(FILE *file)
{
	put_unit(file, 0xfeff);
	return ferror(file) ? -EIO : 0;
}

/* @text as UTF-16, and how many units that are; NULL if it is no UTF-8, or without memory. */
static uint16_t *widen(const char *text, size_t *count)
{
	return u8_to_u16((const uint8_t *)text, strlen(text), NULL, count);
}

static void put_line(FILE *file, const uint16_t *units, size_t count)
{
	for (size_t i = 0; i < count; i++)
		put_unit(file, units[i]);
	put_unit(file, '\r');
	put_unit(file, '\n');
}

/* The DACL of @sd, without anything else, as SDDL. */
static int dacl_text(const struct descriptor *sd, char **text)
{
	DESCRIPTOR_CLEANUP struct descriptor *only = descriptor_create();
	enum sd_error error;

	if (!only)
		return -ENOMEM;
	if (!(sd->control & SE_DACL_PRESENT))
		return -ENOTSUP;
	only->control = sd->control & (SE_DACL_PRESENT | SE_DACL_PROTECTED |
				       SE_DACL_AUTO_INHERIT_REQ | SE_DACL_AUTO_INHERITED);
	only->dacl = sd->dacl ? acl_copy(sd->dacl) : NULL;
	if (sd->dacl && !only->dacl)
		return -ENOMEM;
	error = sddl_write(only, NULL, text);
	return error == SD_OK ? 0 : error == SD_NO_MEMORY ? -ENOMEM : -ENOTSUP;
}

/* Makes '\\' of '/'. */
static char *windows_path(const char *path)
{
	char *text = strpbrk(path, "\\:*?\"<>|\r\n") ? NULL : strdup(path);

	for (char *at = text; at && (at = strchr(at, '/'));)
		*at = '\\';
	return text;
}

int icacls_put(FILE *file, const char *path, const struct descriptor *sd)
{
	TEXT_CLEANUP char *name = windows_path(path);
	TEXT_CLEANUP char *sddl = NULL;
	SCOPED_BUFFER uint16_t *name_units = NULL;
	SCOPED_BUFFER uint16_t *sddl_units = NULL;
	size_t name_count, sddl_count;
	int error;

	if (!name)
		return -EILSEQ;
	name_units = widen(name, &name_count);
	if (!name_units)
		return -EILSEQ;
	error = dacl_text(sd, &sddl);
	if (error < 0)
		return error;
	if (strpbrk(sddl, "\r\n"))
		return -ENOTSUP;
	sddl_units = widen(sddl, &sddl_count);
	if (!sddl_units)
		return -ENOTSUP;
	put_line(file, name_units, name_count);
	put_line(file, sddl_units, sddl_count);
	return ferror(file) ? -EIO : 0;
}
