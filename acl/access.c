/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The access check, [MS-DTYP] 2.5.3.2.  A pass walks the DACL once with one
 * list of SIDs; a token with restricting SIDs takes two and must be granted by both.
 */
#include "acl/access.h"

#include "acl/mask.h"

#define GENERIC_BITS (GENERIC_ALL | GENERIC_EXECUTE | GENERIC_WRITE | GENERIC_READ)

/* what an owner may do whatever the DACL says */
#define OWNER_BITS (READ_CONTROL | WRITE_DAC)

/* [MS-FSA] 2.1.5.1; ACCESS_SYSTEM_SECURITY still needs SeSecurityPrivilege */
#define BACKUP_BITS (READ_CONTROL | FILE_GENERIC_READ | FILE_TRAVERSE)
#define RESTORE_BITS                                                                               \
	(WRITE_DAC | WRITE_OWNER | FILE_GENERIC_WRITE | FILE_ADD_FILE | FILE_ADD_SUBDIRECTORY |    \
	 DELETE)

enum effect { NO_EFFECT, EFFECT_ALLOW, EFFECT_DENY };

/* One walk: with the token's own SIDs, or with the SIDs that restrict it. */
struct pass {
	const struct token *token;
	bool restricted;
	bool owner; /* one of the SIDs owns the object */
};

/*
 * What an ACE does if its SID matches.  There is never a list of object types,
 * so an allow ACE for a certain one grants nothing, while a deny ACE always
 * takes.  The condition of a callback ACE is unknown: it may deny, never allow.
 */
static enum effect ace_effect(const struct ace *ace)
{
	if (ace->opaque || (ace->flags & INHERIT_ONLY_ACE))
		return NO_EFFECT;
	switch (ace->type) {
	case ACCESS_ALLOWED_ACE_TYPE:
		return EFFECT_ALLOW;
	case ACCESS_ALLOWED_OBJECT_ACE_TYPE:
		return ace->object_flags & ACE_OBJECT_TYPE_PRESENT ? NO_EFFECT : EFFECT_ALLOW;
	case ACCESS_DENIED_ACE_TYPE:
	case ACCESS_DENIED_OBJECT_ACE_TYPE:
	case ACCESS_DENIED_CALLBACK_ACE_TYPE:
	case ACCESS_DENIED_CALLBACK_OBJECT_ACE_TYPE:
		return EFFECT_DENY;
	default:
		return NO_EFFECT;
	}
}

static uint32_t ace_rights(const struct ace *ace)
{
	return ace->mask & GENERIC_BITS ? mask_map_generic(ace->mask) : ace->mask;
}

static bool token_restricts(const struct token *token, const struct sid *sid)
{
	size_t count;
	const struct sid *list = token_restricted(token, &count);

	for (size_t i = 0; i < count; i++) {
		if (sid_equal(&list[i], sid))
			return true;
	}
	return false;
}

static bool pass_holds(const struct pass *pass, const struct sid *sid, enum effect effect)
{
	if (pass->restricted)
		return token_restricts(pass->token, sid);
	return effect == EFFECT_ALLOW ? token_allows(pass->token, sid)
				      : token_denies(pass->token, sid);
}

static bool pass_matches(const struct pass *pass, const struct ace *ace, enum effect effect)
{
	if (pass->owner && sid_equal(&ace->sid, &sid_owner_rights))
		return true;
	return pass_holds(pass, &ace->sid, effect);
}

/* OWNER RIGHTS in any ACE in force, whatever its type, withholds the owner's bits. */
static bool acl_names_owner_rights(const struct acl *dacl)
{
	for (size_t i = 0; i < dacl->count; i++) {
		const struct ace *ace = &dacl->aces[i];

		if (!ace->opaque && !(ace->flags & INHERIT_ONLY_ACE) &&
		    sid_equal(&ace->sid, &sid_owner_rights))
			return true;
	}
	return false;
}

/* Which of the @wanted bits the DACL grants; a bit is decided by the first ACE that has it. */
static uint32_t pass_walk(const struct pass *pass, const struct acl *dacl, uint32_t wanted)
{
	uint32_t granted = 0;
	uint32_t left = wanted;

	if (pass->owner && (wanted & OWNER_BITS) && !acl_names_owner_rights(dacl)) {
		granted = wanted & OWNER_BITS;
		left &= ~OWNER_BITS;
	}
	for (size_t i = 0; i < dacl->count && left; i++) {
		const struct ace *ace = &dacl->aces[i];
		enum effect effect = ace_effect(ace);
		uint32_t decided;

		if (effect == NO_EFFECT)
			continue;
		decided = ace_rights(ace) & left;
		if (!decided || !pass_matches(pass, ace, effect))
			continue;
		if (effect == EFFECT_ALLOW)
			granted |= decided;
		left &= ~decided;
	}
	return granted;
}

static uint32_t dacl_grants(const struct descriptor *sd, const struct token *token, uint32_t wanted)
{
	struct pass pass = {.token = token};
	uint32_t granted;
	size_t restricted;

	if (!sd->dacl)
		return wanted;
	pass.owner = sd->has_owner && pass_holds(&pass, &sd->owner, EFFECT_ALLOW);
	granted = pass_walk(&pass, sd->dacl, wanted);
	token_restricted(token, &restricted);
	if (!restricted || !granted)
		return granted;
	pass.restricted = true;
	pass.owner = sd->has_owner && pass_holds(&pass, &sd->owner, EFFECT_ALLOW);
	return pass_walk(&pass, sd->dacl, granted);
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

struct access_result access_check(const struct descriptor *sd, const struct token *token,
				  uint32_t wanted, unsigned int flags)
{
	struct access_result result = {.status = ACCESS_OK};
	uint32_t privileges = token_privileges(token);
	uint32_t named, possible, left;

	wanted = mask_map_generic(wanted);
	if (!wanted) {
		result.status = ACCESS_BAD_REQUEST;
		return result;
	}
	named = wanted & ~MAXIMUM_ALLOWED;
	possible = named | (wanted & MAXIMUM_ALLOWED ? FILE_ALL_ACCESS : 0);
	possible &= token_rights(token);

	result.granted = possible & privilege_grants(privileges, flags);
	left = possible & ~result.granted & ~ACCESS_SYSTEM_SECURITY;
	if (left)
		result.granted |= dacl_grants(sd, token, left);

	result.missing = named & ~result.granted;
	if (!result.granted && !result.missing)
		result.missing = MAXIMUM_ALLOWED;
	if (!result.missing)
		return result;
	result.granted = 0;
	result.status = ACCESS_DENIED;
	if ((result.missing & ACCESS_SYSTEM_SECURITY) && !(privileges & SE_SECURITY_PRIVILEGE))
		result.status = ACCESS_PRIVILEGE_NOT_HELD;
	return result;
}

bool access_public(const struct descriptor *sd, uint32_t mask)
{
	uint32_t left = mask_map_generic(mask);

	/* no DACL grants a right to the SACL or stands for "whatever there is" */
	if (left & (ACCESS_SYSTEM_SECURITY | MAXIMUM_ALLOWED))
		return false;
	if (!sd->dacl)
		return true;
	for (size_t i = 0; i < sd->dacl->count && left; i++) {
		const struct ace *ace = &sd->dacl->aces[i];
		enum effect effect = ace_effect(ace);

		if (effect == EFFECT_DENY && (ace_rights(ace) & left))
			return false;
		if (ace->type == ACCESS_ALLOWED_ACE_TYPE && effect == EFFECT_ALLOW &&
		    sid_equal(&ace->sid, &sid_everyone))
			left &= ~ace_rights(ace);
	}
	return !left;
}

bool access_names_group(const struct descriptor *sd)
{
	gid_t gid;

	/* a group that owns the object gives its members the owner's rights */
	if (sd->has_owner && sid_to_gid(&sd->owner, &gid))
		return true;
	for (size_t i = 0; sd->dacl && i < sd->dacl->count; i++) {
		const struct ace *ace = &sd->dacl->aces[i];

		if (!ace->opaque && !(ace->flags & INHERIT_ONLY_ACE) && sid_to_gid(&ace->sid, &gid))
			return true;
	}
	return false;
}
