/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SDDL aliases of SIDs, [MS-DTYP] 2.5.1.1: well-known ones, and accounts
 * relative to a domain.
 */
#include "acl/name.h"

#include <stddef.h>
#include <string.h>

#include "acl/sddl.h"

/* authorities, as the last byte of six */
#define WORLD 1
#define CREATOR 3
#define NT 5
#define PACKAGE 15
#define LABEL 16
#define AUTHENTICATION 18

#define BUILTIN_DOMAIN 32

struct alias {
	char name[3];
	uint8_t authority;
	uint8_t sub_count;
	uint32_t sub[6];
};

static const struct alias aliases[] = {
	{"WD", WORLD, 1, {0}},
	{"CO", CREATOR, 1, {0}},
	{"CG", CREATOR, 1, {1}},
	{"OW", CREATOR, 1, {4}},
	{"NU", NT, 1, {2}},
	{"IU", NT, 1, {4}},
	{"SU", NT, 1, {6}},
	{"AN", NT, 1, {7}},
	{"ED", NT, 1, {9}},
	{"PS", NT, 1, {10}},
	{"AU", NT, 1, {11}},
	{"RC", NT, 1, {12}},
	{"SY", NT, 1, {18}},
	{"LS", NT, 1, {19}},
	{"NS", NT, 1, {20}},
	{"WR", NT, 1, {33}},
	{"UD", NT, 6, {84, 0, 0, 0, 0, 0}},
	{"BA", NT, 2, {BUILTIN_DOMAIN, 544}},
	{"BU", NT, 2, {BUILTIN_DOMAIN, 545}},
	{"BG", NT, 2, {BUILTIN_DOMAIN, 546}},
	{"PU", NT, 2, {BUILTIN_DOMAIN, 547}},
	{"AO", NT, 2, {BUILTIN_DOMAIN, 548}},
	{"SO", NT, 2, {BUILTIN_DOMAIN, 549}},
	{"PO", NT, 2, {BUILTIN_DOMAIN, 550}},
	{"BO", NT, 2, {BUILTIN_DOMAIN, 551}},
	{"RE", NT, 2, {BUILTIN_DOMAIN, 552}},
	{"RU", NT, 2, {BUILTIN_DOMAIN, 554}},
	{"RD", NT, 2, {BUILTIN_DOMAIN, 555}},
	{"NO", NT, 2, {BUILTIN_DOMAIN, 556}},
	{"MU", NT, 2, {BUILTIN_DOMAIN, 558}},
	{"LU", NT, 2, {BUILTIN_DOMAIN, 559}},
	{"IS", NT, 2, {BUILTIN_DOMAIN, 568}},
	{"CY", NT, 2, {BUILTIN_DOMAIN, 569}},
	{"ER", NT, 2, {BUILTIN_DOMAIN, 573}},
	{"CD", NT, 2, {BUILTIN_DOMAIN, 574}},
	{"RA", NT, 2, {BUILTIN_DOMAIN, 575}},
	{"ES", NT, 2, {BUILTIN_DOMAIN, 576}},
	{"MS", NT, 2, {BUILTIN_DOMAIN, 577}},
	{"HA", NT, 2, {BUILTIN_DOMAIN, 578}},
	{"AA", NT, 2, {BUILTIN_DOMAIN, 579}},
	{"RM", NT, 2, {BUILTIN_DOMAIN, 580}},
	{"AC", PACKAGE, 2, {2, 1}},
	{"LW", LABEL, 1, {4096}},
	{"ME", LABEL, 1, {8192}},
	{"MP", LABEL, 1, {8448}},
	{"HI", LABEL, 1, {12288}},
	{"SI", LABEL, 1, {16384}},
	{"AS", AUTHENTICATION, 1, {1}},
	{"SS", AUTHENTICATION, 1, {2}},
};

static const struct {
	char name[3];
	uint32_t rid;
} domain_aliases[] = {
	{"RO", 498}, {"LA", 500}, {"LG", 501}, {"DA", 512}, {"DU", 513}, {"DG", 514},
	{"DC", 515}, {"DD", 516}, {"CA", 517}, {"SA", 518}, {"EA", 519}, {"PA", 520},
	{"CN", 522}, {"AP", 525}, {"KA", 526}, {"EK", 527}, {"RS", 553},
};

#define ALIAS_COUNT (sizeof(aliases) / sizeof(aliases[0]))
#define DOMAIN_ALIAS_COUNT (sizeof(domain_aliases) / sizeof(domain_aliases[0]))

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool letters_equal(const char name[2], const char letters[2])
{
	return name[0] == letters[0] && name[1] == letters[1];
}

bool sddl_alias_sid(const char alias[2], const struct sid *domain, struct sid *sid)
{
	if (!alias[0])
		return false;
	char letters[2] = {upper(alias[0]), upper(alias[1])};
	for (size_t i = 0; i < ALIAS_COUNT; i++) {
		if (!letters_equal(aliases[i].name, letters))
			continue;
		memset(sid, 0, sizeof(*sid));
		sid->revision = SID_REVISION;
		sid->sub_count = aliases[i].sub_count;
		sid->authority[5] = aliases[i].authority;
		memcpy(sid->sub, aliases[i].sub, sizeof(aliases[i].sub));
		return true;
	}
	if (!domain || domain->sub_count >= SID_MAX_SUBS)
		return false;
	for (size_t i = 0; i < DOMAIN_ALIAS_COUNT; i++) {
		if (!letters_equal(domain_aliases[i].name, letters))
			continue;
		*sid = *domain;
		sid->sub[sid->sub_count++] = domain_aliases[i].rid;
		return true;
	}
	return false;
}

static const char *name_in_domain(const struct sid *sid, const struct sid *domain)
{
	if (sid->sub_count != domain->sub_count + 1 ||
	    memcmp(sid->authority, domain->authority, sizeof(sid->authority)) != 0 ||
	    memcmp(sid->sub, domain->sub, domain->sub_count * sizeof(sid->sub[0])) != 0)
		return NULL;
	uint32_t rid = sid->sub[domain->sub_count];
	for (size_t i = 0; i < DOMAIN_ALIAS_COUNT; i++) {
		if (domain_aliases[i].rid == rid)
			return domain_aliases[i].name;
	}
	return NULL;
}

const char *name_of_sid(const struct sid *sid, const struct sid *domain)
{
	static const uint8_t zeros[5];
	if (domain) {
		const char *name = name_in_domain(sid, domain);
		if (name)
			return name;
	}
	if (memcmp(sid->authority, zeros, sizeof(zeros)) != 0)
		return NULL;
	for (size_t i = 0; i < ALIAS_COUNT; i++) {
		const struct alias *alias = &aliases[i];
		if (alias->authority == sid->authority[5] && alias->sub_count == sid->sub_count &&
		    memcmp(alias->sub, sid->sub, sid->sub_count * sizeof(sid->sub[0])) == 0)
			return alias->name;
	}
	return NULL;
}
