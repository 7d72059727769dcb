/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ENTRY text of an ACE.
 */
#include "entry.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "acl/descriptor.h"
#include "acl/mask.h"
#include "acl/sddl.h"
#include "command.h"
#include "error.h"
#include "keyring/idmap.h"
#include "keyring/scoped.h"
#include "rights.h"
#include "text.h"

#define DESCRIPTOR_CLEANUP __attribute__((cleanup(descriptor_destroyp)))

/* characters of a wrong text that its error repeats */
#define NEAR_LENGTH 24

#define AUDIT_FLAGS (SUCCESSFUL_ACCESS_ACE_FLAG | FAILED_ACCESS_ACE_FLAG)

/* beyond what is in an ACE's flags */
#define FLAG_DENY 0x100u

static const char need_colon[] =
	"PRINCIPAL:RIGHTS, such as alice:(OI)(CI)M, or an ACE of SDDL such as (A;;FR;;;WD)";
static const char need_principal[] =
	"a principal: an account or group that this host knows, a SID, uid:N, gid:N, a well-known "
	"name such as Everyone";
static const char need_flag[] =
	"a flag: (OI), (CI), (NP), (IO), (I), (DENY), (SUCCESS) or (FAILURE)";
static const char need_rights[] = "rights after the flags";
static const char need_one_kind[] = "(DENY) or (SUCCESS) and (FAILURE), not both";
static const char need_alone[] = "N alone: no access, which denies all";
static const char need_one_ace[] = "one ACE and nothing after it";

/* in the order in which they are written */
static const struct {
	const char *name;
	unsigned int flag;
	bool written;
} flag_names[] = {
	{"I", INHERITED_ACE, true},
	{"OI", OBJECT_INHERIT_ACE, true},
	{"CI", CONTAINER_INHERIT_ACE, true},
	{"NP", NO_PROPAGATE_INHERIT_ACE, true},
	{"IO", INHERIT_ONLY_ACE, true},
	{"DENY", FLAG_DENY, true},
	{"SUCCESS", SUCCESSFUL_ACCESS_ACE_FLAG, true},
	{"FAILURE", FAILED_ACCESS_ACE_FLAG, true},
	{"SA", SUCCESSFUL_ACCESS_ACE_FLAG, false},
	{"FA", FAILED_ACCESS_ACE_FLAG, false},
};

#define FLAG_COUNT (sizeof(flag_names) / sizeof(flag_names[0]))

static enum sd_error fail(struct entry_fault *fault, size_t offset, const char *expected)
{
	*fault = (struct entry_fault){offset, expected};
	return SD_BAD_SYNTAX;
}

void entry_clear(struct ace *ace)
{
	free(ace->data);
	ace->data = NULL;
}

/* --- ACEs of SDDL --- */

/* The only ACE of @acl, out of it; false if there is not just one. */
static bool take_only(struct acl *acl, struct ace *ace)
{
	if (!acl || acl->count != 1)
		return false;
	*ace = acl->aces[0];
	acl->aces[0].data = NULL;
	return true;
}

/* Reads @text as the one ACE of the list that @prefix, "D:" or "S:", begins. */
static enum sd_error read_list(const char *prefix, const char *text, struct ace *ace,
			       struct entry_fault *fault)
{
	DESCRIPTOR_CLEANUP struct descriptor *sd = NULL;
	SCOPED_BUFFER char *list = NULL;
	struct sddl_fault place = {0, need_one_ace};
	enum sd_error error;
	bool sacl = *prefix == 'S';

	if (asprintf(&list, "%s%s", prefix, text) < 0) {
		list = NULL;
		return SD_NO_MEMORY;
	}
	error = sddl_read(list, NULL, &sd, &place);
	if (error == SD_BAD_SYNTAX)
		return fail(fault, place.offset < 2 ? 0 : place.offset - 2, place.expected);
	if (error)
		return error;
	if (sd->has_owner || sd->has_group || (sacl ? sd->dacl : sd->sacl) ||
	    !take_only(sacl ? sd->sacl : sd->dacl, ace))
		return fail(fault, strlen(text), need_one_ace);
	return SD_OK;
}

static enum sd_error read_sddl(const char *text, struct ace *ace, struct entry_fault *fault)
{
	struct entry_fault other = {0, need_one_ace};
	enum sd_error error = read_list("D:", text, ace, fault);

	if (error != SD_BAD_SYNTAX)
		return error;
	error = read_list("S:", text, ace, &other);
	/* the list that understood more of it says what is wrong */
	if (error == SD_BAD_SYNTAX && other.offset > fault->offset)
		*fault = other;
	return error;
}

/* --- as icacls --- */

/* The flags that @length characters name, with commas between; 0 if they do not. */
static unsigned int read_flags(const char *text, size_t length)
{
	unsigned int flags = 0;

	for (size_t at = 0; at <= length;) {
		size_t end = at;
		size_t i = 0;

		while (end < length && text[end] != ',')
			end++;
		while (i < FLAG_COUNT && (strlen(flag_names[i].name) != end - at ||
					  strncasecmp(flag_names[i].name, text + at, end - at)))
			i++;
		if (i == FLAG_COUNT)
			return 0;
		flags |= flag_names[i].flag;
		at = end + 1;
	}
	return flags;
}

/*
 * Reads the groups of flags at @at, and moves it behind them.  The last group is the rights unless
 * something follows it.
 */
static enum sd_error take_flags(const char *text, size_t *at, unsigned int *flags,
				struct entry_fault *fault)
{
	while (text[*at] == '(') {
		const char *close = strchr(text + *at, ')');
		unsigned int more;

		if (!close || close[1] == '\0')
			break;
		more = read_flags(text + *at + 1, (size_t)(close - text) - *at - 1);
		if (!more)
			return fail(fault, *at, need_flag);
		*flags |= more;
		*at = (size_t)(close - text) + 1;
	}
	return text[*at] ? SD_OK : fail(fault, *at, need_rights);
}

static enum sd_error read_principal(const char *text, size_t length, struct sid *sid,
				    struct entry_fault *fault)
{
	SCOPED_BUFFER char *name = NULL;

	/* icacls wants a SID marked */
	if (length > 2 && strncasecmp(text, "*S-", 3) == 0) {
		text++;
		length--;
	}
	name = strndup(text, length);
	if (!name)
		return SD_NO_MEMORY;
	return length > 0 && idmap_sid_parse(name, sid) ? SD_OK : fail(fault, 0, need_principal);
}

static bool is_no_access(const char *rights)
{
	return strcasecmp(rights, "N") == 0 || strcasecmp(rights, "(N)") == 0;
}

/* What flags and rights make of the ACE. */
static enum sd_error read_rest(const char *text, size_t at, unsigned int flags, struct ace *ace,
			       struct entry_fault *fault)
{
	struct rights_fault place;
	bool audit = flags & AUDIT_FLAGS;
	bool deny = flags & FLAG_DENY;

	ace->flags = (uint8_t)flags;
	if (is_no_access(text + at)) {
		if (audit)
			return fail(fault, at, need_one_kind);
		ace->type = ACCESS_DENIED_ACE_TYPE;
		ace->mask = FILE_ALL_ACCESS;
		return SD_OK;
	}
	if (!rights_read(text + at, strlen(text + at), deny ? RIGHTS_DENY : RIGHTS_ALLOW,
			 &ace->mask, &place)) {
		bool none = strcasecmp(text + at + place.offset, "N") == 0 ||
			    strncasecmp(text + at + place.offset, "N,", 2) == 0 ||
			    strncasecmp(text + at + place.offset, "N)", 2) == 0;

		return fail(fault, at + place.offset, none ? need_alone : place.expected);
	}
	ace->type = audit  ? SYSTEM_AUDIT_ACE_TYPE
		    : deny ? ACCESS_DENIED_ACE_TYPE
			   : ACCESS_ALLOWED_ACE_TYPE;
	return SD_OK;
}

static enum sd_error read_entry(const char *text, unsigned int implied, struct ace *ace,
				struct entry_fault *fault)
{
	const char *colon = strrchr(text, ':');
	unsigned int flags = 0;
	enum sd_error error;
	size_t at;

	*ace = (struct ace){0};
	if (text[0] == '(')
		return read_sddl(text, ace, fault);
	if (!colon)
		return fail(fault, strlen(text), need_colon);
	at = (size_t)(colon - text) + 1;
	error = take_flags(text, &at, &flags, fault);
	if (error)
		return error;
	if (!(flags & AUDIT_FLAGS))
		flags |= implied;
	if ((flags & AUDIT_FLAGS) && (flags & FLAG_DENY))
		return fail(fault, (size_t)(colon - text) + 1, need_one_kind);
	error = read_rest(text, at, flags, ace, fault);
	return error ? error : read_principal(text, (size_t)(colon - text), &ace->sid, fault);
}

enum sd_error entry_read(const char *text, struct ace *ace, struct entry_fault *fault)
{
	return read_entry(text, 0, ace, fault);
}

enum sd_error entry_read_denial(const char *text, struct ace *ace, struct entry_fault *fault)
{
	return read_entry(text, FLAG_DENY, ace, fault);
}

char *entry_explain(const char *text, enum sd_error error, const struct entry_fault *fault)
{
	char *words;
	int length;

	if (error != SD_BAD_SYNTAX)
		return strdup(sd_strerror(error));
	if (fault->offset == 0)
		length = asprintf(&words, "expected %s", fault->expected);
	else if (fault->offset >= strlen(text))
		length = asprintf(&words, "at the end: expected %s", fault->expected);
	else
		length = asprintf(&words, "at \"%.*s\": expected %s", NEAR_LENGTH,
				  text + fault->offset, fault->expected);
	return length < 0 ? NULL : words;
}

int entry_report(const char *text, enum sd_error error, const struct entry_fault *fault)
{
	SCOPED_BUFFER char *words = entry_explain(text, error, fault);

	error_about(text, "%s", words ? words : sd_strerror(SD_NO_MEMORY));
	return error == SD_NO_MEMORY ? STATUS_FAILED : STATUS_USAGE;
}

/* --- writing --- */

static bool is_printable(const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < ' ' || c == 0x7f)
			return false;
	}
	return true;
}

/* Has @name nothing that could deceive who reads it? */
static bool is_shown_as_it_is(const char *name)
{
	SCOPED_BUFFER char *escaped = text_escape(name, strlen(name));

	return escaped && strcmp(escaped, name) == 0;
}

char *entry_principal(const struct sid *sid)
{
	char name[IDMAP_NAME_MAX];
	char number[SID_MAX_TEXT];
	struct sid read;
	char *text;
	uid_t uid;
	gid_t gid;

	idmap_sid_name(sid, name, sizeof(name));
	/* '#' begins comments in what is edited, '@' places, '(' ACEs of SDDL */
	if (strcmp(name, sid_format(sid, number)) != 0 && is_shown_as_it_is(name) &&
	    !strchr("(#@* ", name[0]) && !strstr(name, " #") && idmap_sid_parse(name, &read) &&
	    sid_equal(&read, sid))
		return strdup(name);
	/* LocalSystem is also user 0, but read back as that is another SID */
	if (sid_to_uid(sid, &uid)) {
		read = sid_from_uid(uid);
		if (sid_equal(&read, sid))
			return asprintf(&text, "uid:%" PRIu32, uid) < 0 ? NULL : text;
	}
	if (sid_to_gid(sid, &gid))
		return asprintf(&text, "gid:%" PRIu32, gid) < 0 ? NULL : text;
	return strdup(number);
}

static uint8_t flags_of_type(uint8_t type)
{
	uint8_t flags = 0;

	for (size_t i = 0; i < FLAG_COUNT; i++) {
		if (!(flag_names[i].flag & (FLAG_DENY | AUDIT_FLAGS)))
			flags |= (uint8_t)flag_names[i].flag;
	}
	return type == SYSTEM_AUDIT_ACE_TYPE ? flags | AUDIT_FLAGS : flags;
}

bool entry_is_plain(const struct ace *ace)
{
	if (ace->opaque || ace->data_size > 0 || (ace->flags & ~flags_of_type(ace->type)))
		return false;
	if (ace->type == SYSTEM_AUDIT_ACE_TYPE)
		return ace->flags & AUDIT_FLAGS;
	return ace->type == ACCESS_ALLOWED_ACE_TYPE || ace->type == ACCESS_DENIED_ACE_TYPE;
}

static enum sd_error write_plain(const struct ace *ace, char **text)
{
	SCOPED_BUFFER char *principal = entry_principal(&ace->sid);
	bool deny = ace->type == ACCESS_DENIED_ACE_TYPE;
	unsigned int flags = ace->flags | (deny ? FLAG_DENY : 0);
	char words[sizeof("(I)(OI)(CI)(NP)(IO)(DENY)(SUCCESS)(FAILURE)")];
	char rights[RIGHTS_MAX_TEXT];
	char *at = words;

	*at = '\0';
	for (size_t i = 0; i < FLAG_COUNT; i++) {
		if (flag_names[i].written && (flags & flag_names[i].flag)) {
			at = stpcpy(at, "(");
			at = stpcpy(at, flag_names[i].name);
			at = stpcpy(at, ")");
		}
	}
	rights_write(ace->mask, deny ? RIGHTS_DENY : RIGHTS_ALLOW, rights);
	if (!principal || asprintf(text, "%s:%s(%s)", principal, words, rights) < 0)
		return SD_NO_MEMORY;
	return SD_OK;
}

static enum sd_error write_sddl(const struct ace *ace, char **text)
{
	DESCRIPTOR_CLEANUP struct descriptor *sd = descriptor_create();
	SCOPED_BUFFER char *list = NULL;
	struct acl *acl = acl_create();
	enum sd_error error;

	if (!sd || !acl) {
		acl_destroy(acl);
		return SD_NO_MEMORY;
	}
	if (ace_type_is_allow(ace->type) || ace_type_is_deny(ace->type)) {
		descriptor_set_dacl(sd, acl);
	} else {
		sd->sacl = acl;
		sd->control |= SE_SACL_PRESENT;
	}
	error = acl_append(acl, ace);
	if (!error)
		error = sddl_write(sd, NULL, &list);
	if (error)
		return error;
	*text = strdup(list + strlen("D:"));
	return *text ? SD_OK : SD_NO_MEMORY;
}

/* Is @text, as one line, @ace?  SDDL leaves some things out. */
static enum sd_error check(const char *text, const struct ace *ace)
{
	struct entry_fault fault;
	struct ace read;
	enum sd_error error = entry_read(text, &read, &fault);
	bool same = !error && ace_equal(&read, ace) && is_printable(text);

	if (!error)
		entry_clear(&read);
	if (error == SD_NO_MEMORY)
		return error;
	return same ? SD_OK : SD_NO_TEXT;
}

enum sd_error entry_write(const struct ace *ace, char **text)
{
	char *written = NULL;
	enum sd_error error =
		entry_is_plain(ace) ? write_plain(ace, &written) : write_sddl(ace, &written);

	if (!error)
		error = check(written, ace);
	if (error) {
		free(written);
		return error;
	}
	*text = written;
	return SD_OK;
}
