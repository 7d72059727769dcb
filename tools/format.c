/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The forms in which descriptors are printed. */
#include "format.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl/mask.h"
#include "acl/sddl.h"
#include "command.h"
#include "error.h"
#include "keyring/idmap.h"
#include "text.h"

struct bit {
	unsigned int bit;
	const char *name;
};

#define BIT(name)                                                                                  \
	{                                                                                          \
		name, #name                                                                        \
	}

static const struct bit control_bits[] = {
	BIT(SE_OWNER_DEFAULTED),       BIT(SE_GROUP_DEFAULTED),
	BIT(SE_DACL_PRESENT),          BIT(SE_DACL_DEFAULTED),
	BIT(SE_SACL_PRESENT),          BIT(SE_SACL_DEFAULTED),
	BIT(SE_DACL_TRUSTED),          BIT(SE_SERVER_SECURITY),
	BIT(SE_DACL_AUTO_INHERIT_REQ), BIT(SE_SACL_AUTO_INHERIT_REQ),
	BIT(SE_DACL_AUTO_INHERITED),   BIT(SE_SACL_AUTO_INHERITED),
	BIT(SE_DACL_PROTECTED),        BIT(SE_SACL_PROTECTED),
	BIT(SE_RM_CONTROL_VALID),      {0, NULL},
};

static const struct bit flag_bits[] = {
	BIT(OBJECT_INHERIT_ACE),
	BIT(CONTAINER_INHERIT_ACE),
	BIT(NO_PROPAGATE_INHERIT_ACE),
	BIT(INHERIT_ONLY_ACE),
	BIT(INHERITED_ACE),
	BIT(SUCCESSFUL_ACCESS_ACE_FLAG),
	BIT(FAILED_ACCESS_ACE_FLAG),
	{0, NULL},
};

static const char *const type_names[] = {
	"ACCESS_ALLOWED_ACE_TYPE",
	"ACCESS_DENIED_ACE_TYPE",
	"SYSTEM_AUDIT_ACE_TYPE",
	"SYSTEM_ALARM_ACE_TYPE",
	"ACCESS_ALLOWED_COMPOUND_ACE_TYPE",
	"ACCESS_ALLOWED_OBJECT_ACE_TYPE",
	"ACCESS_DENIED_OBJECT_ACE_TYPE",
	"SYSTEM_AUDIT_OBJECT_ACE_TYPE",
	"SYSTEM_ALARM_OBJECT_ACE_TYPE",
	"ACCESS_ALLOWED_CALLBACK_ACE_TYPE",
	"ACCESS_DENIED_CALLBACK_ACE_TYPE",
	"ACCESS_ALLOWED_CALLBACK_OBJECT_ACE_TYPE",
	"ACCESS_DENIED_CALLBACK_OBJECT_ACE_TYPE",
	"SYSTEM_AUDIT_CALLBACK_ACE_TYPE",
	"SYSTEM_ALARM_CALLBACK_ACE_TYPE",
	"SYSTEM_AUDIT_CALLBACK_OBJECT_ACE_TYPE",
	"SYSTEM_ALARM_CALLBACK_OBJECT_ACE_TYPE",
	"SYSTEM_MANDATORY_LABEL_ACE_TYPE",
	"SYSTEM_RESOURCE_ATTRIBUTE_ACE_TYPE",
	"SYSTEM_SCOPED_POLICY_ID_ACE_TYPE",
};

static const char *const format_names[] = {"text", "sddl", "json", "raw"};
static const char *const origin_names[] = {"mount", "stored", "implied", "file"};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

int format_read(const char *text, unsigned int formats, enum format *format)
{
	char expected[64] = "";
	size_t length = 0;

	for (unsigned int i = 0; i < COUNT(format_names); i++) {
		if (!(formats & 1u << i))
			continue;
		if (strcmp(text, format_names[i]) == 0) {
			*format = (enum format)i;
			return STATUS_OK;
		}
		length += (size_t)snprintf(expected + length, sizeof(expected) - length, "%s%s",
					   length ? formats >> (i + 1) ? ", " : " or " : "",
					   format_names[i]);
	}
	return error_usage("--format %s: expected %s", text, expected);
}

static json_t *names_of(unsigned int bits, const struct bit *names)
{
	json_t *array = json_array();

	for (; names->name; names++) {
		if (bits & names->bit)
			json_array_append_new(array, json_string(names->name));
	}
	return array;
}

json_t *format_sid(const struct sid *sid)
{
	char text[SID_MAX_TEXT], name[IDMAP_NAME_MAX];
	json_t *object = json_pack("{s:s}", "sid", sid_format(sid, text));

	/* idmap answers the SID itself if it knows no name; a name that is no text is left out */
	if (strcmp(idmap_sid_name(sid, name, sizeof(name)), text) != 0)
		json_object_set_new(object, "name", json_string(name));
	return object;
}

json_t *format_rights(uint32_t mask, bool folder)
{
	json_t *array = json_array();
	char text[MASK_MAX_TEXT];
	char *rest = mask ? mask_format(mask, folder, text) : NULL, *name;

	while ((name = strsep(&rest, "|")))
		json_array_append_new(array, json_string(name));
	return array;
}

/* @ace as SDDL, or NULL if there is no text for it. */
static json_t *ace_sddl(const struct ace *ace)
{
	__attribute__((cleanup(descriptor_destroyp))) struct descriptor *sd = descriptor_create();
	struct acl *acl = acl_create();
	TEXT_CLEANUP char *text = NULL;

	if (!sd || !acl || acl_append(acl, ace) != SD_OK) {
		acl_destroy(acl);
		return NULL;
	}
	descriptor_set_dacl(sd, acl);
	return sddl_write(sd, NULL, &text) == SD_OK ? json_string(text + 2) : NULL;
}

json_t *format_ace(const struct ace *ace, bool folder)
{
	json_t *object = json_object();
	json_t *sddl = ace_sddl(ace);
	char mask[16];

	if (ace->type < COUNT(type_names))
		json_object_set_new(object, "type", json_string(type_names[ace->type]));
	json_object_set_new(object, "type_number", json_integer(ace->type));
	json_object_set_new(object, "flags", names_of(ace->flags, flag_bits));
	if (!ace->opaque) {
		snprintf(mask, sizeof(mask), "0x%08x", ace->mask);
		json_object_set_new(object, "trustee", format_sid(&ace->sid));
		json_object_set_new(object, "mask", json_string(mask));
		json_object_set_new(object, "rights", format_rights(ace->mask, folder));
	}
	if (sddl)
		json_object_set_new(object, "sddl", sddl);
	return object;
}

static json_t *format_list(const struct acl *acl, bool folder)
{
	json_t *array = acl ? json_array() : json_null();

	for (size_t i = 0; acl && i < acl->count; i++)
		json_array_append_new(array, format_ace(&acl->aces[i], folder));
	return array;
}

json_t *format_descriptor(const struct descriptor *sd, bool folder, enum origin origin)
{
	TEXT_CLEANUP char *sddl = NULL;
	json_t *object = json_pack("{s:s, s:b}", "origin", origin_names[origin], "folder", folder);

	if (sd->has_owner)
		json_object_set_new(object, "owner", format_sid(&sd->owner));
	if (sd->has_group)
		json_object_set_new(object, "group", format_sid(&sd->group));
	json_object_set_new(object, "control", names_of(sd->control, control_bits));
	if (sd->control & SE_DACL_PRESENT)
		json_object_set_new(object, "dacl", format_list(sd->dacl, folder));
	if (sd->control & SE_SACL_PRESENT)
		json_object_set_new(object, "sacl", format_list(sd->sacl, folder));
	if (sddl_write(sd, NULL, &sddl) == SD_OK)
		json_object_set_new(object, "sddl", json_string(sddl));
	return object;
}

int format_put_path(json_t *object, const char *path)
{
	TEXT_CLEANUP char *escaped = NULL;
	TEXT_CLEANUP char *bytes = NULL;
	json_t *text = json_string(path);
	size_t length = strlen(path);

	if (text)
		return json_object_set_new(object, "path", text);
	escaped = text_escape(path, length);
	bytes = malloc(2 * length + 1);
	if (!escaped || !bytes)
		return -1;
	for (size_t i = 0; i < length; i++)
		sprintf(bytes + 2 * i, "%02x", (unsigned char)path[i]);
	return json_object_set_new(object, "path", json_string(escaped)) ||
			       json_object_set_new(object, "path_bytes", json_string(bytes))
		       ? -1
		       : 0;
}

int format_print(json_t *object)
{
	int error = object && json_dumpf(object, stdout, JSON_COMPACT | JSON_ENSURE_ASCII) == 0
			    ? 0
			    : -ENOMEM;

	putchar('\n');
	json_decref(object);
	return error;
}
