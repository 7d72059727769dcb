/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Vector cases of the access check.  Each question is put three times: to the
 * descriptor, to the compiled descriptor, and with a trace; all must agree.
 */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "acl/access.h"
#include "acl/compile.h"
#include "acl/condition_token.h"
#include "acl/mask.h"
#include "acl/trace.h"
#include "tests/vectors.h"

struct access_case {
	const struct descriptor *sd;
	struct compiled *compiled;
	const struct token *token;
	uint32_t wanted;
	unsigned int flags;
	bool agree; /* have the ways to ask given one answer so far? */
};

static void compiled_freep(struct compiled **compiled)
{
	compiled_destroy(*compiled);
}

static void trace_freep(struct trace **trace)
{
	trace_destroy(*trace);
}

static bool result_equal(struct access_result a, struct access_result b)
{
	return a.status == b.status && a.granted == b.granted && a.missing == b.missing;
}

static struct access_result ask(struct access_case *asked, uint32_t wanted)
{
	struct trace *trace __attribute__((cleanup(trace_freep))) = trace_create();
	struct access_request request = {
		.token = asked->token, .wanted = wanted, .flags = asked->flags};
	struct access_result plain = access_check(asked->sd, asked->token, wanted, asked->flags);
	struct access_result result = access_check_compiled(asked->compiled, &request);

	request.trace = trace;
	if (!trace || !result_equal(plain, result) ||
	    !result_equal(result, access_check_compiled(asked->compiled, &request)))
		asked->agree = false;
	return result;
}

static uint32_t single_bits(struct access_case *asked)
{
	uint32_t granted = 0;

	for (uint32_t bit = 1; bit <= SYNCHRONIZE; bit <<= 1) {
		if ((FILE_ALL_ACCESS & bit) && ask(asked, bit).status == ACCESS_OK)
			granted |= bit;
	}
	return granted;
}

static const char *status_name(enum access_status status)
{
	static const char *const names[] = {"ok", "access_denied", "privilege_not_held",
					    "bad_request", "no_memory"};

	return names[status];
}

/*
 * Where backup intent was decisive, Samba reports only the rights that the
 * DACL lacked as the granted ones; the handle has all that was asked for.
 */
static bool granted_agrees(const struct access_case *asked, uint32_t granted, uint32_t expected)
{
	if (granted == expected)
		return true;
	if (!(asked->flags & ACCESS_BACKUP_INTENT) || (asked->wanted & MAXIMUM_ALLOWED))
		return false;
	return granted == mask_map_generic(asked->wanted) &&
	       access_check(asked->sd, asked->token, asked->wanted, 0).missing == expected;
}

/* What is expected; @granted is 0 where nothing is granted. */
struct answer {
	const char *status;
	uint32_t granted;
	uint32_t single;
};

/* Compares; reports what differs.  The maximum is what each right alone would be granted. */
static bool check_answer(struct access_case *asked, const struct answer *expected,
			 struct vector_report *report)
{
	struct access_result result = ask(asked, asked->wanted);
	uint32_t single = single_bits(asked);
	uint32_t maximum = ask(asked, MAXIMUM_ALLOWED).granted;

	if (strcmp(expected->status, status_name(result.status)) != 0)
		report_fail(report, "status expected %s got %s", expected->status,
			    status_name(result.status));
	else if (!granted_agrees(asked, result.granted, expected->granted))
		report_fail(report, "granted expected 0x%x got 0x%x", expected->granted,
			    result.granted);
	else if (single != expected->single)
		report_fail(report, "single_bits expected 0x%x got 0x%x", expected->single, single);
	else if (maximum != single)
		report_fail(report, "single_bits expected 0x%x as the maximum got 0x%x", single,
			    maximum);
	else if (!asked->agree)
		report_fail(report, "answers expected to be the same plain, compiled and traced "
				    "got different ones");
	else
		return true;
	return false;
}

/* The same question to another descriptor, which may be NULL; false without memory. */
static bool case_redirect(struct access_case *asked, const struct descriptor *sd)
{
	asked->sd = sd;
	asked->compiled = NULL;
	return sd && compile(sd, &asked->compiled) == SD_OK;
}

static bool answer_equal(struct access_case *asked, const struct answer *expected)
{
	struct access_result result = ask(asked, asked->wanted);

	return strcmp(expected->status, status_name(result.status)) == 0 &&
	       granted_agrees(asked, result.granted, expected->granted) &&
	       single_bits(asked) == expected->single;
}

/* The object's resource attributes; false if one is malformed. */
static bool vector_resource(const struct descriptor *sd, struct attribute_list *list)
{
	bool fine = true;

	for (size_t i = 0; sd->sacl && i < sd->sacl->count && fine; i++) {
		const struct ace *ace = &sd->sacl->aces[i];
		struct attribute attribute = {0};

		if (ace->type != SYSTEM_RESOURCE_ATTRIBUTE_ACE_TYPE)
			continue;
		fine = attribute_read(ace->data, ace->data_size, &attribute) == SD_OK &&
		       attribute_list_append(list, &attribute) == SD_OK;
		attribute_clear(&attribute);
	}
	return fine;
}

/* Does the token have (the object: has) the attribute that @name names? */
static bool attribute_there(const struct condition_item *name, const struct token *token,
			    const struct attribute_list *resource)
{
	const struct attribute_list *list = resource;

	if (name->code == CONDITION_USER)
		list = token_claims(token, TOKEN_CLAIMS_USER);
	else if (name->code == CONDITION_DEVICE)
		list = token_claims(token, TOKEN_CLAIMS_DEVICE);
	else if (name->code == CONDITION_LOCAL)
		list = token_claims(token, TOKEN_CLAIMS_LOCAL);
	return attribute_list_find(list, name->data, name->size / 2);
}

/*
 * Does the condition of @ace ask for something that Samba cannot tell?  To it the operators Exists
 * and Not_Exists, whatever their attribute, and every attribute that is missing are errors.
 */
static bool ace_puzzles_samba(const struct ace *ace, const struct token *token,
			      const struct attribute_list *resource)
{
	size_t at = CONDITION_SIGNATURE_SIZE, used;
	struct condition_item item;

	if (ace->opaque || !ace_type_is_callback(ace->type))
		return false;
	for (; at < ace->data_size; at += used) {
		used = condition_item_read(ace->data + at, ace->data_size - at, &item);
		if (!used)
			return false;
		if (item.code == CONDITION_EXISTS || item.code == CONDITION_NOT_EXISTS)
			return true;
		if (item.code >= CONDITION_LOCAL && !attribute_there(&item, token, resource))
			return true;
	}
	return false;
}

/*
 * [MS-DTYP] 2.4.4.17.7 has Exists be TRUE of an attribute that is there and Not_Exists of one that
 * is not, and 2.4.4.17.6 has an operator on a missing attribute be UNKNOWN, which an OR with
 * something TRUE, or an AND with something FALSE, can do without.  To Samba all of these are
 * errors, and the whole condition so is UNKNOWN.  Is exactly that what makes up the difference
 * between the expected answer and ours?
 */
static bool errors_explain(const struct access_case *asked, const struct answer *expected)
{
	struct descriptor *sd __attribute__((cleanup(descriptor_destroyp))) =
		descriptor_copy(asked->sd);
	struct attribute_list resource __attribute__((cleanup(attribute_list_clear))) = {0};
	struct access_case other = *asked;
	bool explained, puzzled = false;

	if (!sd || !vector_resource(sd, &resource))
		return false;
	for (size_t i = 0; sd->dacl && i < sd->dacl->count; i++) {
		struct ace *ace = &sd->dacl->aces[i];

		if (!ace_puzzles_samba(ace, asked->token, &resource))
			continue;
		puzzled = true;
		ace->data_size = 0; /* no condition at all is UNKNOWN, too */
	}
	if (!puzzled || !case_redirect(&other, sd))
		return false;
	explained = answer_equal(&other, expected);
	compiled_destroy(other.compiled);
	return explained;
}

static void check_access(const json_t *line, struct access_case *asked,
			 struct vector_report *report)
{
	struct answer expected = {need_text(line, "status", report)};

	if (!expected.status || !need_mask(line, "single_bits", &expected.single, report))
		return;
	if (!json_is_null(json_object_get(line, "granted")) &&
	    !need_mask(line, "granted", &expected.granted, report))
		return;
	if (!answer_equal(asked, &expected) && asked->agree && errors_explain(asked, &expected))
		report_skip(report,
			    "disputed: Samba takes a missing attribute, or Exists, for an error");
	else if (check_answer(asked, &expected, report))
		report_pass(report);
}

/* Which object ACEs the programs asked treat otherwise than the rules do. */
static bool ace_is_plain_allow(const struct ace *ace)
{
	return ace->type == ACCESS_ALLOWED_OBJECT_ACE_TYPE &&
	       !(ace->object_flags & ACE_OBJECT_TYPE_PRESENT);
}

static bool ace_is_typed_deny(const struct ace *ace)
{
	return ace->type == ACCESS_DENIED_OBJECT_ACE_TYPE &&
	       (ace->object_flags & ACE_OBJECT_TYPE_PRESENT);
}

/* The descriptor without the effect of the ACEs that @is_ignored; NULL without memory. */
static struct descriptor *ignoring(const struct descriptor *sd,
				   bool (*is_ignored)(const struct ace *ace))
{
	struct descriptor *copy = descriptor_copy(sd);

	for (size_t i = 0; copy && copy->dacl && i < copy->dacl->count; i++) {
		if (is_ignored(&copy->dacl->aces[i]))
			copy->dacl->aces[i].mask = 0;
	}
	return copy;
}

/* The descriptor with plain ACEs for the object ACEs, as the rules have it. */
static struct descriptor *in_plain_aces(const struct descriptor *sd)
{
	struct descriptor *copy = descriptor_copy(sd);

	for (size_t i = 0; copy && copy->dacl && i < copy->dacl->count; i++) {
		struct ace *ace = &copy->dacl->aces[i];

		if (ace->type == ACCESS_DENIED_OBJECT_ACE_TYPE)
			ace->type = ACCESS_DENIED_ACE_TYPE;
		else if (ace_is_plain_allow(ace))
			ace->type = ACCESS_ALLOWED_ACE_TYPE;
		else if (ace->type == ACCESS_ALLOWED_OBJECT_ACE_TYPE)
			ace->mask = 0;
	}
	return copy;
}

/* What a program answered; it did not give its status and its grant to each question. */
struct vote {
	const char *voter;
	const char *status; /* or NULL */
	bool has_granted;
	uint32_t granted;
	uint32_t single;
};

/* The vote of @voter; false, reported, if it is not there or malformed. */
static bool need_vote(const json_t *line, const char *voter, struct vote *vote,
		      struct vector_report *report)
{
	const json_t *from = json_object_get(json_object_get(line, "votes"), voter);
	const json_t *status = json_object_get(from, "status");
	const json_t *granted = json_object_get(from, "granted");

	vote->voter = voter;
	vote->status = json_string_value(status);
	vote->has_granted = vector_mask(from, "granted", &vote->granted);
	if (vector_mask(from, "single", &vote->single) && (!status || vote->status) &&
	    (!granted || json_is_null(granted) || vote->has_granted))
		return true;
	report_fail(report, "votes.%s expected masks and a status got others", voter);
	return false;
}

/* Is the vote our answer to @asked?  Reports what differs. */
static bool vote_agrees(const struct vote *vote, struct access_case *asked,
			struct vector_report *report)
{
	struct access_result result = ask(asked, asked->wanted);
	uint32_t single = single_bits(asked);

	if (single != vote->single)
		report_fail(report, "votes.%s.single expected 0x%x got 0x%x", vote->voter,
			    vote->single, single);
	else if (vote->status && strcasecmp(vote->status, status_name(result.status)) != 0)
		report_fail(report, "votes.%s.status expected %s got %s", vote->voter, vote->status,
			    status_name(result.status));
	else if (vote->has_granted && vote->granted != result.granted)
		report_fail(report, "votes.%s.granted expected 0x%x got 0x%x", vote->voter,
			    vote->granted, result.granted);
	else
		return true;
	return false;
}

/* Does the vote of @voter come out when the ACEs that @is_ignored are without effect? */
static bool vote_explained(const json_t *line, const char *voter,
			   bool (*is_ignored)(const struct ace *ace),
			   const struct access_case *asked, struct vector_report *report)
{
	struct descriptor *sd __attribute__((cleanup(descriptor_destroyp))) =
		ignoring(asked->sd, is_ignored);
	struct access_case other = *asked;
	struct vote vote;
	bool right;

	if (!need_vote(line, voter, &vote, report))
		return false;
	if (!case_redirect(&other, sd)) {
		report_fail(report, "no memory");
		return false;
	}
	right = vote_agrees(&vote, &other, report);
	compiled_destroy(other.compiled);
	return right;
}

/*
 * A dispute over object ACEs.  Each program departs from the rules in one sort of ACE: Samba skips
 * an allow ACE without a type, the pseudocode a deny ACE with one.  So each program's vote
 * must come out when we skip that sort, too, and our own answer must be that to plain ACEs.
 */
static bool check_object_dispute(const json_t *line, struct access_case *asked,
				 struct vector_report *report)
{
	struct descriptor *plain __attribute__((cleanup(descriptor_destroyp))) =
		in_plain_aces(asked->sd);
	struct access_case other = *asked;
	struct access_result result;
	struct answer expected;

	if (!vote_explained(line, "samba", ace_is_plain_allow, asked, report) ||
	    !vote_explained(line, "msdtyp", ace_is_typed_deny, asked, report))
		return false;
	if (!case_redirect(&other, plain)) {
		report_fail(report, "no memory");
		return false;
	}
	result = ask(&other, asked->wanted);
	expected = (struct answer){status_name(result.status), result.granted, single_bits(&other)};
	compiled_destroy(other.compiled);
	return check_answer(asked, &expected, report);
}

/*
 * A dispute over a DACL that is not there or NULL: it grants everything, the maximum included,
 * but no right to the SACL.
 */
static bool check_shape_rule(struct access_case *asked, struct vector_report *report)
{
	uint32_t wanted = mask_map_generic(asked->wanted);
	struct answer expected = {"ok", wanted & ~MAXIMUM_ALLOWED, FILE_ALL_ACCESS};

	if (wanted & MAXIMUM_ALLOWED)
		expected.granted |= FILE_ALL_ACCESS;
	if ((wanted & ACCESS_SYSTEM_SECURITY) &&
	    !(token_privileges(asked->token) & SE_SECURITY_PRIVILEGE)) {
		expected.status = "privilege_not_held";
		expected.granted = 0;
	}
	return check_answer(asked, &expected, report);
}

/*
 * The votes that follow that rule: the pseudocode's if it was asked, and Samba's for single rights
 * to a NULL DACL (but not for its maximum).
 */
static bool check_shape_dispute(const json_t *line, struct access_case *asked,
				struct vector_report *report)
{
	const json_t *votes = json_object_get(line, "votes");
	bool null_dacl = asked->sd->control & SE_DACL_PRESENT;
	struct vote vote;

	if (!check_shape_rule(asked, report))
		return false;
	if (null_dacl && json_object_get(votes, "samba")) {
		if (!need_vote(line, "samba", &vote, report))
			return false;
		vote.status = NULL;
		vote.has_granted = false;
		if (!vote_agrees(&vote, asked, report))
			return false;
	}
	return !json_object_get(votes, "msdtyp") ||
	       (need_vote(line, "msdtyp", &vote, report) && vote_agrees(&vote, asked, report));
}

/* Disputed cases: the rules decide, and the votes are explained by them. */
static void check_disputed(const json_t *line, struct access_case *asked,
			   struct vector_report *report)
{
	bool right = false;

	if (!json_is_object(json_object_get(line, "votes")))
		report_fail(report, "votes expected an object got another");
	else if (asked->sd->dacl)
		right = check_object_dispute(line, asked, report);
	else
		right = check_shape_dispute(line, asked, report);
	if (right)
		report_pass(report);
}

static void vectors_asked(json_t *line, struct vector_report *report,
			  void (*check)(const json_t *line, struct access_case *asked,
					struct vector_report *report))
{
	struct descriptor *sd __attribute__((cleanup(descriptor_destroyp))) =
		need_descriptor(line, "sd", report);
	struct token *token __attribute__((cleanup(vector_token_freep))) = NULL;
	struct compiled *compiled __attribute__((cleanup(compiled_freep))) = NULL;
	struct access_case asked = {.sd = sd, .agree = true};
	bool backup;

	if (!sd || !need_flag(line, "backup_intent", &backup, report) ||
	    !need_mask(line, "desired", &asked.wanted, report))
		return;
	token = need_token(line, report);
	if (!token)
		return;
	if (compile(sd, &compiled)) {
		report_fail(report, "no memory");
		return;
	}
	asked.token = token;
	asked.compiled = compiled;
	asked.flags = backup ? ACCESS_BACKUP_INTENT : 0;
	check(line, &asked, report);
}

void vectors_access(json_t *line, struct vector_report *report)
{
	vectors_asked(line, report, json_object_get(line, "votes") ? check_disputed : check_access);
}
