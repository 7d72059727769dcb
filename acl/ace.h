/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Access control entries and lists, [MS-DTYP] 2.4.4 and 2.4.5.
 */
#ifndef GUISE_ACL_ACE_H
#define GUISE_ACL_ACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acl/error.h"
#include "acl/sid.h"

/* ACE types, [MS-DTYP] 2.4.4.1 */
enum ace_type {
	ACCESS_ALLOWED_ACE_TYPE = 0x00,
	ACCESS_DENIED_ACE_TYPE = 0x01,
	SYSTEM_AUDIT_ACE_TYPE = 0x02,
	SYSTEM_ALARM_ACE_TYPE = 0x03,
	ACCESS_ALLOWED_COMPOUND_ACE_TYPE = 0x04,
	ACCESS_ALLOWED_OBJECT_ACE_TYPE = 0x05,
	ACCESS_DENIED_OBJECT_ACE_TYPE = 0x06,
	SYSTEM_AUDIT_OBJECT_ACE_TYPE = 0x07,
	SYSTEM_ALARM_OBJECT_ACE_TYPE = 0x08,
	ACCESS_ALLOWED_CALLBACK_ACE_TYPE = 0x09,
	ACCESS_DENIED_CALLBACK_ACE_TYPE = 0x0a,
	ACCESS_ALLOWED_CALLBACK_OBJECT_ACE_TYPE = 0x0b,
	ACCESS_DENIED_CALLBACK_OBJECT_ACE_TYPE = 0x0c,
	SYSTEM_AUDIT_CALLBACK_ACE_TYPE = 0x0d,
	SYSTEM_ALARM_CALLBACK_ACE_TYPE = 0x0e,
	SYSTEM_AUDIT_CALLBACK_OBJECT_ACE_TYPE = 0x0f,
	SYSTEM_ALARM_CALLBACK_OBJECT_ACE_TYPE = 0x10,
	SYSTEM_MANDATORY_LABEL_ACE_TYPE = 0x11,
	SYSTEM_RESOURCE_ATTRIBUTE_ACE_TYPE = 0x12,
	SYSTEM_SCOPED_POLICY_ID_ACE_TYPE = 0x13,
};

/* ACE flags, [MS-DTYP] 2.4.4.1 */
#define OBJECT_INHERIT_ACE 0x01u
#define CONTAINER_INHERIT_ACE 0x02u
#define NO_PROPAGATE_INHERIT_ACE 0x04u
#define INHERIT_ONLY_ACE 0x08u
#define INHERITED_ACE 0x10u
#define SUCCESSFUL_ACCESS_ACE_FLAG 0x40u
#define FAILED_ACCESS_ACE_FLAG 0x80u

/* flags of object ACEs, [MS-DTYP] 2.4.4.3 */
#define ACE_OBJECT_TYPE_PRESENT 0x1u
#define ACE_INHERITED_OBJECT_TYPE_PRESENT 0x2u

/* ACL revisions, [MS-DTYP] 2.4.5 */
#define ACL_REVISION 2
#define ACL_REVISION_DS 4

struct guid {
	uint8_t bytes[16]; /* as in memory on Windows: three little-endian fields, eight bytes */
};

/*
 * One ACE, decoded.  Which fields count depends on the type: opaque ACEs
 * (unknown types, compound) keep their body in @data and nothing else.
 */
struct ace {
	uint8_t type;
	uint8_t flags;
	bool opaque; /* @data is the whole body; mask and sid are unset */
	uint32_t mask;
	uint32_t object_flags;             /* object ACEs only */
	struct guid object_type;           /* valid with ACE_OBJECT_TYPE_PRESENT */
	struct guid inherited_object_type; /* valid with ACE_INHERITED_OBJECT_TYPE_PRESENT */
	struct sid sid;
	uint8_t *data; /* what follows the SID (condition, attribute), owned; may be NULL */
	size_t data_size;
};

/* A list of ACEs; owns them. */
struct acl {
	uint8_t revision; /* as read; acl writers choose 2 or 4 by content */
	size_t count;
	size_t room;  /* ACEs that fit before the array must grow */
	size_t bytes; /* binary size of what was appended; kept by acl_append() for its limit */
	struct ace *aces;
};

/* Which layout a type has. */
bool ace_type_is_object(uint8_t type);
bool ace_type_is_callback(uint8_t type);
bool ace_type_is_allow(uint8_t type); /* allow in any layout: plain, object, callback, both */
bool ace_type_is_deny(uint8_t type);

/* A plain ACE as a value; its data is NULL. */
struct ace ace_make(uint8_t type, uint8_t flags, uint32_t mask, const struct sid *sid);

/* Bytes @ace takes in binary form, padded to four. */
size_t ace_size(const struct ace *ace);

bool ace_equal(const struct ace *a, const struct ace *b);

/* An empty list; NULL without memory.  Free with acl_destroy(). */
struct acl *acl_create(void);

/* Frees @acl and its ACEs; NULL is allowed. */
void acl_destroy(struct acl *acl);

/* Appends a deep copy of @ace.  Returns SD_OK, SD_NO_MEMORY, or SD_TOO_LARGE (beyond what AclSize
 * can say). */
enum sd_error acl_append(struct acl *acl, const struct ace *ace);

/* A deep copy; NULL without memory. */
struct acl *acl_copy(const struct acl *acl);

bool acl_equal(const struct acl *a, const struct acl *b);

/* Bytes the binary form of @acl takes. */
size_t acl_binary_size(const struct acl *acl);

#endif
