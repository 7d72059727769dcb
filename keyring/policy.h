/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The host's policy: what an administrator says of accounts, privileges, roles,
 * peers and of consents that leave something open.  docs/policy.md and
 * guise.conf(5) tell what the file may say.
 *
 * A policy is read as a whole or not at all; it is never changed afterwards, so
 * any number of threads share one, counted.
 */
#ifndef GUISE_KEYRING_POLICY_H
#define GUISE_KEYRING_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "acl/sid.h"
#include "acl/token.h"
#include "keyring/domain.h"

/* where it is if nobody says otherwise; without that file the built-in defaults count */
#define POLICY_FILE "/etc/guisefs/guise.conf"

/* Bounds: a file beyond them is refused.  Written out, a policy fits an extended attribute. */
#define POLICY_FILE_MAX 57344 /* bytes of the file */
#define POLICY_LINE_MAX 190   /* bytes of a line: libinih has room for no more */
#define POLICY_SECTIONS 1024
#define POLICY_NAMES 8192 /* in all lists together */

/* room for any complaint about a file */
#define POLICY_FAULT_SIZE 1024

struct policy;

/* Why a file was refused: one line, printable ASCII, "FILE:LINE: found; expected ...". */
struct policy_fault {
	unsigned int line; /* 0: the file as a whole */
	char text[POLICY_FAULT_SIZE];
};

/* What the policy says of one account.  Owned by the policy. */
struct policy_account {
	const char *name; /* as the file has it; NULL in what counts for all the others */
	struct sid sid;   /* by its user id, S-1-22-1-…, whichever the file has */
	bool sensitive;   /* never forwarded by anybody but itself */
	bool trusted_for_delegation; /* may forward its clients' identities, */
	size_t target_count;         /* if this is not 0: to these targets only */
	const char *const *targets;
	bool logon;       /* its token keys may name another user */
	bool impersonate; /* may act for clients */
};

/* Another host.  For exports and remote mounts; nothing here depends on it yet. */
struct policy_peer {
	const char *host;
	bool trusted_for_delegation;
	const char *domain; /* or NULL */
	size_t account_count;
	const char *const *accounts;
};

struct policy_defaults {
	enum token_level level; /* of consents that name none */
	uint32_t ttl;           /* seconds, for tools that are told none; 0: theirs */
	uint32_t max_ttl;       /* seconds that a consent may have left; 0: any */
};

/* The policy of a host that has no file; one reference, or NULL without memory. */
struct policy *policy_builtin(void);

/*
 * Reads @length bytes, which are those of @file (for complaints and policy_file()).  Accounts
 * are looked up, in the domain that the file says.  Returns 0 with one reference in *@policy,
 * -ENOMEM, or -EINVAL; then *@fault tells why.
 */
int policy_read(const char *bytes, size_t length, const char *file, struct policy **policy,
		struct policy_fault *fault);

/*
 * The same from file @path, which must belong to root and be writable by nobody else.  Also
 * -errno if it cannot be read (-ENOENT: there is none) or -EPERM if others could change it.
 */
int policy_load(const char *path, struct policy **policy, struct policy_fault *fault);

/* Takes / drops a reference; NULL is allowed in both. */
struct policy *policy_ref(const struct policy *policy);
void policy_unref(const struct policy *policy);
void policy_unrefp(const struct policy **policy); /* for __attribute__((cleanup)) */

/* The file it was read from; NULL: built in. */
const char *policy_file(const struct policy *policy);

const struct policy_defaults *policy_defaults(const struct policy *policy);

/* Which service maps accounts to SIDs; policy_choose_domain() puts it in force. */
enum domain_mapping policy_mapping(const struct policy *policy);

/* From now on this process looks up whom it does not know as @policy says. */
void policy_choose_domain(const struct policy *policy);

/*
 * Never NULL: what the file says of account @sid, S-1-22-1-… or LocalSystem, or what counts for
 * accounts it does not name.
 */
const struct policy_account *policy_account(const struct policy *policy, const struct sid *sid);

/* The privileges (SE_..._PRIVILEGE) of whose holders @token is one, itself or by an enabled group.
 */
uint32_t policy_privileges(const struct policy *policy, const struct token *token);

/* Does @sid stand in a list of holders, or another SID of who has it? */
bool policy_holds_privilege(const struct policy *policy, const struct sid *sid);

/* Calls @tell with each holder of a privilege, perhaps repeatedly, until it returns not 0: that. */
int policy_each_holder(const struct policy *policy,
		       int (*tell)(void *context, const struct sid *sid), void *context);

/* May it take a caller's supplementary groups to tell its privileges? */
bool policy_asks_groups(const struct policy *policy);

size_t policy_role_count(const struct policy *policy);
const char *policy_role_name(const struct policy *policy, size_t index);

/* The members of role @index; the array is the policy's. */
const struct sid *policy_role_members(const struct policy *policy, size_t index, size_t *count);

/* Is @token, itself or by an enabled group, in role @role?  False if there is no such role. */
bool policy_in_role(const struct policy *policy, const char *role, const struct token *token);

/* What the policy says of @host, whatever the case of its letters, or NULL. */
const struct policy_peer *policy_peer(const struct policy *policy, const char *host);

/* Writes @policy out as a file that means the same. */
void policy_write(const struct policy *policy, FILE *out);

#endif
