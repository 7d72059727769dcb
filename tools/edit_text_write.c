/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writing a descriptor as a text that people edit.
 */
#include <errno.h>
#include <string.h>

#include "edit_text.h"
#include "entry.h"
#include "people.h"
#include "text.h"

/* the column of comments */
#define COMMENT_COLUMN 40

static const char help[] =
	"#\n"
	"# Save this to make it so; leave it as it is, or empty, to change nothing.\n"
	"#\n"
	"# Entries: PRINCIPAL:(FLAG)...(RIGHTS), one a line, as of icacls.\n"
	"#   rights   F full control, M modify, RX read & execute, R read, W write, D delete,\n"
	"#            N none, and RD WD AD REA WEA X DC RA WA DE RC WDAC WO S, with commas\n"
	"#   flags    (DENY), and on folders (OI) for files in it, (CI) for folders in it,\n"
	"#            (NP) not deeper, (IO) not for itself; (I) is inherited: such\n"
	"#            entries are changed in the folder they come from\n"
	"#   or an ACE of SDDL, such as (XA;;FR;;;WD;(@USER.clearance > 2))\n"
	"# An earlier entry outweighs a later one: keep denials first.\n"
	"\n";

static int write_principal(FILE *out, const char *what, bool has, const struct sid *sid)
{
	TEXT_CLEANUP char *name = has ? entry_principal(sid) : strdup("none");

	if (!name)
		return -ENOMEM;
	fprintf(out, "%s: %s\n", what, name);
	return 0;
}

/* What @ace means, in words; if it is in SDDL, that says what it gives. */
static int write_comment(FILE *out, const struct ace *ace, bool folder)
{
	TEXT_CLEANUP char *flags = people_flags(ace, folder);
	TEXT_CLEANUP char *rights = NULL;

	if (!entry_is_plain(ace)) {
		fprintf(out, "ACE type 0x%02x; %s\n", ace->type, flags ? flags : "");
		return flags ? 0 : -ENOMEM;
	}
	rights = people_rights(ace->mask, folder);
	if (!flags || !rights)
		return -ENOMEM;
	fprintf(out, "%s%s%s%s\n", ace_type_is_deny(ace->type) ? "no " : "", rights,
		*flags ? "; " : "", flags);
	return 0;
}

static int write_ace(FILE *out, const struct acl *list, size_t i, bool folder)
{
	const struct ace *ace = &list->aces[i];
	TEXT_CLEANUP char *text = NULL;
	enum sd_error error = entry_write(ace, &text);

	if (error == SD_NO_TEXT)
		text = asprintf(&text, "@%zu", i + 1) < 0 ? NULL : text;
	if (!text)
		return -ENOMEM;
	fprintf(out, "  %-*s # ", COMMENT_COLUMN, text);
	if (error == SD_NO_TEXT)
		fputs("kept as it is: it has no text; ", out);
	return write_comment(out, ace, folder);
}

static int write_list(FILE *out, const char *what, const struct acl *list, bool protected,
		      bool inherits, bool folder)
{
	int error = 0;

	fprintf(out, "\n%s:%s%s%s\n", what, protected ? " protected" : "", list ? "" : " null",
		inherits && !protected ? "   # inherits from its folder" : "");
	for (size_t i = 0; list && i < list->count && error == 0; i++)
		error = write_ace(out, list, i, folder);
	return error;
}

int edit_text_write(FILE *out, const char *path, const struct descriptor *sd, bool folder)
{
	int error;

	fputs("# Who may do what with ", out);
	text_print_name(out, path);
	fprintf(out, " (a %s).\n%s", folder ? "folder" : "file", help);
	error = write_principal(out, "owner", sd->has_owner, &sd->owner);
	if (error == 0)
		error = write_principal(out, "group", sd->has_group, &sd->group);
	fputs("\n# \"protected\": nothing is inherited.  \"null\": everybody has full control.",
	      out);
	if (error == 0)
		error = write_list(out, "dacl", sd->dacl, sd->control & SE_DACL_PROTECTED,
				   sd->control & SE_DACL_AUTO_INHERITED, folder);
	fputs("\n# What is audited: (SUCCESS), (FAILURE) or both before the rights.", out);
	if (error == 0 && (sd->control & SE_SACL_PRESENT))
		return write_list(out, "sacl", sd->sacl, sd->control & SE_SACL_PROTECTED,
				  sd->control & SE_SACL_AUTO_INHERITED, folder);
	fputs("\n# There is no such list, or you may not read it: that takes SeSecurityPrivilege.\n"
	      "#sacl:\n",
	      out);
	return error;
}
