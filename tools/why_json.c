/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* guise why for programs; guise-why(1) describes it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "acl/denial.h"
#include "acl/mask.h"
#include "format.h"
#include "keyring/scoped.h"
#include "lag.h"
#include "text.h"
#include "why.h"

json_t *why_json_rights(uint32_t rights)
{
	char text[16];

	snprintf(text, sizeof(text), "0x%08x", rights);
	return json_string(text);
}

/* Text that need not be UTF-8. */
static json_t *json_text(const char *text)
{
	SCOPED_BUFFER char *escaped = NULL;
	json_t *string = json_string(text);

	if (string)
		return string;
	escaped = text_escape(text, strlen(text));
	return json_string(escaped ? escaped : "?");
}

/* {"path": …} */
static json_t *json_place(const char *path)
{
	json_t *object = json_object();

	format_put_path(object, path);
	return object;
}

static json_t *json_privileges(uint32_t privileges)
{
	json_t *list = json_array();

	for (uint32_t bit = 1; bit & SE_ALL_PRIVILEGES; bit <<= 1) {
		if (privileges & bit)
			json_array_append_new(list, json_string(token_privilege_name(bit)));
	}
	return list;
}

json_t *why_json_token(const struct whose *whose)
{
	const struct token *token = whose->token;
	json_t *object = json_object(), *list = json_array();
	size_t count;
	const struct token_group *groups = token_groups(token, &count);
	const struct sid *restricted;

	json_object_set_new(object, "user", format_sid(token_user(token)));
	for (size_t i = 0; i < count; i++) {
		if (!whose_repeats(groups, i))
			json_array_append_new(list, format_sid(&groups[i].sid));
	}
	json_object_set_new(object, "groups", list);
	json_object_set_new(object, "privileges", json_privileges(token_privileges(token)));
	restricted = token_restricted(token, &count);
	if (count)
		json_object_set_new(object, "restricted", list = json_array());
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, format_sid(&restricted[i]));
	if (token_actor(token) && whose->kind >= WHOSE_CALLER) {
		json_object_set_new(object, "level",
				    json_string(token_level_name(token_level(token))));
		json_object_set_new(object, "actor", format_sid(token_actor(token)));
	}
	if (token_rights(token) != UINT32_MAX)
		json_object_set_new(object, "rights", why_json_rights(token_rights(token)));
	json_object_set_new(object, "known", json_string(why_kind_text(whose->kind)));
	return object;
}

static json_t *json_trail(const struct trail *trail)
{
	static const char *const ends[] = {
		[TRAIL_FOUND] = "explicit",
		[TRAIL_NOT_HANDED] = "not-handed-down",
		[TRAIL_TOP] = "top",
		[TRAIL_UNKNOWN] = "unknown",
	};
	json_t *object = json_object();

	json_object_set_new(object, "end", json_string(ends[trail->end]));
	if (trail->from) {
		format_put_path(object, trail->from->path);
		json_object_set_new(object, "entry", json_integer((json_int_t)trail->place));
	}
	if (trail->after)
		json_object_set_new(object, "after", json_place(trail->after->path));
	return object;
}

static void add_ace(json_t *object, const struct site *site, const struct trace_step *step)
{
	const struct ace *ace = &site->sd->dacl->aces[step->ace];
	SCOPED_BUFFER char *text = why_ace_text(ace);
	ANCESTRY_CLEANUP struct ancestry above = {.object = site};
	struct trail trail;

	json_object_set_new(object, "entry", json_integer((json_int_t)step->ace));
	json_object_set_new(object, "text", json_text(text ? text : "?"));
	json_object_set_new(object, "rights", why_json_rights(step->rights));
	if (!step->gave && !step->took)
		json_object_set_new(object, "reason",
				    json_string(trace_reason_string(step->reason)));
	if ((ace->flags & INHERITED_ACE) && trail_follow(&above, ace, &trail) == 0)
		json_object_set_new(object, "inherited", json_trail(&trail));
}

static json_t *json_step(const struct site *site, const struct trace_step *step, bool *central)
{
	json_t *object = json_object();

	*central |= step->event == TRACE_CENTRAL_POLICY || step->event == TRACE_RECOVERY_POLICY;
	if (step->event == TRACE_ACE && !*central)
		add_ace(object, site, step);
	else
		json_object_set_new(object, "event", json_string(trace_event_string(step->event)));
	if (step->gave)
		json_object_set_new(object, "gave", why_json_rights(step->gave));
	if (step->took)
		json_object_set_new(object, "took", why_json_rights(step->took));
	return object;
}

json_t *why_json_explained(const struct site *site, const struct explanation *explanation)
{
	json_t *object = json_object(), *list = json_array();
	bool granted = explanation_granted(explanation), central = false;
	size_t count;
	const struct trace_step *steps = trace_steps(explanation->trace, &count);

	format_put_path(object, site->path);
	json_object_set_new(object, "verdict", json_string(granted ? "granted" : "denied"));
	json_object_set_new(object, "wanted", why_json_rights(explanation->wanted));
	if (!granted) {
		json_object_set_new(object, "missing",
				    why_json_rights(explanation->result.missing));
		json_object_set_new(object, "reason",
				    json_string(denial_name(explanation->denial.reason)));
	}
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_step(site, &steps[i], &central));
	json_object_set_new(object, "steps", list);
	return object;
}

/* One need: any of the checks suffices. */
static json_t *json_part(const struct why *why, const struct action_part *part)
{
	static const char *const by[] = {"rights", "posix", "sticky"};
	json_t *object = json_object(), *list = json_array();

	for (size_t i = 0; i < part->count; i++) {
		const struct action_check *check = &part->checks[i];
		const struct site *site = inquiry_site(why->inquiry, check->where);

		if (check->known)
			json_array_append_new(list, why_json_explained(site, &check->explanation));
		else
			json_array_append_new(list, json_pack("{s:s}", "verdict", "unknown"));
	}
	json_object_set_new(object, "verdict",
			    json_string(part->granted   ? "granted"
					: part->unknown ? "unknown"
							: "denied"));
	if (part->granted)
		json_object_set_new(object, "by", json_string(by[part->by]));
	json_object_set_new(object, "any", list);
	return object;
}

static void add_command(void *context, const char *command)
{
	json_array_append_new(context, json_text(command));
}

static json_t *json_notes(const struct why *why)
{
	json_t *list = json_array();

	for (size_t i = 0; i < why->whose->note_count; i++)
		json_array_append_new(list, json_string(why->whose->notes[i]));
	if (why->inquiry->object.no_sacl)
		json_array_append_new(list, json_string("the SACL is not shown"));
	if (why->inquiry->way_unknown)
		json_array_append_new(list, json_string(WHY_UNREAD));
	return list;
}

/* A folder above has entries that were not handed down. */
static int add_lag(json_t *object, const struct why *why)
{
	ANCESTRY_CLEANUP struct ancestry above = {.object = &why->inquiry->object};
	const struct site *folder = NULL;
	int error = inquiry_granted(why->inquiry) ? 0 : lag_find(&above, &folder);

	if (error == 0 && folder)
		json_object_set_new(object, "not_handed_down", json_place(folder->path));
	return error;
}

static int add_change(json_t *object, const struct why *why)
{
	json_t *list = json_array();

	json_object_set_new(object, "change", list);
	if (why->cure->complete)
		return cure_commands(why->cure, add_command, list);
	json_object_set_new(object, "no_change", json_string(why_no_change(why)));
	return 0;
}

json_t *why_json(const struct why *why)
{
	const struct inquiry *inquiry = why->inquiry;
	json_t *object = json_object(), *list = json_array();

	json_object_set_new(object, "verdict", json_string(why_verdict(inquiry)));
	json_object_set_new(object, "asked", json_text(why->asked));
	format_put_path(object, why->path);
	json_object_set_new(object, "token", why_json_token(why->whose));
	if (inquiry->ruling.level_low)
		json_object_set_new(object, "level_low", json_true());
	if (inquiry->barrier)
		json_object_set_new(object, "barrier",
				    why_json_explained(inquiry->barrier, &inquiry->passing));
	for (size_t i = 0; i < inquiry->ruling.count; i++)
		json_array_append_new(list, json_part(why, &inquiry->ruling.parts[i]));
	json_object_set_new(object, "needs", list);
	if (add_change(object, why) < 0 || add_lag(object, why) < 0) {
		json_decref(object);
		return NULL;
	}
	json_object_set_new(object, "unknown", json_notes(why));
	return object;
}
