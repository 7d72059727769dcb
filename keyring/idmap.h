/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Accounts of the host (passwd, LDAP, SSSD, winbind: whatever NSS knows) and
 * SIDs.  Look-ups may be slow; none is cached here.  Which SID an account has is domain.h's affair.
 */
#ifndef GUISE_KEYRING_IDMAP_H
#define GUISE_KEYRING_IDMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "acl/sid.h"

/* longest account name that is looked at, with its NUL */
#define IDMAP_NAME_MAX 256

/*
 * Primary group and all groups of account @uid;
 * *@groups (for the caller to free) holds *@count ids.  Returns 0, -ENOENT if there
 * is no such account, or the errno that the look-up failed with: -EHOSTDOWN if it is one of a
 * domain that does not tell all of its groups, -ETIMEDOUT if it took too long (bounded.h).
 */
int idmap_user_groups(uid_t uid, gid_t *gid, gid_t **groups, size_t *count);

/* The name of an account or group.  0, -ENOENT, -ENAMETOOLONG, ... */
int idmap_user_name(uid_t uid, char *name, size_t size);
int idmap_group_name(gid_t gid, char *name, size_t size);

/* The id of account or group @name.  0, -ENOENT, ... */
int idmap_user(const char *name, uid_t *uid);
int idmap_group(const char *name, gid_t *gid);

/* An account given as a number, a SID or a name.  0, -ENOENT, ...; -EHOSTDOWN as in domain.h. */
int idmap_account(const char *text, uid_t *uid);

/*
 * @sid for people: the name of a well-known identity, an account or a group (that of a domain as
 * its service writes it, "EXAMPLE\\alice"), or else the SID's text.  What does not fit @size is
 * cut. Returns @buffer.
 */
char *idmap_sid_name(const struct sid *sid, char *buffer, size_t size);

/*
 * A principal as people write one: a SID, a well-known name as idmap_sid_name() writes it, an SDDL
 * alias of two capital letters, "uid:N", "gid:N", an account or else a group, of this host or its
 * domain ("EXAMPLE\\alice", "alice@example.com").  The names of a domain's have their domain SIDs.
 */
bool idmap_sid_parse(const char *text, struct sid *sid);

#endif
