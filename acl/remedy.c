/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Trying small changes, smallest first. */
#include "acl/remedy.h"

#include "acl/edit.h"
#include "acl/mask.h"

/* What is tried, on a copy. */
struct trial {
	const struct token *token;
	uint32_t wanted;
	bool wish; /* the verdict that is looked for */
	struct remedy *remedy;
};

static const char *const texts[] = {
	[REMEDY_FOUND] = "an entry can change it",
	[REMEDY_TOKEN] = "the token is restricted to other rights, which no entry can change",
	[REMEDY_LABEL] = "the mandatory label decides, which no entry of the DACL can change",
	[REMEDY_PRIVILEGE] = "a privilege decides, which no entry of the DACL can change",
	[REMEDY_POLICY] = "a central policy decides, which no entry of the DACL can change",
	[REMEDY_OWNER] = "the owner has this right whatever an entry for anybody else says",
	[REMEDY_NO_DACL] = "there is no DACL, and one that denies this would deny everybody else",
	[REMEDY_NOT_ONE] = "it would take more than a few entries",
};

const char *remedy_why_not_text(enum remedy_why_not why_not)
{
	return (size_t)why_not < sizeof(texts) / sizeof(texts[0]) ? texts[why_not] : "unknown";
}

/* Gives @sd the list that an edit of its DACL made. */
static enum sd_error take_list(struct descriptor *sd, enum sd_error error, struct acl *list)
{
	if (error)
		return error;
	acl_destroy(sd->dacl);
	sd->dacl = NULL;
	descriptor_set_dacl(sd, list);
	return SD_OK;
}

static enum sd_error add(struct descriptor *sd, const struct ace *ace)
{
	struct edit_note note;
	struct acl *list = NULL;
	enum sd_error error = edit_add(sd->dacl, ace, false, &list, &note);

	return take_list(sd, error, list);
}

/* Takes rights out of @ace, which @sd has. */
static enum sd_error take(struct descriptor *sd, const struct ace *ace, uint32_t rights)
{
	struct ace rest = *ace;
	struct edit_note note;
	struct acl *list = NULL;
	enum sd_error error = edit_remove_exactly(sd->dacl, ace, &list, &note);

	error = take_list(sd, error, list);
	rest.mask = mask_map_generic(ace->mask) & ~rights;
	return error || !rest.mask ? error : add(sd, &rest);
}

static bool answers(const struct trial *trial)
{
	return explain_grants(trial->remedy->result, trial->token, trial->wanted) == trial->wish;
}

static void undo(struct remedy *remedy, size_t count)
{
	remedy->count = count;
	descriptor_destroy(remedy->result);
	remedy->result = NULL;
}

/* @sd with the steps that are there. */
static enum sd_error perform(const struct descriptor *sd, struct remedy *remedy)
{
	enum sd_error error = SD_OK;

	descriptor_destroy(remedy->result);
	remedy->result = descriptor_copy(sd);
	if (!remedy->result)
		return SD_NO_MEMORY;
	for (size_t i = 0; i < remedy->count && !error; i++) {
		const struct remedy_step *step = &remedy->steps[i];

		error = step->takes ? take(remedy->result, &step->ace, step->rights)
				    : add(remedy->result, &step->ace);
	}
	return error;
}

/* One ACE of @type for @sid more; *@done if that does it, else nothing is changed. */
static enum sd_error try_adding(const struct descriptor *sd, struct trial *trial, uint8_t type,
				const struct sid *sid, uint32_t rights, bool *done)
{
	struct remedy *remedy = trial->remedy;
	size_t before = remedy->count;
	enum sd_error error;

	*done = false;
	if (before == REMEDY_STEPS || !rights)
		return SD_OK;
	remedy->steps[remedy->count++] = (struct remedy_step){
		.ace = ace_make(type, 0, rights, sid),
	};
	error = perform(sd, remedy);
	*done = !error && answers(trial);
	if (!*done)
		undo(remedy, before);
	return error;
}

/* The token's user and, where SIDs restrict it, the first of these as well. */
static enum sd_error try_allowing(const struct descriptor *sd, struct trial *trial,
				  uint32_t missing, bool *done)
{
	struct remedy *remedy = trial->remedy;
	size_t before = remedy->count, restricted;
	const struct sid *sids = token_restricted(trial->token, &restricted);
	enum sd_error error = try_adding(sd, trial, ACCESS_ALLOWED_ACE_TYPE,
					 token_user(trial->token), missing, done);

	if (error || *done || !restricted)
		return error;
	error = try_adding(sd, trial, ACCESS_ALLOWED_ACE_TYPE, &sids[0], missing, done);
	if (error || *done || before + 2 > REMEDY_STEPS)
		return error;
	remedy->steps[remedy->count++] = (struct remedy_step){
		.ace = ace_make(ACCESS_ALLOWED_ACE_TYPE, 0, missing, token_user(trial->token)),
	};
	error = try_adding(sd, trial, ACCESS_ALLOWED_ACE_TYPE, &sids[0], missing, done);
	if (!*done)
		undo(remedy, before);
	return error;
}

/* The place in @sd of the ACE that is the same as @ace and has not lost rights yet. */
static bool find_place(const struct descriptor *sd, const struct remedy *remedy,
		       const struct ace *ace, size_t *place)
{
	for (*place = 0; *place < sd->dacl->count; ++*place) {
		bool used = false;

		for (size_t i = 0; i < remedy->count; i++)
			used |= remedy->steps[i].takes && remedy->steps[i].place == *place;
		if (!used && ace_equal(&sd->dacl->aces[*place], ace))
			return true;
	}
	return false;
}

/* The first explicit ACE of @now that took a missing right, as a step to be added. */
static bool taking_step(const struct descriptor *sd, const struct remedy *remedy,
			const struct explanation *now, struct remedy_step *step)
{
	size_t count;
	const struct trace_step *steps = trace_steps(now->trace, &count);

	for (size_t i = 0; i < count; i++) {
		uint32_t took = steps[i].took & now->result.missing;
		const struct ace *ace;

		/* from there on places are not the DACL's */
		if (steps[i].event == TRACE_CENTRAL_POLICY ||
		    steps[i].event == TRACE_RECOVERY_POLICY)
			return false;
		if (steps[i].event != TRACE_ACE || !took)
			continue;
		ace = &remedy->result->dacl->aces[steps[i].ace];
		if ((ace->flags & INHERITED_ACE) || !find_place(sd, remedy, ace, &step->place))
			return false;
		step->takes = true;
		step->rights = took;
		step->ace = sd->dacl->aces[step->place];
		return true;
	}
	return false;
}

/* Takes rights out of what denies, one ACE after the other, and then allows if need be. */
static enum sd_error try_undenying(const struct descriptor *sd, struct trial *trial, bool *done)
{
	struct remedy *remedy = trial->remedy;
	enum sd_error error = perform(sd, remedy);

	*done = false;
	while (!error && !*done && remedy->count < REMEDY_STEPS) {
		struct explanation now;
		struct remedy_step step;
		bool more;

		error = explain(remedy->result, trial->token, trial->wanted, &now);
		if (error)
			break;
		more = taking_step(sd, remedy, &now, &step);
		if (more)
			remedy->steps[remedy->count++] = step;
		else
			error = try_allowing(sd, trial, now.result.missing, done);
		explanation_clear(&now);
		if (error || !more)
			break;
		error = perform(sd, remedy);
		*done = !error && answers(trial);
	}
	return error;
}

static enum remedy_why_not why_not(enum denial_reason reason)
{
	switch (reason) {
	case DENIAL_RIGHTS:
		return REMEDY_TOKEN;
	case DENIAL_LABEL:
		return REMEDY_LABEL;
	case DENIAL_PRIVILEGE:
		return REMEDY_PRIVILEGE;
	case DENIAL_CENTRAL_POLICY:
		return REMEDY_POLICY;
	default:
		return REMEDY_NOT_ONE;
	}
}

static enum sd_error grant(const struct descriptor *sd, struct trial *trial,
			   const struct explanation *explanation)
{
	struct remedy *remedy = trial->remedy;
	bool done = false;
	enum sd_error error = SD_OK;

	if (!(explanation->result.missing & MAXIMUM_ALLOWED))
		error = try_allowing(sd, trial, explanation->result.missing, &done);
	if (!error && !done)
		error = try_undenying(sd, trial, &done);
	if (done)
		return error;
	undo(remedy, 0);
	remedy->why_not = why_not(explanation->denial.reason);
	return error;
}

/* Why what is granted cannot be denied to this token alone. */
static enum remedy_why_not why_granted(const struct explanation *explanation)
{
	size_t count;
	const struct trace_step *steps = trace_steps(explanation->trace, &count);

	for (size_t i = 0; i < count; i++) {
		if (!steps[i].gave)
			continue;
		if (steps[i].event == TRACE_PRIVILEGE)
			return REMEDY_PRIVILEGE;
		if (steps[i].event == TRACE_OWNER)
			return REMEDY_OWNER;
	}
	return REMEDY_NOT_ONE;
}

static enum sd_error deny(const struct descriptor *sd, struct trial *trial,
			  const struct explanation *explanation)
{
	struct remedy *remedy = trial->remedy;
	bool done;
	enum sd_error error;

	if (!sd->dacl) {
		remedy->why_not = REMEDY_NO_DACL;
		return SD_OK;
	}
	error = try_adding(sd, trial, ACCESS_DENIED_ACE_TYPE, token_user(trial->token),
			   explanation->wanted & ~(MAXIMUM_ALLOWED | ACCESS_SYSTEM_SECURITY),
			   &done);
	if (!error && !done)
		remedy->why_not = why_granted(explanation);
	return error;
}

enum sd_error remedy_find(const struct descriptor *sd, const struct token *token,
			  const struct explanation *explanation, struct remedy *remedy)
{
	bool granted = explanation_granted(explanation);
	struct trial trial = {
		.token = token,
		.wanted = explanation->wanted,
		.wish = !granted,
		.remedy = remedy,
	};
	enum sd_error error;

	*remedy = (struct remedy){.why_not = REMEDY_FOUND};
	error = granted ? deny(sd, &trial, explanation) : grant(sd, &trial, explanation);
	if (error)
		remedy_clear(remedy);
	return error;
}

void remedy_clear(struct remedy *remedy)
{
	descriptor_destroy(remedy->result);
	remedy->result = NULL;
	remedy->count = 0;
}
