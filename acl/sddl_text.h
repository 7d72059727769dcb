/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The keywords of SDDL that reading and writing share; private to acl/.
 */
#ifndef GUISE_ACL_SDDL_TEXT_H
#define GUISE_ACL_SDDL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acl/ace.h"
#include "acl/mask.h"

#define SDDL_NULL_ACL "NO_ACCESS_CONTROL"

/* mandatory policies of a label, [MS-DTYP] 2.4.4.13 */
#define LABEL_NO_WRITE_UP 0x1u
#define LABEL_NO_READ_UP 0x2u
#define LABEL_NO_EXECUTE_UP 0x4u

/* what KA, KR, KW and KX stand for: rights on registry keys */
#define KEY_ALL_ACCESS 0x000f003fu
#define KEY_READ 0x00020019u
#define KEY_WRITE 0x00020006u

/* Which lists a type belongs in, and whether its text is known here. */
enum sddl_list {
	SDDL_DACL,
	SDDL_SACL,
};

struct sddl_type {
	char name[3];
	uint8_t type;
	enum sddl_list list;
	bool supported; /* conditional ACEs and resource attributes are not */
};

struct sddl_bits {
	char name[3];
	uint32_t bits;
};

static const struct sddl_type sddl_types[] = {
	{"A", ACCESS_ALLOWED_ACE_TYPE, SDDL_DACL, true},
	{"D", ACCESS_DENIED_ACE_TYPE, SDDL_DACL, true},
	{"OA", ACCESS_ALLOWED_OBJECT_ACE_TYPE, SDDL_DACL, true},
	{"OD", ACCESS_DENIED_OBJECT_ACE_TYPE, SDDL_DACL, true},
	{"XA", ACCESS_ALLOWED_CALLBACK_ACE_TYPE, SDDL_DACL, false},
	{"XD", ACCESS_DENIED_CALLBACK_ACE_TYPE, SDDL_DACL, false},
	{"ZA", ACCESS_ALLOWED_CALLBACK_OBJECT_ACE_TYPE, SDDL_DACL, false},
	{"AU", SYSTEM_AUDIT_ACE_TYPE, SDDL_SACL, true},
	{"AL", SYSTEM_ALARM_ACE_TYPE, SDDL_SACL, true},
	{"OU", SYSTEM_AUDIT_OBJECT_ACE_TYPE, SDDL_SACL, true},
	{"OL", SYSTEM_ALARM_OBJECT_ACE_TYPE, SDDL_SACL, true},
	{"XU", SYSTEM_AUDIT_CALLBACK_ACE_TYPE, SDDL_SACL, false},
	{"ML", SYSTEM_MANDATORY_LABEL_ACE_TYPE, SDDL_SACL, true},
	{"RA", SYSTEM_RESOURCE_ATTRIBUTE_ACE_TYPE, SDDL_SACL, false},
	{"SP", SYSTEM_SCOPED_POLICY_ID_ACE_TYPE, SDDL_SACL, true},
};

/* in the order in which they are written */
static const struct sddl_bits sddl_flags[] = {
	{"OI", OBJECT_INHERIT_ACE},
	{"CI", CONTAINER_INHERIT_ACE},
	{"NP", NO_PROPAGATE_INHERIT_ACE},
	{"IO", INHERIT_ONLY_ACE},
	{"ID", INHERITED_ACE},
	{"SA", SUCCESSFUL_ACCESS_ACE_FLAG},
	{"FA", FAILED_ACCESS_ACE_FLAG},
};

/* single bits, in the order in which they are written */
static const struct sddl_bits sddl_rights[] = {
	{"CC", 0x1},           {"DC", 0x2},          {"LC", 0x4},
	{"SW", 0x8},           {"RP", 0x10},         {"WP", 0x20},
	{"DT", 0x40},          {"LO", 0x80},         {"CR", 0x100},
	{"SD", DELETE},        {"RC", READ_CONTROL}, {"WD", WRITE_DAC},
	{"WO", WRITE_OWNER},   {"GA", GENERIC_ALL},  {"GX", GENERIC_EXECUTE},
	{"GW", GENERIC_WRITE}, {"GR", GENERIC_READ},
};

/* several bits at once; those of files are written where nothing else is in the mask */
static const struct sddl_bits sddl_file_rights[] = {
	{"FA", FILE_ALL_ACCESS},
	{"FR", FILE_GENERIC_READ},
	{"FW", FILE_GENERIC_WRITE},
	{"FX", FILE_GENERIC_EXECUTE},
};

static const struct sddl_bits sddl_key_rights[] = {
	{"KA", KEY_ALL_ACCESS},
	{"KR", KEY_READ},
	{"KW", KEY_WRITE},
	{"KX", KEY_READ},
};

/* in a mandatory label only */
static const struct sddl_bits sddl_label_rights[] = {
	{"NW", LABEL_NO_WRITE_UP},
	{"NR", LABEL_NO_READ_UP},
	{"NX", LABEL_NO_EXECUTE_UP},
};

#define SDDL_COUNT(table) (sizeof(table) / sizeof((table)[0]))

#endif
