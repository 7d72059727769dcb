/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Access rights: bits of an access mask, [MS-DTYP] 2.4.3, and what they mean
 * on files and folders, [MS-SMB2] 2.2.13.1.
 */
#ifndef GUISE_ACL_MASK_H
#define GUISE_ACL_MASK_H

#include <stddef.h>
#include <stdint.h>

#define FILE_READ_DATA 0x00000001u        /* file: read */
#define FILE_LIST_DIRECTORY 0x00000001u   /* folder: list names */
#define FILE_WRITE_DATA 0x00000002u       /* file: write anywhere, truncate */
#define FILE_ADD_FILE 0x00000002u         /* folder: create a file in it */
#define FILE_APPEND_DATA 0x00000004u      /* file: write at the end only */
#define FILE_ADD_SUBDIRECTORY 0x00000004u /* folder: create a folder in it */
#define FILE_READ_EA 0x00000008u          /* read extended attributes */
#define FILE_WRITE_EA 0x00000010u         /* write extended attributes */
#define FILE_EXECUTE 0x00000020u          /* file: execute */
#define FILE_TRAVERSE 0x00000020u         /* folder: pass through */
#define FILE_DELETE_CHILD 0x00000040u     /* folder: delete anything in it */
#define FILE_READ_ATTRIBUTES 0x00000080u  /* stat */
#define FILE_WRITE_ATTRIBUTES 0x00000100u /* utimens */

#define DELETE 0x00010000u
#define READ_CONTROL 0x00020000u
#define WRITE_DAC 0x00040000u
#define WRITE_OWNER 0x00080000u
#define SYNCHRONIZE 0x00100000u

#define ACCESS_SYSTEM_SECURITY 0x01000000u
#define MAXIMUM_ALLOWED 0x02000000u

#define GENERIC_ALL 0x10000000u
#define GENERIC_EXECUTE 0x20000000u
#define GENERIC_WRITE 0x40000000u
#define GENERIC_READ 0x80000000u

#define FILE_GENERIC_READ 0x00120089u
#define FILE_GENERIC_WRITE 0x00120116u
#define FILE_GENERIC_EXECUTE 0x001200a0u
#define FILE_ALL_ACCESS 0x001f01ffu

/* icacls' "M": everything but deleting children, WRITE_DAC and WRITE_OWNER */
#define FILE_MODIFY 0x001301bfu

/*
 * Replaces the four generic bits of @mask by the file rights they stand for;
 * other bits stay.  Pure.  [MS-DTYP] 2.5.3.2 (MapGenericAccess)
 */
uint32_t mask_map_generic(uint32_t mask);

/* the longest text mask_format() writes, with its NUL */
#define MASK_MAX_TEXT 320

/*
 * Writes the names of the rights in @mask, separated by '|' ("FILE_READ_DATA|
 * READ_CONTROL"), bits without a name as one hexadecimal number at the end,
 * an empty mask as "0", into @text.  Names are those of files, or of folders
 * if @folder.  Returns @text.
 */
char *mask_format(uint32_t mask, int folder, char text[MASK_MAX_TEXT]);

/*
 * The right that the first @length characters of @name name, in any case: a file's or a folder's
 * name of it, "FILE_" before it or not; or FILE_ALL_ACCESS, FILE_GENERIC_READ, FILE_GENERIC_WRITE
 * and FILE_GENERIC_EXECUTE, whole, since without "FILE_" the latter are other rights.  0 if none.
 */
uint32_t mask_named(const char *name, size_t length);

#endif
