/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading traces for the step that denied. */
#include "acl/denial.h"

#include "acl/compile.h"
#include "acl/trace.h"

static const struct {
	const char *name;
	const char *text;
} reasons[DENIAL_COUNT] = {
	[DENIAL_NOT_ALLOWED] = {"not-allowed", "no entry of the DACL that applies allows it"},
	[DENIAL_ACE] = {"denied-by-ace", "an entry of the DACL denies it"},
	[DENIAL_LABEL] = {"label", "the object's mandatory label is above the token's level"},
	[DENIAL_RIGHTS] = {"rights-restricted", "the token is restricted to certain rights"},
	[DENIAL_RESTRICTED] = {"restricted-sids",
			       "the token is restricted to certain SIDs, and these are not "
			       "granted it"},
	[DENIAL_CENTRAL_POLICY] = {"central-policy",
				   "a central policy of the object does not grant it"},
	[DENIAL_PRIVILEGE] = {"privilege-not-held", "it takes SeSecurityPrivilege"},
	[DENIAL_OWNER] = {"owner-not-own",
			  "making somebody else the owner takes SeRestorePrivilege"},
	[DENIAL_GROUP] = {"group-not-own",
			  "a group that the caller is not in takes SeRestorePrivilege"},
	[DENIAL_UNEXPLAINED] = {"unexplained", "there was no memory to find out"},
};

/*
 * In a second pass or a central policy what was granted is weighed again: what is lost from there
 * on is lost to that.
 */
static enum denial_reason section(const struct trace_step *step, uint32_t missing,
				  enum denial_reason now)
{
	if (!(step->missing & missing))
		return now;
	switch (step->event) {
	case TRACE_RESTRICTED:
		/* a central policy weighs in two passes as well */
		return now == DENIAL_CENTRAL_POLICY ? now : DENIAL_RESTRICTED;
	case TRACE_CENTRAL_POLICY:
	case TRACE_RECOVERY_POLICY:
		return DENIAL_CENTRAL_POLICY;
	default:
		return now;
	}
}

/* Why @step took a right that is missing, in the section @now. */
static struct denial taken(const struct trace_step *step, enum denial_reason now)
{
	switch (step->event) {
	case TRACE_TOKEN_RIGHTS:
		return (struct denial){.reason = DENIAL_RIGHTS};
	case TRACE_LABEL:
		return (struct denial){.reason = DENIAL_LABEL};
	default:
		/* the ACEs of a central policy are not the object's */
		return (struct denial){.reason = now == DENIAL_NOT_ALLOWED ? DENIAL_ACE : now,
				       .has_ace = now != DENIAL_CENTRAL_POLICY,
				       .ace = step->ace};
	}
}

static struct denial denial_of_trace(const struct trace *trace, uint32_t missing)
{
	enum denial_reason now = DENIAL_NOT_ALLOWED;
	size_t count;
	const struct trace_step *steps = trace_steps(trace, &count);

	for (size_t i = 0; i < count; i++) {
		now = section(&steps[i], missing, now);
		if (steps[i].took & missing)
			return taken(&steps[i], now);
	}
	return (struct denial){.reason = trace_incomplete(trace) ? DENIAL_UNEXPLAINED : now};
}

struct denial access_denial(const struct descriptor *sd, const struct token *token,
			    const struct access_result *result, uint32_t wanted, unsigned int flags)
{
	struct trace *trace = trace_create();
	struct compiled *compiled = NULL;
	const struct access_request request = {
		.token = token, .wanted = wanted, .flags = flags, .trace = trace};
	struct denial denial = {.reason = DENIAL_UNEXPLAINED};

	if (result->status == ACCESS_PRIVILEGE_NOT_HELD) {
		denial.reason = DENIAL_PRIVILEGE;
	} else if (trace && compile(sd, &compiled) == SD_OK) {
		access_check_compiled(compiled, &request);
		denial = denial_of_trace(trace, result->missing);
	}
	compiled_destroy(compiled);
	trace_destroy(trace);
	return denial;
}

static enum denial_reason known(enum denial_reason reason)
{
	return (unsigned int)reason < DENIAL_COUNT ? reason : DENIAL_UNEXPLAINED;
}

const char *denial_name(enum denial_reason reason)
{
	return reasons[known(reason)].name;
}

const char *denial_text(enum denial_reason reason)
{
	return reasons[known(reason)].text;
}
