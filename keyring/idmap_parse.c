/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Principals as people write them.  Apart from the look-ups, which need no SDDL. */
#include <errno.h>
#include <string.h>

#include "acl/sddl.h"
#include "acl/well_known.h"
#include "keyring/domain.h"
#include "keyring/idmap.h"
#include "keyring/idmap_parts.h"

/* The host's own "users" comes before BUILTIN\Users, but "Everyone" before any account. */
static bool well_known_first(const char *text, struct sid *sid)
{
	struct sid found;

	if (!well_known_sid(text, NULL, &found) || (!strchr(text, '\\') && !idmap_is_bare(&found)))
		return false;
	*sid = found;
	return true;
}

static bool is_capital(char c)
{
	return c >= 'A' && c <= 'Z';
}

/*
 * An account, else a group, else what only the domain knows, else BUILTIN's "users" by its
 * bare name.  Only who is known not to be an account is looked for further: an error of the
 * directory must not make alice her group.
 */
static bool account_parse(const char *text, struct sid *sid)
{
	uint32_t id;
	int error = idmap_user(text, &id);

	if (error == 0)
		error = domain_user_sid(id, sid);
	if (error != -ENOENT)
		return error == 0;
	error = idmap_group(text, &id);
	if (error == 0)
		error = domain_group_sid(id, sid);
	if (error == -ENOENT)
		error = domain_named(text, sid);
	if (error != -ENOENT)
		return error == 0;
	return well_known_sid(text, NULL, sid);
}

bool idmap_sid_parse(const char *text, struct sid *sid)
{
	const char *end;
	uint32_t id;

	if (sid_parse(text, sid, &end) && *end == '\0')
		return true;
	if (well_known_first(text, sid))
		return true;
	if (is_capital(text[0]) && is_capital(text[1]) && text[2] == '\0' &&
	    sddl_alias_sid(text, NULL, sid))
		return true;
	if (strncmp(text, "uid:", 4) == 0 && idmap_id_parse(text + 4, &id)) {
		*sid = sid_from_uid(id);
		return true;
	}
	if (strncmp(text, "gid:", 4) == 0 && idmap_id_parse(text + 4, &id)) {
		*sid = sid_from_gid(id);
		return true;
	}
	return account_parse(text, sid);
}
