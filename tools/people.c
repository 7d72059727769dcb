/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Descriptors in the people's form.
 */
#include "people.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl/mask.h"
#include "acl/sddl.h"
#include "keyring/idmap.h"
#include "text.h"

enum column { COLUMN_TYPE, COLUMN_PRINCIPAL, COLUMN_RIGHTS, COLUMN_FLAGS, COLUMNS };

/* a column may be wider than this, but then does not push the others apart */
#define COLUMN_LIMIT 40

/* of names that are followed by their SID */
#define NAME_WIDTH 24

struct row {
	char *cells[COLUMNS];
};

struct table {
	size_t count;
	struct row *rows;
};

static const struct {
	uint32_t mask;
	const char *name;
} right_sets[] = {
	{FILE_ALL_ACCESS, "full control"},
	{FILE_MODIFY, "modify"},
	{FILE_GENERIC_READ | FILE_GENERIC_WRITE | FILE_GENERIC_EXECUTE, "read & execute, write"},
	{FILE_GENERIC_READ | FILE_GENERIC_WRITE, "read, write"},
	{FILE_GENERIC_READ | FILE_GENERIC_EXECUTE, "read & execute"},
	{FILE_GENERIC_READ, "read"},
	{FILE_GENERIC_WRITE, "write"},
	{FILE_GENERIC_EXECUTE, "execute"},
	{GENERIC_ALL, "full control (generic)"},
	{GENERIC_READ | GENERIC_WRITE, "read, write (generic)"},
	{GENERIC_READ | GENERIC_EXECUTE, "read & execute (generic)"},
	{GENERIC_READ, "read (generic)"},
	{GENERIC_WRITE, "write (generic)"},
	{GENERIC_EXECUTE, "execute (generic)"},
};

char *people_rights(uint32_t mask, bool folder)
{
	char text[MASK_MAX_TEXT];

	for (size_t i = 0; i < sizeof(right_sets) / sizeof(right_sets[0]); i++) {
		if (right_sets[i].mask == mask)
			return strdup(right_sets[i].name);
	}
	return strdup(mask_format(mask, folder, text));
}

char *people_name(const struct sid *sid)
{
	char name[IDMAP_NAME_MAX];
	char text[SID_MAX_TEXT];

	/* idmap answers the SID itself if it knows no name */
	if (strcmp(idmap_sid_name(sid, name, sizeof(name)), sid_format(sid, text)) == 0)
		return NULL;
	return text_escape(name, strlen(name));
}

/* The name of @sid, or the SID in brackets. */
static char *name_or_sid(const struct sid *sid)
{
	char text[SID_MAX_TEXT];
	char *name = people_name(sid);

	if (name)
		return name;
	return asprintf(&name, "[%s]", sid_format(sid, text)) < 0 ? NULL : name;
}

char *people_principal(const struct sid *sid)
{
	TEXT_CLEANUP char *name = people_name(sid);
	char *marked;
	gid_t gid;

	/* a user's own group often has the user's name */
	if (!name || !sid_to_gid(sid, &gid))
		return name_or_sid(sid);
	return asprintf(&marked, "%s (group)", name) < 0 ? NULL : marked;
}

void people_print_sid(const struct sid *sid)
{
	TEXT_CLEANUP char *name = people_name(sid);
	char text[SID_MAX_TEXT];

	if (name) {
		text_pad(stdout, name, NAME_WIDTH);
		putchar(' ');
	}
	puts(sid_format(sid, text));
}

static const char *type_name(uint8_t type)
{
	if (ace_type_is_allow(type))
		return ace_type_is_callback(type) ? "allow if" : "allow";
	if (ace_type_is_deny(type))
		return ace_type_is_callback(type) ? "deny if" : "deny";
	switch (type) {
	case SYSTEM_AUDIT_ACE_TYPE:
	case SYSTEM_AUDIT_OBJECT_ACE_TYPE:
		return "audit";
	case SYSTEM_AUDIT_CALLBACK_ACE_TYPE:
	case SYSTEM_AUDIT_CALLBACK_OBJECT_ACE_TYPE:
		return "audit if";
	case SYSTEM_MANDATORY_LABEL_ACE_TYPE:
		return "label";
	case SYSTEM_RESOURCE_ATTRIBUTE_ACE_TYPE:
		return "attribute";
	case SYSTEM_SCOPED_POLICY_ID_ACE_TYPE:
		return "policy";
	default:
		return "other";
	}
}

/* Does an ACE of @type say more than who and what? */
static bool type_is_plain(uint8_t type)
{
	return type == ACCESS_ALLOWED_ACE_TYPE || type == ACCESS_DENIED_ACE_TYPE ||
	       type == SYSTEM_AUDIT_ACE_TYPE;
}

/* What on a folder @flags make the ACE apply to. */
static const char *scope_name(uint8_t flags)
{
	switch (flags & (OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE | INHERIT_ONLY_ACE)) {
	case OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE:
		return "this folder, subfolders and files";
	case OBJECT_INHERIT_ACE:
		return "this folder and files";
	case CONTAINER_INHERIT_ACE:
		return "this folder and subfolders";
	case OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE | INHERIT_ONLY_ACE:
		return "subfolders and files only";
	case OBJECT_INHERIT_ACE | INHERIT_ONLY_ACE:
		return "files only";
	case CONTAINER_INHERIT_ACE | INHERIT_ONLY_ACE:
		return "subfolders only";
	case INHERIT_ONLY_ACE:
		return "nothing";
	default:
		return "this folder only";
	}
}

static char *flags_text(const struct ace *ace, bool folder, const char *sddl)
{
	const uint8_t both = OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE;
	const char *parts[6];
	size_t count = 0;
	char *text = NULL;
	size_t size;
	FILE *out;

	if (folder)
		parts[count++] = scope_name(ace->flags);
	else if (ace->flags & INHERIT_ONLY_ACE)
		parts[count++] = "nothing";
	if ((ace->flags & NO_PROPAGATE_INHERIT_ACE) && (ace->flags & both))
		parts[count++] = "one level deep";
	if (ace->flags & SUCCESSFUL_ACCESS_ACE_FLAG)
		parts[count++] = "on success";
	if (ace->flags & FAILED_ACCESS_ACE_FLAG)
		parts[count++] = "on failure";
	if (ace->flags & INHERITED_ACE)
		parts[count++] = "inherited";
	if (sddl)
		parts[count++] = sddl;
	out = open_memstream(&text, &size);
	for (size_t i = 0; out && i < count; i++)
		fprintf(out, "%s%s", i > 0 ? "; " : "", parts[i]);
	if (out && fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

char *people_flags(const struct ace *ace, bool folder)
{
	return flags_text(ace, folder, NULL);
}

/* @ace as SDDL, escaped: what cannot be said in words.  NULL without memory. */
static char *ace_sddl(const struct ace *ace)
{
	__attribute__((cleanup(descriptor_destroyp))) struct descriptor *sd = descriptor_create();
	struct acl *acl = acl_create();
	TEXT_CLEANUP char *text = NULL;

	if (!sd || !acl || acl_append(acl, ace) != SD_OK) {
		acl_destroy(acl);
		return NULL;
	}
	descriptor_set_dacl(sd, acl);
	switch (sddl_write(sd, NULL, &text)) {
	case SD_OK:
		return text_escape(text + 2, strlen(text + 2)); /* without "D:" */
	case SD_NO_MEMORY:
		return NULL;
	default:
		return strdup(ace_type_is_callback(ace->type) ? "condition not shown"
							      : "details not shown");
	}
}

static int row_fill(struct row *row, const struct ace *ace, bool folder)
{
	bool plain = type_is_plain(ace->type);
	TEXT_CLEANUP char *sddl = plain ? NULL : ace_sddl(ace);

	if (!plain && !sddl)
		return -ENOMEM;
	if (ace->opaque) {
		row->cells[COLUMN_PRINCIPAL] = strdup("-");
		if (asprintf(&row->cells[COLUMN_RIGHTS], "ACE type 0x%02x", ace->type) < 0)
			row->cells[COLUMN_RIGHTS] = NULL;
	} else {
		row->cells[COLUMN_PRINCIPAL] = people_principal(&ace->sid);
		row->cells[COLUMN_RIGHTS] = people_rights(ace->mask, folder);
	}
	row->cells[COLUMN_TYPE] = strdup(type_name(ace->type));
	row->cells[COLUMN_FLAGS] = flags_text(ace, folder, sddl);
	for (int i = 0; i < COLUMNS; i++) {
		if (!row->cells[i])
			return -ENOMEM;
	}
	return 0;
}

static void table_clear(struct table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		for (int column = 0; column < COLUMNS; column++)
			free(table->rows[i].cells[column]);
	}
	free(table->rows);
}

#define TABLE_CLEANUP __attribute__((cleanup(table_clear)))

static int table_fill(struct table *table, const struct acl *acl, bool folder)
{
	if (!acl || acl->count == 0)
		return 0;
	table->rows = calloc(acl->count, sizeof(*table->rows));
	if (!table->rows)
		return -ENOMEM;
	table->count = acl->count;
	for (size_t i = 0; i < acl->count; i++) {
		if (row_fill(&table->rows[i], &acl->aces[i], folder) < 0)
			return -ENOMEM;
	}
	return 0;
}

static void table_print(const struct table *table)
{
	int widths[COLUMNS] = {0};

	for (size_t i = 0; i < table->count; i++) {
		for (int column = 0; column < COLUMNS; column++) {
			int width = text_width(table->rows[i].cells[column]);

			if (width > widths[column] && width <= COLUMN_LIMIT)
				widths[column] = width;
		}
	}
	for (size_t i = 0; i < table->count; i++) {
		char **cells = table->rows[i].cells;
		int last = *cells[COLUMN_FLAGS] ? COLUMN_FLAGS : COLUMN_RIGHTS;

		fputs("  ", stdout);
		for (int column = 0; column < last; column++) {
			text_pad(stdout, cells[column], widths[column]);
			fputs("  ", stdout);
		}
		puts(cells[last]);
	}
}

/* What the control bits say of a list, ", " before each. */
static void print_list_flags(uint16_t control, uint16_t protected, uint16_t inherited,
			     uint16_t defaulted)
{
	if (control & protected)
		fputs(", protected from inheritance", stdout);
	else if (control & inherited)
		fputs(", inherits from its folder", stdout);
	if (control & defaulted)
		fputs(", by default", stdout);
	putchar('\n');
}

static const char *list_words(bool present, const struct acl *list)
{
	if (!present)
		return "none: everyone has full control";
	if (!list)
		return "null: everyone has full control";
	if (list->count == 0)
		return "empty: nobody but the owner has rights";
	return NULL;
}

static void print_dacl(const struct descriptor *sd, const struct table *table)
{
	const char *words = list_words(sd->control & SE_DACL_PRESENT, sd->dacl);

	fputs("dacl:   ", stdout);
	if (words)
		fputs(words, stdout);
	else
		printf("%zu %s", table->count, table->count == 1 ? "entry" : "entries");
	print_list_flags(sd->control, SE_DACL_PROTECTED, SE_DACL_AUTO_INHERITED, SE_DACL_DEFAULTED);
	table_print(table);
}

static void print_sacl(const struct descriptor *sd, const struct table *table)
{
	if (!(sd->control & SE_SACL_PRESENT))
		return;
	printf("sacl:   %zu %s", table->count, table->count == 1 ? "entry" : "entries");
	print_list_flags(sd->control, SE_SACL_PROTECTED, SE_SACL_AUTO_INHERITED, SE_SACL_DEFAULTED);
	table_print(table);
}

int people_print(const struct descriptor *sd, bool folder)
{
	TABLE_CLEANUP struct table dacl = {0};
	TABLE_CLEANUP struct table sacl = {0};
	TEXT_CLEANUP char *owner = sd->has_owner ? people_principal(&sd->owner) : strdup("none");
	TEXT_CLEANUP char *group = sd->has_group ? name_or_sid(&sd->group) : strdup("none");

	if (!owner || !group || table_fill(&dacl, sd->dacl, folder) < 0 ||
	    table_fill(&sacl, sd->sacl, folder) < 0)
		return -ENOMEM;
	printf("owner:  %s\ngroup:  %s\n", owner, group);
	print_dacl(sd, &dacl);
	print_sacl(sd, &sacl);
	return 0;
}
