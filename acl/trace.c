/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The trace of an access check: a growing list of steps.
 */
#include "acl/trace.h"

#include <stdlib.h>

#define FIRST_ROOM 32
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct trace {
	struct trace_step *steps;
	size_t count;
	size_t room;
	bool incomplete;
};

static const char *const event_strings[] = {
	[TRACE_TOKEN_RIGHTS] = "the token is restricted to certain rights",
	[TRACE_LABEL] = "the mandatory label keeps out lower integrity levels",
	[TRACE_PRIVILEGE] = "privileges of the token",
	[TRACE_NO_DACL] = "there is no DACL, which grants everything",
	[TRACE_OWNER] = "the token holds the owner",
	[TRACE_OWNER_WITHHELD] = "the token holds the owner, but an ACE names OWNER RIGHTS",
	[TRACE_ACE] = "an ACE of the DACL",
	[TRACE_RESTRICTED] = "again, with the restricting SIDs alone",
	[TRACE_CENTRAL_POLICY] = "a rule of a central access policy",
	[TRACE_CENTRAL_RULE_OFF] = "a rule of a central access policy that is not for this object",
	[TRACE_RECOVERY_POLICY] = "the recovery policy, as the central access policy is not known",
};

static const char *const reason_strings[] = {
	[TRACE_MATCHED] = "matched",
	[TRACE_NOTHING_WANTED] = "none of its rights was wanted and undecided",
	[TRACE_NOT_REACHED] = "all was decided before it",
	[TRACE_INHERIT_ONLY] = "inherit-only: it is for children",
	[TRACE_NOT_ACCESS] = "its type neither allows nor denies",
	[TRACE_OBJECT_TYPE] = "it allows for a certain object type only",
	[TRACE_NOT_HELD] = "its SID is not in the token",
	[TRACE_DISABLED] = "its SID is disabled in the token",
	[TRACE_DENY_ONLY] = "its SID is deny-only in the token",
	[TRACE_CONDITION_FALSE] = "its condition is FALSE",
	[TRACE_CONDITION_UNKNOWN] = "its condition is UNKNOWN",
};

struct trace *trace_create(void)
{
	return calloc(1, sizeof(struct trace));
}

void trace_destroy(struct trace *trace)
{
	if (!trace)
		return;
	free(trace->steps);
	free(trace);
}

const struct trace_step *trace_steps(const struct trace *trace, size_t *count)
{
	*count = trace->count;
	return trace->steps;
}

bool trace_incomplete(const struct trace *trace)
{
	return trace->incomplete;
}

const char *trace_event_string(enum trace_event event)
{
	return (size_t)event < COUNT(event_strings) ? event_strings[event] : "unknown";
}

const char *trace_reason_string(enum trace_reason reason)
{
	return (size_t)reason < COUNT(reason_strings) ? reason_strings[reason] : "unknown";
}

static bool grow(struct trace *trace)
{
	size_t room = trace->room ? 2 * trace->room : FIRST_ROOM;
	struct trace_step *steps = reallocarray(trace->steps, room, sizeof(*steps));

	if (!steps)
		return false;
	trace->steps = steps;
	trace->room = room;
	return true;
}

void trace_add(struct trace *trace, const struct trace_step *step)
{
	if (trace->count == trace->room && !grow(trace)) {
		trace->incomplete = true;
		return;
	}
	trace->steps[trace->count++] = *step;
}
