/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Access tokens: who asks, as the access check sees it ([MS-DTYP] 2.5.2).
 *
 * A token is built by one thread, then shared read-only and counted.
 */
#ifndef GUISE_ACL_TOKEN_H
#define GUISE_ACL_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "acl/attribute.h"
#include "acl/sid.h"

/* attributes of a SID in a token, [MS-PAC] 2.2.1 and winnt.h */
#define SE_GROUP_ENABLED 0x00000004u
#define SE_GROUP_OWNER 0x00000008u             /* may be made the owner of a new object */
#define SE_GROUP_USE_FOR_DENY_ONLY 0x00000010u /* matches deny ACEs only, is no owner */

/* privileges, [MS-LSAD] 3.1.1.2.1, as bits of token_privileges() */
#define SE_SECURITY_PRIVILEGE 0x1u
#define SE_BACKUP_PRIVILEGE 0x2u
#define SE_RESTORE_PRIVILEGE 0x4u
#define SE_TAKE_OWNERSHIP_PRIVILEGE 0x8u
#define SE_CHANGE_NOTIFY_PRIVILEGE 0x10u
#define SE_RELABEL_PRIVILEGE 0x20u
#define SE_ALL_PRIVILEGES 0x3fu

/* How far the client lets a server go; ordered. */
enum token_level {
	TOKEN_ANONYMOUS,
	TOKEN_IDENTIFY,
	TOKEN_IMPERSONATE,
	TOKEN_DELEGATE,
};

/* How it is known whom a token is of. */
enum token_source {
	TOKEN_OF_PROCESS, /* the kernel says so of a thread: a primary token */
	TOKEN_BY_CONSENT, /* a client's own key */
	TOKEN_BY_LOGON,   /* a key of an account with the logon right names the user */
};

/* integrity levels: the last number of S-1-16-…, [MS-DTYP] 2.4.2.4 and winnt.h */
#define SECURITY_MANDATORY_UNTRUSTED_RID 0x0000u
#define SECURITY_MANDATORY_LOW_RID 0x1000u
#define SECURITY_MANDATORY_MEDIUM_RID 0x2000u
#define SECURITY_MANDATORY_HIGH_RID 0x3000u
#define SECURITY_MANDATORY_SYSTEM_RID 0x4000u

/* mandatory policies of a token, [MS-DTYP] 2.5.2 */
#define TOKEN_MANDATORY_POLICY_NO_WRITE_UP 0x1u
#define TOKEN_MANDATORY_POLICY_NEW_PROCESS_MIN 0x2u

/* Ways in which a token can hold a SID; bits for token_holds(). */
#define TOKEN_SID_ALLOW 0x01u        /* matches allow ACEs: enabled */
#define TOKEN_SID_DENY 0x02u         /* matches deny ACEs: enabled or deny-only */
#define TOKEN_SID_OWN 0x04u          /* may be made the owner of an object */
#define TOKEN_SID_RESTRICTED 0x08u   /* one of the SIDs that restrict the token */
#define TOKEN_SID_DEVICE_ALLOW 0x10u /* a group of the device, enabled */
#define TOKEN_SID_DEVICE_DENY 0x20u  /* a group of the device, enabled or deny-only */
#define TOKEN_SID_DISABLED 0x40u     /* there, but disabled: matches nothing by this bit */
#define TOKEN_SID_DENY_ONLY 0x80u    /* there for denying only, so never TOKEN_SID_ALLOW */

/* Whose claims; [MS-DTYP] 2.4.4.17.3 */
enum token_claims {
	TOKEN_CLAIMS_LOCAL, /* what the program that checks knows; simple names in conditions */
	TOKEN_CLAIMS_USER,
	TOKEN_CLAIMS_DEVICE,
	TOKEN_CLAIMS_COUNT
};

/* groups a token can hold: NGROUPS_MAX by two SIDs each, and some well-known ones */
#define TOKEN_MAX_GROUPS 131200

struct token_group {
	struct sid sid;
	uint32_t attributes; /* SE_GROUP_… */
};

struct token;

/*
 * A new token for @user (attributes: enabled) at level TOKEN_DELEGATE with no
 * groups and no privileges; one reference.  NULL without memory.
 */
struct token *token_create(const struct sid *user);

/* Takes / drops a reference; NULL is allowed in both. */
struct token *token_ref(const struct token *token);
void token_unref(const struct token *token);
void token_unrefp(const struct token **token); /* for __attribute__((cleanup)) */

/* Building, before it is shared.  Return 0 or -ENOMEM, -E2BIG. */
int token_add_group(struct token *token, const struct sid *sid, uint32_t attributes);
/* A token with at least one restricting SID must be granted by both lists. */
int token_add_restricted(struct token *token, const struct sid *sid);
/* Groups of the device that the client uses; conditions ask for them (Device_Member_of). */
int token_add_device_group(struct token *token, const struct sid *sid, uint32_t attributes);
/* Appends a deep copy of @claim. */
int token_add_claim(struct token *token, enum token_claims whose, const struct attribute *claim);
/*
 * The integrity level (SECURITY_MANDATORY_…_RID) and the mandatory policy; medium and
 * TOKEN_MANDATORY_POLICY_NO_WRITE_UP by default.
 */
void token_set_integrity(struct token *token, uint32_t level, uint32_t policy);
void token_set_user_attributes(struct token *token, uint32_t attributes);
void token_set_privileges(struct token *token, uint32_t privileges);
void token_set_level(struct token *token, enum token_level level);
/* Rights that this token can use at most, whatever a descriptor grants; all by default. */
void token_set_rights(struct token *token, uint32_t rights);
/* The server account that acts on the client's behalf; none by default (a primary token). */
void token_set_actor(struct token *token, const struct sid *actor);
/* How its user is known; TOKEN_OF_PROCESS by default. */
void token_set_source(struct token *token, enum token_source source);
/* The token that this one narrows; takes a reference. */
void token_set_whole(struct token *token, const struct token *whole);
/* The token's end in seconds since the epoch; 0: none. */
void token_set_expiry(struct token *token, int64_t expiry);
/* Owner of the files it creates, on the backing folder. */
void token_set_unix(struct token *token, uid_t uid, gid_t gid);
/* Primary group of new objects; the user itself if never set: no group by accident. */
int token_set_primary_group(struct token *token, const struct sid *sid);

/* Reading. */
const struct sid *token_user(const struct token *token);
uint32_t token_user_attributes(const struct token *token);
const struct token_group *token_groups(const struct token *token, size_t *count);
const struct sid *token_restricted(const struct token *token, size_t *count);
const struct attribute_list *token_claims(const struct token *token, enum token_claims whose);
uint32_t token_integrity(const struct token *token);
uint32_t token_mandatory_policy(const struct token *token);
const struct sid *token_primary_group(const struct token *token);
uint32_t token_privileges(const struct token *token);
enum token_level token_level(const struct token *token);
uint32_t token_rights(const struct token *token);
const struct sid *token_actor(const struct token *token); /* NULL: a primary token */
enum token_source token_source(const struct token *token);
const struct token *token_whole(const struct token *token); /* NULL: it narrows none */
int64_t token_expiry(const struct token *token);
uid_t token_uid(const struct token *token); /* (uid_t)-1 if not set */
gid_t token_gid(const struct token *token);

/*
 * In which ways the token holds @sid: TOKEN_SID_… bits, 0 if it does not.  The time it takes
 * does not grow with the number of SIDs.
 */
unsigned int token_holds(const struct token *token, const struct sid *sid);
/* The same for a SID whose sid_hash() is at hand. */
unsigned int token_holds_hashed(const struct token *token, const struct sid *sid, uint64_t hash);
/* Does @sid match the token in an allow ACE (enabled SIDs), in a deny ACE (deny-only ones too)? */
bool token_allows(const struct token *token, const struct sid *sid);
bool token_denies(const struct token *token, const struct sid *sid);
/* May the token make @sid an owner without SeRestorePrivilege? ([MS-DTYP] 2.5.3.4.1) */
bool token_may_own(const struct token *token, const struct sid *sid);

/* "anonymous", "identify", "impersonate", "delegate" and back; false if @name is none. */
const char *token_level_name(enum token_level level);
bool token_level_parse(const char *name, enum token_level *level);
/* "SeBackupPrivilege" and back: one bit; 0 or NULL if unknown. */
uint32_t token_privilege_parse(const char *name);
const char *token_privilege_name(uint32_t bit);

#endif
