/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Security attributes ("claims"), [MS-DTYP] 2.4.10: a name and values of one type.
 * Users and devices have them in a token, objects in the resource attribute ACEs of
 * their SACL; conditions compare them.
 *
 * Functions are pure; an attribute may be read by many threads at once.
 */
#ifndef GUISE_ACL_ATTRIBUTE_H
#define GUISE_ACL_ATTRIBUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acl/error.h"
#include "acl/sid.h"

/* types of values, [MS-DTYP] 2.4.10.1 */
enum attribute_type {
	CLAIM_SECURITY_ATTRIBUTE_TYPE_INT64 = 0x0001,
	CLAIM_SECURITY_ATTRIBUTE_TYPE_UINT64 = 0x0002,
	CLAIM_SECURITY_ATTRIBUTE_TYPE_STRING = 0x0003,
	CLAIM_SECURITY_ATTRIBUTE_TYPE_SID = 0x0005,
	CLAIM_SECURITY_ATTRIBUTE_TYPE_BOOLEAN = 0x0006,
	CLAIM_SECURITY_ATTRIBUTE_TYPE_OCTET_STRING = 0x0010,
};

/* flags, [MS-DTYP] 2.4.10.1 */
#define CLAIM_SECURITY_ATTRIBUTE_NON_INHERITABLE 0x0001u
#define CLAIM_SECURITY_ATTRIBUTE_VALUE_CASE_SENSITIVE 0x0002u
#define CLAIM_SECURITY_ATTRIBUTE_USE_FOR_DENY_ONLY 0x0004u
#define CLAIM_SECURITY_ATTRIBUTE_DISABLED_BY_DEFAULT 0x0008u
#define CLAIM_SECURITY_ATTRIBUTE_DISABLED 0x0010u
#define CLAIM_SECURITY_ATTRIBUTE_MANDATORY 0x0020u

/* the most values of one attribute; [MS-DTYP] sets no limit, an ACE cannot hold more */
#define ATTRIBUTE_MAX_VALUES 4096
/* the longest name, in UTF-16 units */
#define ATTRIBUTE_MAX_NAME 4096

/* One value; which fields count depends on the attribute's type. */
struct attribute_value {
	uint64_t number; /* INT64 (as two's complement), UINT64, BOOLEAN */
	struct sid sid;  /* SID */
	uint8_t *bytes;  /* STRING: UTF-16, little-endian, no NUL; OCTET_STRING.  Owned */
	size_t size;     /* of bytes, in bytes */
};

struct attribute {
	uint16_t *name;     /* UTF-16 in host order, no NUL; owned */
	size_t name_length; /* in units */
	uint16_t type;      /* enum attribute_type */
	uint32_t flags;
	size_t count;
	struct attribute_value *values;
};

/* A list of attributes; owns them. */
struct attribute_list {
	size_t count;
	size_t room;
	struct attribute *items;
};

/* Frees what @attribute holds and clears it; the structure itself is the caller's. */
void attribute_clear(struct attribute *attribute);

/* A deep copy of @from into *@to, which holds nothing; SD_OK or SD_NO_MEMORY. */
enum sd_error attribute_copy(struct attribute *to, const struct attribute *from);

/* Are name (in any case), type, flags and values, in their order, the same? */
bool attribute_equal(const struct attribute *a, const struct attribute *b);

/*
 * Decodes CLAIM_SECURITY_ATTRIBUTE_RELATIVE_V1, [MS-DTYP] 2.4.10.1: the data of a resource
 * attribute ACE (2.4.4.15).  @bytes is hostile: every offset, length and count is checked.  Bytes
 * after the structure are ignored.  Offsets may come in any order; parts that share so many bytes
 * that the values are longer than @bytes are refused.  A SID is text, as specified; its binary form
 * is understood.  Stores in *@attribute (clear it with attribute_clear()), on failure nothing.
 * SD_OK, SD_NO_MEMORY, SD_BAD_ACE.
 */
enum sd_error attribute_read(const uint8_t *bytes, size_t size, struct attribute *attribute);

/*
 * Encodes @attribute as Windows lays it out (header, offsets, name with its NUL, values; padded
 * to four bytes).  Allocates *@bytes (free()).  SD_OK, SD_NO_MEMORY, SD_TOO_LARGE, or SD_BAD_ACE if
 * the type is none or a name or string has a NUL within.
 */
enum sd_error attribute_write(const struct attribute *attribute, uint8_t **bytes, size_t *size);

/*
 * Reads the text of an attribute in parentheses, ("name",TYPE,flags,value…), [MS-DTYP] 2.5.1.1,
 * from the start of @text (UTF-8).  @domain, which may be NULL, is the domain SID behind
 * aliases such as DA.  Stores in *@attribute and, in *@end, where the text after it starts.  On
 * SD_BAD_SYNTAX *@end is where the fault is and *@expected what would have been right there
 * (static string).
 */
enum sd_error attribute_read_text(const char *text, const struct sid *domain,
				  struct attribute *attribute, const char **end,
				  const char **expected);

/*
 * Writes @attribute as text in the form Windows writes.  Allocates *@text (free()).  SD_OK,
 * SD_NO_MEMORY, or SD_NO_TEXT if the text could not be read back as the same.
 */
enum sd_error attribute_write_text(const struct attribute *attribute, const struct sid *domain,
				   char **text);

/* Appends a deep copy of @attribute.  SD_OK or SD_NO_MEMORY. */
enum sd_error attribute_list_append(struct attribute_list *list, const struct attribute *attribute);

/* Frees the attributes of @list and clears it. */
void attribute_list_clear(struct attribute_list *list);

/*
 * The first attribute of @list with the name of @length UTF-16 units at @name (little-endian
 * bytes, as in a condition), in any case; NULL if there is none.
 */
const struct attribute *attribute_list_find(const struct attribute_list *list, const uint8_t *name,
					    size_t length);

#endif
