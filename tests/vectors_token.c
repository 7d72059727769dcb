/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tokens of vector cases.
 */
#include <string.h>

#include "tests/vectors.h"

/* [SID, "enabled" | "deny_only" | "disabled"] */
static bool group_of(const json_t *pair, struct sid *sid, uint32_t *attributes)
{
	const char *text = json_string_value(json_array_get(pair, 0));
	const char *how = json_string_value(json_array_get(pair, 1));
	const char *end;

	if (!text || !how || !sid_parse(text, sid, &end) || *end)
		return false;
	if (strcmp(how, "enabled") == 0)
		*attributes = SE_GROUP_ENABLED;
	else if (strcmp(how, "deny_only") == 0)
		*attributes = SE_GROUP_USE_FOR_DENY_ONLY;
	else if (strcmp(how, "disabled") == 0)
		*attributes = 0;
	else
		return false;
	return true;
}

static bool token_take_groups(struct token *token, const json_t *from, struct vector_report *report)
{
	const json_t *groups = need_list(from, "groups", false, report);
	uint32_t attributes;
	struct sid sid;
	json_t *item;
	size_t i;

	if (!groups)
		return false;
	json_array_foreach(groups, i, item)
	{
		if (!group_of(item, &sid, &attributes) ||
		    token_add_group(token, &sid, attributes)) {
			report_fail(report, "token.groups expected [SID, how] got another at %zu",
				    i);
			return false;
		}
	}
	return true;
}

/* Lists of SIDs.  Groups of a device come without attributes: all are enabled. */
static bool token_take_sids(struct token *token, const json_t *from, const char *name, bool device,
			    struct vector_report *report)
{
	const json_t *list = need_list(from, name, true, report);
	const char *end;
	struct sid sid;
	json_t *item;
	size_t i;

	if (!list)
		return false;
	json_array_foreach(list, i, item)
	{
		const char *text = json_string_value(item);

		if (!sid_parse(text, &sid, &end) || *end ||
		    (device ? token_add_device_group(token, &sid, SE_GROUP_ENABLED)
			    : token_add_restricted(token, &sid))) {
			report_fail(report, "token.%s expected a SID got %s", name, text);
			return false;
		}
	}
	return true;
}

/* A name that is not known is a privilege that no access check asks for. */
static bool token_take_privileges(struct token *token, const json_t *from,
				  struct vector_report *report)
{
	const json_t *list = need_list(from, "privileges", true, report);
	uint32_t privileges = 0;
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item) privileges |=
		token_privilege_parse(json_string_value(item));
	token_set_privileges(token, privileges);
	return list;
}

static bool token_take_claims(struct token *token, const json_t *from, const char *name,
			      enum token_claims whose, struct vector_report *report)
{
	const json_t *list = need_list(from, name, true, report);
	json_t *item;
	size_t i;

	if (!list)
		return false;
	json_array_foreach(list, i, item)
	{
		const char *text = json_string_value(item), *end = "", *expected = NULL;
		struct attribute claim = {0};
		bool taken = attribute_read_text(text, NULL, &claim, &end, &expected) == SD_OK &&
			     !*end && token_add_claim(token, whose, &claim) == 0;

		attribute_clear(&claim);
		if (!taken) {
			report_fail(report, "token.%s expected %s got %s", name,
				    expected ? expected : "a claim", text);
			return false;
		}
	}
	return true;
}

static bool token_fill(struct token *token, const json_t *from, struct vector_report *report)
{
	return token_take_groups(token, from, report) &&
	       token_take_privileges(token, from, report) &&
	       token_take_sids(token, from, "restricted", false, report) &&
	       token_take_sids(token, from, "device_groups", true, report) &&
	       token_take_claims(token, from, "user_claims", TOKEN_CLAIMS_USER, report) &&
	       token_take_claims(token, from, "device_claims", TOKEN_CLAIMS_DEVICE, report);
}

struct token *need_token(const json_t *line, struct vector_report *report)
{
	const json_t *from = json_object_get(line, "token");
	struct token *token = NULL;
	uint32_t attributes;
	struct sid sid;

	if (group_of(json_object_get(from, "user"), &sid, &attributes))
		token = token_create(&sid);
	if (!token) {
		report_fail(report, "token.user expected [SID, how] got another");
		return NULL;
	}
	token_set_user_attributes(token, attributes);
	if (token_fill(token, from, report))
		return token;
	token_unref(token);
	return NULL;
}

void vector_token_freep(struct token **token)
{
	token_unref(*token);
}
