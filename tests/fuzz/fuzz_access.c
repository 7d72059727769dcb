/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any token, wish and descriptor: the compiled check, with and without a trace, says what
 * the reference says, and grants nothing that no allow ACE, owner or privilege could give.
 *
 * The first bytes are the token and the wish, the others a binary descriptor; the token's SIDs
 * are taken from the descriptor, so that they meet.
 */
#include <string.h>

#include "acl/compile.h"
#include "acl/mask.h"
#include "acl/trace.h"
#include "fuzz.h"
#include "tests/reference_access.h"

#define HEAD 40
#define MAX_SIDS 32
#define MAX_GROUPS 20

/* The fields of the head. */
enum {
	AT_PRIVILEGES,
	AT_OPTIONS,
	AT_USER,
	AT_INTEGRITY,
	AT_WANTED,
	AT_RIGHTS = AT_WANTED + 4,
	AT_GROUPS = HEAD - MAX_GROUPS,
};

/* bits of the options */
#define OPTION_BACKUP 0x1u
#define OPTION_RIGHTS 0x2u
#define OPTION_NO_POLICY 0x4u
#define OPTION_CLAIM 0x8u
#define OPTION_RESTRICTED_TO_OWNER_RIGHTS 0x10u

struct sids {
	struct sid all[MAX_SIDS];
	size_t count;
};

static void collect(struct sids *sids, const struct sid *sid)
{
	if (sids->count < MAX_SIDS)
		sids->all[sids->count++] = *sid;
}

static struct sids sids_of(const struct descriptor *sd)
{
	struct sids sids = {.count = 0};

	collect(&sids, &sid_everyone);
	collect(&sids, &sid_administrators);
	collect(&sids, &sid_owner_rights);
	if (sd->has_owner)
		collect(&sids, &sd->owner);
	if (sd->has_group)
		collect(&sids, &sd->group);
	for (size_t i = 0; sd->dacl && i < sd->dacl->count; i++) {
		if (!sd->dacl->aces[i].opaque)
			collect(&sids, &sd->dacl->aces[i].sid);
	}
	return sids;
}

static uint32_t number(const uint8_t *head, size_t at)
{
	return head[at] | (uint32_t)head[at + 1] << 8 | (uint32_t)head[at + 2] << 16 |
	       (uint32_t)head[at + 3] << 24;
}

static void add(struct token *token, const struct sid *sid, unsigned int how)
{
	static const uint32_t attributes[] = {
		SE_GROUP_ENABLED,
		SE_GROUP_USE_FOR_DENY_ONLY,
		0,
		SE_GROUP_ENABLED | SE_GROUP_USE_FOR_DENY_ONLY,
	};

	if (how < 4)
		require(token_add_group(token, sid, attributes[how]) == 0);
	else if (how == 4)
		require(token_add_restricted(token, sid) == 0);
	else if (how == 5)
		require(token_add_device_group(token, sid, SE_GROUP_ENABLED) == 0);
}

static void add_claim(struct token *token)
{
	uint16_t name[] = {'T', 'i', 't', 'l', 'e'};
	uint8_t text[] = {'P', 0, 'M', 0};
	struct attribute_value value = {.bytes = text, .size = sizeof(text)};
	struct attribute claim = {
		.name = name,
		.name_length = 5,
		.type = CLAIM_SECURITY_ATTRIBUTE_TYPE_STRING,
		.count = 1,
		.values = &value,
	};

	require(token_add_claim(token, TOKEN_CLAIMS_USER, &claim) == 0);
}

static struct token *token_of(const uint8_t *head, const struct sids *sids)
{
	struct token *token = token_create(&sids->all[head[AT_USER] % sids->count]);

	require(token);
	if (head[AT_USER] & 0x80)
		token_set_user_attributes(token, SE_GROUP_USE_FOR_DENY_ONLY);
	token_set_privileges(token, head[AT_PRIVILEGES] & SE_ALL_PRIVILEGES);
	token_set_integrity(token, (uint32_t)head[AT_INTEGRITY] << 8,
			    head[AT_OPTIONS] & OPTION_NO_POLICY ? 0 : 1);
	if (head[AT_OPTIONS] & OPTION_RIGHTS)
		token_set_rights(token, number(head, AT_RIGHTS));
	if (head[AT_OPTIONS] & OPTION_CLAIM)
		add_claim(token);
	if (head[AT_OPTIONS] & OPTION_RESTRICTED_TO_OWNER_RIGHTS)
		require(token_add_restricted(token, &sid_owner_rights) == 0);
	for (size_t i = 0; i < MAX_GROUPS; i++) {
		uint8_t group = head[AT_GROUPS + i];

		add(token, &sids->all[(group & 31) % sids->count], group >> 5);
	}
	return token;
}

static bool same(struct access_result a, struct access_result b)
{
	return a.status == b.status && a.granted == b.granted && a.missing == b.missing;
}

/* What is granted at most: what some ACE allows, an owner has, a privilege gives. */
static void check_bound(const struct descriptor *sd, uint32_t privileges,
			struct access_result result)
{
	uint32_t most = READ_CONTROL | WRITE_DAC;

	if (!sd->dacl || privileges)
		return;
	for (size_t i = 0; i < sd->dacl->count; i++) {
		if (ace_type_is_allow(sd->dacl->aces[i].type))
			most |= mask_map_generic(sd->dacl->aces[i].mask);
	}
	require(!(result.granted & ~most));
}

/* What the steps gave is what was granted, and nothing is both given and taken. */
static void check_trace(const struct trace *trace, struct access_result result)
{
	size_t count;
	const struct trace_step *steps = trace_steps(trace, &count);
	uint32_t gave = 0;

	require(!trace_incomplete(trace));
	for (size_t i = 0; i < count; i++) {
		gave |= steps[i].gave;
		require(!(steps[i].gave & steps[i].took));
		require(!(steps[i].missing & (steps[i].gave | steps[i].took)));
	}
	require(!(result.granted & ~gave));
}

static void check(const struct descriptor *sd, const struct token *token, uint32_t wanted,
		  unsigned int flags)
{
	struct access_request request = {.token = token, .wanted = wanted, .flags = flags};
	struct access_result expected = reference_access(sd, token, wanted, flags);
	struct compiled *compiled;

	require(compile(sd, &compiled) == SD_OK);
	require(same(expected, access_check_compiled(compiled, &request)));
	request.trace = trace_create();
	require(request.trace);
	require(same(expected, access_check_compiled(compiled, &request)));
	check_trace(request.trace, expected);
	trace_destroy(request.trace);
	compiled_destroy(compiled);
	require(same(expected, access_check(sd, token, wanted, flags)));
	check_bound(sd, token_privileges(token), expected);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct descriptor *sd = NULL;
	struct token *token;
	struct sids sids;
	unsigned int flags;

	if (size < HEAD || descriptor_read(data + HEAD, size - HEAD, &sd) != SD_OK)
		return 0;
	sids = sids_of(sd);
	token = token_of(data, &sids);
	flags = data[AT_OPTIONS] & OPTION_BACKUP ? ACCESS_BACKUP_INTENT : 0;
	check(sd, token, number(data, AT_WANTED), flags);
	check(sd, token, MAXIMUM_ALLOWED, flags);
	check(sd, token, FILE_ALL_ACCESS, flags);
	/* true for everyone is true for this token, unless it is limited itself */
	if (access_public(sd, FILE_READ_ATTRIBUTES) &&
	    (token_rights(token) & FILE_READ_ATTRIBUTES) && token_allows(token, &sid_everyone)) {
		size_t restricted;

		token_restricted(token, &restricted);
		require(restricted ||
			access_check(sd, token, FILE_READ_ATTRIBUTES, 0).status == ACCESS_OK);
	}
	token_unref(token);
	descriptor_destroy(sd);
	return 0;
}
