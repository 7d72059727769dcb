/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names of well-known SIDs: those that are the same everywhere, and those that each domain has.
 */
#include "acl/well_known.h"

#include <stddef.h>
#include <string.h>

/* authorities, as the last byte of six */
#define AUTHORITY_NULL 0
#define AUTHORITY_WORLD 1
#define AUTHORITY_LOCAL 2
#define AUTHORITY_CREATOR 3
#define AUTHORITY_NT 5
#define AUTHORITY_PACKAGE 15
#define AUTHORITY_LABEL 16
#define AUTHORITY_AUTHENTICATION 18

#define BUILTIN_RID 32
#define DOMAIN_RID 21
#define DOMAIN_SUBS 4 /* 21 and three numbers */

#define NT "NT AUTHORITY"
#define BUILTIN "BUILTIN"
#define LABEL "Mandatory Label"
#define PACKAGE "APPLICATION PACKAGE AUTHORITY"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct entry {
	uint8_t authority;
	uint8_t sub_count;
	uint32_t sub[2];
	const char *prefix;
	const char *name;
};

static const struct entry entries[] = {
	{AUTHORITY_NULL, 1, {0}, "", "NULL SID"},
	{AUTHORITY_WORLD, 1, {0}, "", "Everyone"},
	{AUTHORITY_LOCAL, 1, {0}, "", "LOCAL"},
	{AUTHORITY_LOCAL, 1, {1}, "", "CONSOLE LOGON"},
	{AUTHORITY_CREATOR, 1, {0}, "", "CREATOR OWNER"},
	{AUTHORITY_CREATOR, 1, {1}, "", "CREATOR GROUP"},
	{AUTHORITY_CREATOR, 1, {2}, "", "CREATOR OWNER SERVER"},
	{AUTHORITY_CREATOR, 1, {3}, "", "CREATOR GROUP SERVER"},
	{AUTHORITY_CREATOR, 1, {4}, "", "OWNER RIGHTS"},
	{AUTHORITY_NT, 1, {1}, NT, "DIALUP"},
	{AUTHORITY_NT, 1, {2}, NT, "NETWORK"},
	{AUTHORITY_NT, 1, {3}, NT, "BATCH"},
	{AUTHORITY_NT, 1, {4}, NT, "INTERACTIVE"},
	{AUTHORITY_NT, 1, {6}, NT, "SERVICE"},
	{AUTHORITY_NT, 1, {7}, NT, "ANONYMOUS LOGON"},
	{AUTHORITY_NT, 1, {8}, NT, "PROXY"},
	{AUTHORITY_NT, 1, {9}, NT, "ENTERPRISE DOMAIN CONTROLLERS"},
	{AUTHORITY_NT, 1, {10}, NT, "SELF"},
	{AUTHORITY_NT, 1, {11}, NT, "Authenticated Users"},
	{AUTHORITY_NT, 1, {12}, NT, "RESTRICTED"},
	{AUTHORITY_NT, 1, {13}, NT, "TERMINAL SERVER USER"},
	{AUTHORITY_NT, 1, {14}, NT, "REMOTE INTERACTIVE LOGON"},
	{AUTHORITY_NT, 1, {15}, NT, "This Organization"},
	{AUTHORITY_NT, 1, {17}, NT, "IUSR"},
	{AUTHORITY_NT, 1, {18}, NT, "SYSTEM"},
	{AUTHORITY_NT, 1, {19}, NT, "LOCAL SERVICE"},
	{AUTHORITY_NT, 1, {20}, NT, "NETWORK SERVICE"},
	{AUTHORITY_NT, 1, {33}, NT, "WRITE RESTRICTED"},
	{AUTHORITY_NT, 1, {113}, NT, "Local account"},
	{AUTHORITY_NT, 1, {114}, NT, "Local account and member of Administrators group"},
	{AUTHORITY_NT, 1, {1000}, NT, "Other Organization"},
	{AUTHORITY_NT, 2, {64, 10}, NT, "NTLM Authentication"},
	{AUTHORITY_NT, 2, {64, 14}, NT, "SChannel Authentication"},
	{AUTHORITY_NT, 2, {64, 21}, NT, "Digest Authentication"},
	{AUTHORITY_NT, 2, {80, 0}, "NT SERVICE", "ALL SERVICES"},
	{AUTHORITY_NT, 1, {BUILTIN_RID}, "", "BUILTIN"},
	{AUTHORITY_NT, 2, {BUILTIN_RID, 544}, BUILTIN, "Administrators"},
	{AUTHORITY_NT, 2, {BUILTIN_RID, 545}, BUILTIN, "Users"},
	{AUTHORITY_NT, 2, {BUILTIN_RID, 546}, BUILTIN, "Guests"},
	{AUTHORITY_NT, 2, {BUILTIN_RID, 547}, BUILTIN, "Power Users"},
	{AUTHORITY_NT, 2, {BUILTIN_RID, 548}, BUILTIN, "Account Operators"},
	{AUTHORITY_NT, 2, {BUILTIN_RID, 549}, BUILTIN, "Server Operators"},
	{AUTHORITY_NT, 2, {BUILTIN_RID, 550}, BUILTIN, "Print Operators"},
	{AUTHORITY_NT, 2, {BUILTIN_RID, 551}, BUILTIN, "Backup Operators"},
	{AUTHORITY_NT, 2, {BUILTIN_RID, 552}, BUILTIN, "Replicator"},
	{AUTHORITY_NT, 2, {BUILTIN_RID, 554}, BUILTIN, "Pre-Windows 2000 Compatible Access"},
	{AUTHORITY_NT, 2, {BUILTIN_RID, 555}, BUILTIN, "Remote Desktop Users"},
	{AUTHORITY_NT, 2, {BUILTIN_RID, 556}, BUILTIN, "Network Configuration Operators"},
	{AUTHORITY_NT, 2, {BUILTIN_RID, 557}, BUILTIN, "Incoming Forest Trust Builders"},
	{AUTHORITY_NT, 2, {BUILTIN_RID, 558}, BUILTIN, "Performance Monitor Users"},
	{AUTHORITY_NT, 2, {BUILTIN_RID, 559}, BUILTIN, "Performance Log Users"},
	{AUTHORITY_NT, 2, {BUILTIN_RID, 560}, BUILTIN, "Windows Authorization Access Group"},
	{AUTHORITY_NT, 2, {BUILTIN_RID, 561}, BUILTIN, "Terminal Server License Servers"},
	{AUTHORITY_NT, 2, {BUILTIN_RID, 562}, BUILTIN, "Distributed COM Users"},
	{AUTHORITY_NT, 2, {BUILTIN_RID, 568}, BUILTIN, "IIS_IUSRS"},
	{AUTHORITY_NT, 2, {BUILTIN_RID, 569}, BUILTIN, "Cryptographic Operators"},
	{AUTHORITY_NT, 2, {BUILTIN_RID, 573}, BUILTIN, "Event Log Readers"},
	{AUTHORITY_NT, 2, {BUILTIN_RID, 574}, BUILTIN, "Certificate Service DCOM Access"},
	{AUTHORITY_NT, 2, {BUILTIN_RID, 575}, BUILTIN, "RDS Remote Access Servers"},
	{AUTHORITY_NT, 2, {BUILTIN_RID, 576}, BUILTIN, "RDS Endpoint Servers"},
	{AUTHORITY_NT, 2, {BUILTIN_RID, 577}, BUILTIN, "RDS Management Servers"},
	{AUTHORITY_NT, 2, {BUILTIN_RID, 578}, BUILTIN, "Hyper-V Administrators"},
	{AUTHORITY_NT, 2, {BUILTIN_RID, 579}, BUILTIN, "Access Control Assistance Operators"},
	{AUTHORITY_NT, 2, {BUILTIN_RID, 580}, BUILTIN, "Remote Management Users"},
	{AUTHORITY_PACKAGE, 2, {2, 1}, PACKAGE, "ALL APPLICATION PACKAGES"},
	{AUTHORITY_PACKAGE, 2, {2, 2}, PACKAGE, "ALL RESTRICTED APPLICATION PACKAGES"},
	{AUTHORITY_LABEL, 1, {0x0000}, LABEL, "Untrusted Mandatory Level"},
	{AUTHORITY_LABEL, 1, {0x1000}, LABEL, "Low Mandatory Level"},
	{AUTHORITY_LABEL, 1, {0x2000}, LABEL, "Medium Mandatory Level"},
	{AUTHORITY_LABEL, 1, {0x2100}, LABEL, "Medium Plus Mandatory Level"},
	{AUTHORITY_LABEL, 1, {0x3000}, LABEL, "High Mandatory Level"},
	{AUTHORITY_LABEL, 1, {0x4000}, LABEL, "System Mandatory Level"},
	{AUTHORITY_LABEL, 1, {0x5000}, LABEL, "Protected Process Mandatory Level"},
	{AUTHORITY_AUTHENTICATION, 1, {1}, "", "Authentication authority asserted identity"},
	{AUTHORITY_AUTHENTICATION, 1, {2}, "", "Service asserted identity"},
};

static const struct {
	uint32_t rid;
	const char *name;
} domain_entries[] = {
	{498, "Enterprise Read-only Domain Controllers"},
	{500, "Administrator"},
	{501, "Guest"},
	{502, "krbtgt"},
	{512, "Domain Admins"},
	{513, "Domain Users"},
	{514, "Domain Guests"},
	{515, "Domain Computers"},
	{516, "Domain Controllers"},
	{517, "Cert Publishers"},
	{518, "Schema Admins"},
	{519, "Enterprise Admins"},
	{520, "Group Policy Creator Owners"},
	{521, "Read-only Domain Controllers"},
	{522, "Cloneable Domain Controllers"},
	{525, "Protected Users"},
	{526, "Key Admins"},
	{527, "Enterprise Key Admins"},
	{553, "RAS and IAS Servers"},
	{571, "Allowed RODC Password Replication Group"},
	{572, "Denied RODC Password Replication Group"},
};

static struct sid entry_sid(const struct entry *entry)
{
	struct sid sid = {.revision = SID_REVISION, .sub_count = entry->sub_count};

	sid.authority[5] = entry->authority;
	memcpy(sid.sub, entry->sub, sizeof(entry->sub));
	return sid;
}

static bool sid_in_domain(const struct sid *sid)
{
	static const uint8_t nt[6] = {0, 0, 0, 0, 0, AUTHORITY_NT};

	return sid->sub_count == DOMAIN_SUBS + 1 && sid->sub[0] == DOMAIN_RID &&
	       memcmp(sid->authority, nt, sizeof(nt)) == 0;
}

static const char *name_in_domain(uint32_t rid)
{
	for (size_t i = 0; i < COUNT(domain_entries); i++) {
		if (domain_entries[i].rid == rid)
			return domain_entries[i].name;
	}
	return NULL;
}

const char *well_known_name(const struct sid *sid, const char **authority)
{
	if (authority)
		*authority = "";
	if (sid_in_domain(sid))
		return name_in_domain(sid->sub[DOMAIN_SUBS]);
	for (size_t i = 0; i < COUNT(entries); i++) {
		struct sid known = entry_sid(&entries[i]);

		if (!sid_equal(&known, sid))
			continue;
		if (authority)
			*authority = entries[i].prefix;
		return entries[i].name;
	}
	return NULL;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Equal in any case; no locale has a say. */
static bool names_equal(const char *a, const char *b)
{
	while (*a && lower(*a) == lower(*b)) {
		a++;
		b++;
	}
	return *a == *b;
}

/* @name after "PREFIX\", or NULL if it does not start so. */
static const char *after_prefix(const char *name, const char *prefix)
{
	size_t length = strlen(prefix);

	for (size_t i = 0; i < length; i++) {
		if (lower(name[i]) != lower(prefix[i]))
			return NULL;
	}
	return length && name[length] == '\\' ? name + length + 1 : NULL;
}

bool well_known_sid(const char *name, const struct sid *domain, struct sid *sid)
{
	for (size_t i = 0; i < COUNT(entries); i++) {
		const char *rest = after_prefix(name, entries[i].prefix);

		if (!names_equal(name, entries[i].name) &&
		    !(rest && names_equal(rest, entries[i].name)))
			continue;
		*sid = entry_sid(&entries[i]);
		return true;
	}
	for (size_t i = 0; domain && domain->sub_count < SID_MAX_SUBS && i < COUNT(domain_entries);
	     i++) {
		if (!names_equal(name, domain_entries[i].name))
			continue;
		*sid = *domain;
		sid->sub[sid->sub_count++] = domain_entries[i].rid;
		return true;
	}
	return false;
}
