/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Vector cases of mandatory integrity.
 */
#include <string.h>

#include "acl/label.h"
#include "acl/mask.h"
#include "tests/vectors.h"

/* the rights that no generic right holds, but a token that dominates has */
#define OTHER_RIGHTS                                                                               \
	(FILE_ALL_ACCESS & ~(FILE_GENERIC_READ | FILE_GENERIC_WRITE | FILE_GENERIC_EXECUTE))

/* S-1-16-LEVEL */
static bool level_of(const char *text, uint32_t *level)
{
	struct sid sid;
	const char *end;

	if (!text || strncmp(text, "S-1-16-", 7) != 0 || !sid_parse(text, &sid, &end) || *end ||
	    sid.sub_count != 1)
		return false;
	*level = sid.sub[0];
	return true;
}

/* The label as the case spells it out; one that is inherit-only, or none, is the default. */
static bool need_label(const json_t *line, struct label *label, struct vector_report *report)
{
	const json_t *text = json_object_get(line, "object_label");
	const json_t *mask = json_object_get(line, "object_mask");
	const json_t *flags = json_object_get(line, "object_ace_flags");

	label->level = SECURITY_MANDATORY_MEDIUM_RID;
	label->policy = SYSTEM_MANDATORY_LABEL_NO_WRITE_UP;
	if (json_is_null(text))
		return true;
	if (!json_is_integer(mask) || !json_is_integer(flags)) {
		report_fail(report, "object_mask and object_ace_flags expected numbers got others");
		return false;
	}
	if (json_integer_value(flags) & INHERIT_ONLY_ACE)
		return true;
	label->policy = (uint32_t)json_integer_value(mask);
	if (level_of(json_string_value(text), &label->level))
		return true;
	report_fail(report, "object_label expected S-1-16-… got another");
	return false;
}

static bool need_label_token(const json_t *line, struct token **token, struct vector_report *report)
{
	const char *text = need_text(line, "token_label", report);
	const json_t *policy = json_object_get(line, "token_policy");
	uint32_t level;
	bool relabel;

	if (!text || !need_flag(line, "relabel_privilege", &relabel, report))
		return false;
	if (!level_of(text, &level) || !json_is_integer(policy)) {
		report_fail(report,
			    "token_label and token_policy expected a level and a number "
			    "got %s and others",
			    text);
		return false;
	}
	*token = token_create(&sid_everyone);
	if (!*token) {
		report_fail(report, "no memory");
		return false;
	}
	token_set_integrity(*token, level, (uint32_t)json_integer_value(policy));
	token_set_privileges(*token, relabel ? SE_RELABEL_PRIVILEGE : 0);
	return true;
}

/* The generic rights of the list "allowed", mapped. */
static bool need_allowed(const json_t *line, uint32_t *allowed, struct vector_report *report)
{
	const json_t *list = need_list(line, "allowed", true, report);
	json_t *item;
	size_t i;

	*allowed = 0;
	if (!list)
		return false;
	json_array_foreach(list, i, item)
	{
		const char *name = json_string_value(item);

		if (strcmp(name, "all") == 0)
			*allowed |= FILE_ALL_ACCESS;
		else if (strcmp(name, "read") == 0)
			*allowed |= FILE_GENERIC_READ;
		else if (strcmp(name, "write") == 0)
			*allowed |= FILE_GENERIC_WRITE;
		else if (strcmp(name, "execute") == 0)
			*allowed |= FILE_GENERIC_EXECUTE;
		else {
			report_fail(report, "allowed expected generic rights got %s", name);
			return false;
		}
	}
	return true;
}

/*
 * All bits of the file rights must be as expected.  The pseudocode gives a token that dominates
 * three generic rights instead of all, which would take DELETE, WRITE_DAC and the like away
 * from everybody; Windows does not, so these must pass wherever writing passes, which only a
 * token that dominates may.
 */
static void check_label(const json_t *line, const struct descriptor *sd, const struct token *token,
			struct vector_report *report)
{
	struct label label = label_of(sd), expected_label;
	uint32_t allowed = label_allows(&label, token) & FILE_ALL_ACCESS;
	uint32_t expected;
	bool relabel;

	if (!need_label(line, &expected_label, report) || !need_allowed(line, &expected, report) ||
	    !need_flag(line, "write_owner", &relabel, report))
		return;
	if ((expected & FILE_GENERIC_WRITE) == FILE_GENERIC_WRITE)
		expected |= OTHER_RIGHTS;
	if (relabel)
		expected |= WRITE_OWNER;
	if (label.level != expected_label.level || label.policy != expected_label.policy)
		report_fail(report, "object_label expected 0x%x with 0x%x got 0x%x with 0x%x",
			    expected_label.level, expected_label.policy, label.level, label.policy);
	else if (allowed != expected)
		report_fail(report, "allowed expected 0x%x got 0x%x", expected, allowed);
	else
		report_pass(report);
}

void vectors_label(json_t *line, struct vector_report *report)
{
	struct descriptor *sd __attribute__((cleanup(descriptor_destroyp))) =
		need_descriptor(line, "sd", report);
	struct token *token __attribute__((cleanup(vector_token_freep))) = NULL;

	if (sd && need_label_token(line, &token, report))
		check_label(line, sd, token, report);
}
