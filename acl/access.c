/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The access check, [MS-DTYP] 2.5.3.2.  A pass walks a DACL once with one list of
 * SIDs; a token with restricting SIDs takes two and must be granted by both.  The DACL of
 * each rule of a central policy is walked in the same way, over what the DACL granted.
 *
 * What only a trace needs is compiled into a second copy of the walk, so that
 * both are the same code and a check without a trace pays nothing for it.
 */
#include "acl/access.h"

#include <stdlib.h>
#include <string.h>

#include "acl/central_rule.h"
#include "acl/compiled.h"
#include "acl/condition.h"
#include "acl/mask.h"
#include "acl/token_table.h"
#include "acl/trace.h"

#define always_inline __attribute__((always_inline)) inline

/* what an owner may do whatever the DACL says */
#define OWNER_BITS (READ_CONTROL | WRITE_DAC)

/* [MS-FSA] 2.1.5.1; ACCESS_SYSTEM_SECURITY still needs SeSecurityPrivilege */
#define BACKUP_BITS (READ_CONTROL | FILE_GENERIC_READ | FILE_TRAVERSE)
#define RESTORE_BITS                                                                               \
	(WRITE_DAC | WRITE_OWNER | FILE_GENERIC_WRITE | FILE_ADD_FILE | FILE_ADD_SUBDIRECTORY |    \
	 DELETE)

/* descriptors up to this size are compiled on the stack: 30 ACEs and more */
#define STACK_ROOM 4096

/* what all conditions of one check may look at; beyond it they are UNKNOWN */
#define CHECK_MAX_WORK (4 * CONDITION_MAX_WORK)

/* Who asks what, and where it is noted. */
struct check {
	const struct compiled *object;
	const struct token *token;
	const struct sid_table *held;
	struct trace *trace;
	struct trace_step step; /* what the steps to come have in common */
	size_t work;            /* left for conditions */
};

/* One walk: with the token's own SIDs, or with the SIDs that restrict it. */
struct pass {
	const struct compiled_list *list;
	uint32_t allow; /* how a SID must be held for an allow ACE to match */
	uint32_t deny;
	bool restricted;
	bool owner;        /* one of the SIDs owns the object */
	bool owner_denied; /* the same, also if it is held for denying only */
};

static void note(struct check *check, enum trace_event event, uint32_t gave, uint32_t took,
		 uint32_t missing)
{
	struct trace_step step = check->step;

	if (!check->trace)
		return;
	step.event = event;
	step.gave = gave;
	step.took = took;
	step.missing = missing;
	trace_add(check->trace, &step);
}

static void note_ace(const struct check *check, const struct compiled_list *list, size_t place,
		     enum trace_reason reason, uint32_t gave, uint32_t took, uint32_t missing)
{
	struct trace_step step = check->step;

	step.event = TRACE_ACE;
	step.reason = reason;
	step.ace = place;
	step.rights = list->places[place].rights;
	step.gave = gave;
	step.took = took;
	step.missing = missing;
	trace_add(check->trace, &step);
}

/* Notes the ACEs from *@place to before @end, which are not in force or were not reached. */
static void note_others(const struct check *check, const struct compiled_list *list, size_t *place,
			size_t end, uint32_t missing)
{
	for (; *place < end; ++*place) {
		enum trace_reason reason = list->places[*place].reason;

		if (reason == TRACE_MATCHED)
			reason = TRACE_NOT_REACHED;
		note_ace(check, list, *place, reason, 0, 0, missing);
	}
}

static enum condition_value ace_condition(struct check *check, const struct pass *pass,
					  const struct compiled_ace *ace)
{
	const struct compiled_condition *condition = &pass->list->conditions[ace->condition - 1];
	struct condition_context context = {
		.token = check->token,
		.resource = &check->object->attributes,
		.deny = ace->deny,
		.restricted = pass->restricted,
		.work = &check->work,
	};

	if (!condition->size || check->object->attributes_unknown)
		return CONDITION_UNKNOWN;
	return condition_evaluate(condition->bytes, condition->size, &context);
}

/* Why an ACE whose SID is held with the bits @held does not match. */
static enum trace_reason reason_not_held(const struct pass *pass, uint32_t held)
{
	if (pass->restricted)
		return TRACE_NOT_HELD;
	if (held & TOKEN_SID_DENY)
		return TRACE_DENY_ONLY;
	return held & TOKEN_SID_DISABLED ? TRACE_DISABLED : TRACE_NOT_HELD;
}

/* Does the @number-th ACE of the list apply, or why not?  An unknown condition may deny only. */
static always_inline enum trace_reason ace_applies(struct check *check, const struct pass *pass,
						   size_t number)
{
	const struct compiled_ace *ace = &pass->list->aces[number];
	uint32_t held = sid_table_flags(check->held, &pass->list->sids[number], ace->hash);
	uint32_t needed = ace->deny ? pass->deny : pass->allow;

	/* OWNER RIGHTS is whoever owns the object: to have it as a SID makes nobody an owner */
	if (ace->owner_rights ? !(ace->deny ? pass->owner_denied : pass->owner) : !(held & needed))
		return reason_not_held(pass, held);
	if (!ace->condition)
		return TRACE_MATCHED;
	switch (ace_condition(check, pass, ace)) {
	case CONDITION_TRUE:
		return TRACE_MATCHED;
	case CONDITION_FALSE:
		return TRACE_CONDITION_FALSE;
	default:
		return ace->deny ? TRACE_MATCHED : TRACE_CONDITION_UNKNOWN;
	}
}

/* What the owner has of @wanted before any ACE. */
static uint32_t owner_grants(struct check *check, const struct pass *pass, uint32_t wanted)
{
	uint32_t bits = wanted & OWNER_BITS;

	if (!pass->owner || !bits)
		return 0;
	if (pass->list->owner_rights) {
		note(check, TRACE_OWNER_WITHHELD, 0, 0, wanted);
		return 0;
	}
	note(check, TRACE_OWNER, bits, 0, wanted & ~bits);
	return bits;
}

/* Which of the @wanted bits the DACL grants; a bit is decided by the first ACE that has it. */
static always_inline uint32_t walk(struct check *check, const struct pass *pass, uint32_t wanted,
				   bool traced)
{
	const struct compiled_list *list = pass->list;
	uint32_t granted = owner_grants(check, pass, wanted);
	uint32_t left = wanted & ~granted;
	size_t place = 0;

	for (size_t i = 0; i < list->count && left; i++) {
		const struct compiled_ace *ace = &list->aces[i];
		uint32_t decided = ace->rights & left;
		enum trace_reason reason = TRACE_NOTHING_WANTED;

		if (decided)
			reason = ace_applies(check, pass, i);
		if (reason != TRACE_MATCHED)
			decided = 0;
		left &= ~decided;
		if (!ace->deny)
			granted |= decided;
		if (!traced)
			continue;
		note_others(check, list, &place, ace->place, left | decided);
		note_ace(check, list, place++, reason, ace->deny ? 0 : decided,
			 ace->deny ? decided : 0, left);
	}
	if (traced)
		note_others(check, list, &place, list->place_count, left);
	return granted;
}

static uint32_t run(struct check *check, struct pass *pass, uint32_t wanted)
{
	const struct compiled *object = check->object;
	uint32_t owner = 0;

	if (object->has_owner)
		owner = sid_table_flags(check->held, &object->owner, object->owner_hash);
	pass->owner = owner & pass->allow;
	pass->owner_denied = owner & pass->deny;
	return check->trace ? walk(check, pass, wanted, true) : walk(check, pass, wanted, false);
}

/* What a DACL grants of @wanted: in one pass or, to a restricted token, in both. */
static uint32_t list_grants(struct check *check, const struct compiled_list *list, uint32_t wanted)
{
	struct pass pass = {.list = list, .allow = TOKEN_SID_ALLOW, .deny = TOKEN_SID_DENY};
	uint32_t granted;
	size_t restricted;

	if (!list->present) {
		note(check, TRACE_NO_DACL, wanted, 0, 0);
		return wanted;
	}
	granted = run(check, &pass, wanted);
	token_restricted(check->token, &restricted);
	if (!restricted || !granted)
		return granted;
	pass.allow = pass.deny = TOKEN_SID_RESTRICTED;
	pass.restricted = true;
	check->step.restricted = true;
	note(check, TRACE_RESTRICTED, 0, 0, granted);
	granted = run(check, &pass, granted);
	check->step.restricted = false;
	return granted;
}

static uint32_t recovery_grants(struct check *check, uint32_t wanted)
{
	struct central_recovery recovery;

	central_recovery(&recovery);
	note(check, TRACE_RECOVERY_POLICY, 0, 0, wanted);
	return list_grants(check, &recovery.list, wanted);
}

/*
 * Is the rule for this object?  Only if its condition is TRUE, or it has none.  Its work is apart:
 * who writes the DACL shall not use up what telling that takes.
 */
static enum condition_value rule_applies(const struct check *check, const struct central_rule *rule,
					 size_t *work)
{
	struct condition_context context = {
		.token = check->token,
		.resource = &check->object->attributes,
		.work = work,
	};

	if (!rule->applies_to)
		return CONDITION_TRUE;
	return condition_evaluate(rule->applies_to, rule->size, &context);
}

static uint32_t rule_grants(struct check *check, const struct central_rule *rule, uint32_t wanted)
{
	size_t work = CONDITION_MAX_WORK;

	if (rule_applies(check, rule, &work) == CONDITION_TRUE) {
		note(check, TRACE_CENTRAL_POLICY, 0, 0, wanted);
		return list_grants(check, &rule->effective->dacl, wanted);
	}
	/* too much work to tell: the same as not knowing the policy */
	if (!work)
		return recovery_grants(check, wanted);
	note(check, TRACE_CENTRAL_RULE_OFF, 0, 0, wanted);
	return wanted;
}

static uint32_t policy_grants(struct check *check, const struct central_policy *policy,
			      uint32_t wanted)
{
	for (size_t i = 0; i < policy->count && wanted; i++) {
		check->step.rule = i;
		wanted = rule_grants(check, &policy->rules[i], wanted);
	}
	return wanted;
}

/*
 * What the object's central policies leave of what its DACL grants.  Whether a rule
 * is for an object whose attributes are malformed cannot be known: that is as if the policy were
 * not known.
 */
static uint32_t policies_grant(struct check *check, const struct central_policies *policies,
			       uint32_t wanted)
{
	const struct compiled *object = check->object;

	for (size_t i = 0; i < object->policy_count && wanted; i++) {
		const struct central_policy *policy =
			central_policies_find(policies, &object->policies[i].id);

		check->step.policy = object->policies[i].place;
		if (!policy || object->attributes_unknown)
			wanted = recovery_grants(check, wanted);
		else
			wanted = policy_grants(check, policy, wanted);
	}
	return wanted;
}

/* The rights that privileges give over any DACL. */
static uint32_t privilege_grants(uint32_t privileges, unsigned int flags)
{
	uint32_t granted = 0;

	if (privileges & SE_SECURITY_PRIVILEGE)
		granted |= ACCESS_SYSTEM_SECURITY;
	if (privileges & SE_TAKE_OWNERSHIP_PRIVILEGE)
		granted |= WRITE_OWNER;
	if (!(flags & ACCESS_BACKUP_INTENT))
		return granted;
	if (privileges & SE_BACKUP_PRIVILEGE)
		granted |= BACKUP_BITS;
	if (privileges & SE_RESTORE_PRIVILEGE)
		granted |= RESTORE_BITS;
	return granted;
}

/* What may be granted of @wanted at all: the token's own restriction, and the label. */
static uint32_t possible_rights(struct check *check, uint32_t wanted)
{
	uint32_t allowed = wanted & token_rights(check->token);

	if (allowed != wanted)
		note(check, TRACE_TOKEN_RIGHTS, 0, wanted & ~allowed, allowed);
	wanted = allowed;
	allowed &= label_allows(&check->object->label, check->token);
	if (allowed != wanted)
		note(check, TRACE_LABEL, 0, wanted & ~allowed, allowed);
	return allowed;
}

static uint32_t granted_rights(struct check *check, const struct access_request *request,
			       uint32_t wanted)
{
	uint32_t possible = possible_rights(check, wanted);
	uint32_t granted =
		possible & privilege_grants(token_privileges(request->token), request->flags);
	uint32_t left = possible & ~granted & ~ACCESS_SYSTEM_SECURITY;

	if (granted)
		note(check, TRACE_PRIVILEGE, granted, 0, left);
	if (left)
		left = list_grants(check, &check->object->dacl, left);
	if (left)
		left = policies_grant(check, request->policies, left);
	return granted | left;
}

static struct access_result denied(uint32_t missing, uint32_t privileges)
{
	bool unprivileged =
		(missing & ACCESS_SYSTEM_SECURITY) && !(privileges & SE_SECURITY_PRIVILEGE);

	return (struct access_result){
		.status = unprivileged ? ACCESS_PRIVILEGE_NOT_HELD : ACCESS_DENIED,
		.missing = missing,
	};
}

struct access_result access_check_compiled(const struct compiled *sd,
					   const struct access_request *request)
{
	struct check check = {
		.object = sd,
		.token = request->token,
		.held = token_table(request->token),
		.trace = request->trace,
		.work = CHECK_MAX_WORK,
	};
	uint32_t wanted = mask_map_generic(request->wanted);
	uint32_t named = wanted & ~MAXIMUM_ALLOWED;
	uint32_t granted, missing;

	if (!wanted)
		return (struct access_result){.status = ACCESS_BAD_REQUEST};
	granted = granted_rights(&check, request,
				 named | (wanted & MAXIMUM_ALLOWED ? FILE_ALL_ACCESS : 0));
	missing = named & ~granted;
	if (!granted && !missing)
		missing = MAXIMUM_ALLOWED;
	if (missing)
		return denied(missing, token_privileges(request->token));
	return (struct access_result){.status = ACCESS_OK, .granted = granted};
}

struct access_result access_check(const struct descriptor *sd, const struct token *token,
				  uint32_t wanted, unsigned int flags)
{
	const struct access_request request = {.token = token, .wanted = wanted, .flags = flags};
	struct access_result result = {.status = ACCESS_NO_MEMORY, .missing = wanted};
	size_t room = compile_room(sd);
	_Alignas(max_align_t) uint8_t stack[STACK_ROOM];
	void *memory = room <= sizeof(stack) ? memset(stack, 0, room) : calloc(1, room);
	struct compiled *compiled;

	if (memory && compile_at(sd, memory, &compiled) == SD_OK) {
		result = access_check_compiled(compiled, &request);
		compiled_clear(compiled);
	}
	if (memory != stack)
		free(memory);
	return result;
}

static bool ace_in_force(const struct ace *ace)
{
	return !ace->opaque && !(ace->flags & INHERIT_ONLY_ACE);
}

/* Does the SACL alone keep anyone from @mask, by its label or a central policy? */
static bool sacl_public(const struct descriptor *sd, uint32_t mask)
{
	const struct label label = label_of(sd);

	for (size_t i = 0; sd->sacl && i < sd->sacl->count; i++) {
		if (sd->sacl->aces[i].type == SYSTEM_SCOPED_POLICY_ID_ACE_TYPE &&
		    ace_in_force(&sd->sacl->aces[i]))
			return false;
	}
	return !(mask & ~label_allows_lowest(&label));
}

bool access_public(const struct descriptor *sd, uint32_t mask)
{
	uint32_t left = mask_map_generic(mask);

	/* no DACL grants a right to the SACL or stands for "whatever there is" */
	if ((left & (ACCESS_SYSTEM_SECURITY | MAXIMUM_ALLOWED)) || !sacl_public(sd, left))
		return false;
	if (!sd->dacl)
		return true;
	for (size_t i = 0; i < sd->dacl->count && left; i++) {
		const struct ace *ace = &sd->dacl->aces[i];
		uint32_t rights = ace_in_force(ace) ? mask_map_generic(ace->mask) : 0;

		if (ace_type_is_deny(ace->type) && (rights & left))
			return false;
		if (ace->type == ACCESS_ALLOWED_ACE_TYPE && sid_equal(&ace->sid, &sid_everyone))
			left &= ~rights;
	}
	return !left;
}

/* Of a domain's SIDs the form does not tell. */
static bool may_be_group(const struct sid *sid)
{
	gid_t gid;

	return sid_to_gid(sid, &gid) || sid_is_domain(sid);
}

/* Whom an entry of the SACL is about is asked of the same token. */
static bool sacl_names_group(const struct descriptor *sd)
{
	for (size_t i = 0; sd->sacl && i < sd->sacl->count; i++) {
		const struct ace *ace = &sd->sacl->aces[i];

		if (ace_in_force(ace) &&
		    (ace_type_is_callback(ace->type) || may_be_group(&ace->sid)))
			return true;
	}
	return false;
}

bool access_names_group(const struct descriptor *sd)
{
	/* a group that owns the object gives its members the owner's rights */
	if (sd->has_owner && may_be_group(&sd->owner))
		return true;
	for (size_t i = 0; sd->dacl && i < sd->dacl->count; i++) {
		const struct ace *ace = &sd->dacl->aces[i];

		if (ace_in_force(ace) &&
		    (ace_type_is_callback(ace->type) || may_be_group(&ace->sid)))
			return true;
	}
	/* the DACLs of central policies are not at hand here */
	return sacl_names_group(sd) || !sacl_public(sd, 0);
}
