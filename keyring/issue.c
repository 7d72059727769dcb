/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The token key of a logon service. */
#include "keyring/issue.h"

#include <errno.h>
#include <stdlib.h>

#include "acl/well_known.h"
#include "keyring/domain.h"
#include "keyring/grant.h"
#include "keyring/guise.h"
#include "keyring/idmap.h"
#include "keyring/scoped.h"

int issue_sid(const char *text, bool is_group, struct sid *sid)
{
	const char *end;
	uid_t uid;
	gid_t gid;
	int error;

	if (sid_parse(text, sid, &end) && *end == '\0')
		return 0;
	error = is_group ? idmap_group(text, &gid) : idmap_user(text, &uid);
	if (error == 0)
		return is_group ? domain_group_sid(gid, sid) : domain_user_sid(uid, sid);
	if (error == -ENOENT)
		error = domain_named(text, sid);
	if (error != -ENOENT)
		return error;
	return is_group && well_known_sid(text, NULL, sid) ? 0 : -ENOENT;
}

static int groups_take(struct token_text *text, const char *const *groups, size_t count)
{
	int error = 0;

	if (count > TOKEN_TEXT_GROUPS)
		return -EFBIG;
	for (size_t i = 0; i < count && !error; i++) {
		error = issue_sid(groups[i], true, &text->groups[i]);
		text->group_count = i + 1;
	}
	return error;
}

static int privileges_take(struct token_text *text, const char *const *privileges, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t bit = token_privilege_parse(privileges[i]);

		if (!bit)
			return -ENOENT;
		text->privileges |= bit;
	}
	return 0;
}

int guise_issue(const char *user, const char *const *groups, size_t group_count,
		const char *const *privileges, size_t privilege_count, const uid_t *accounts,
		size_t count, int level, unsigned int ttl, int32_t *serial)
{
	__attribute__((cleanup(token_text_free))) struct token_text text = {.has_user = true};
	int error = grant_audience(&text, accounts, count);

	if (!error)
		error = grant_level(&text, level);
	if (!error && !ttl)
		error = -EINVAL;
	if (error)
		return error;
	text.groups = calloc(group_count + 1, sizeof(*text.groups));
	if (!text.groups)
		return -ENOMEM;
	error = issue_sid(user, false, &text.user);
	if (!error)
		error = groups_take(&text, groups, group_count);
	if (!error)
		error = privileges_take(&text, privileges, privilege_count);
	return error ? error : grant_make(&text, ttl, serial);
}
