/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The host's domain: SIDs of accounts and groups that are not the host's own, as the service says
 * that made the host a member, winbindd (through libwbclient) or SSSD (libsss_nss_idmap).
 *
 * For the whole process and thread safe, as NSS is.  Nothing is linked: the libraries are loaded
 * when they are first needed.  Answers are kept for a while; no lock is held while somebody asks.
 *
 * An id that /etc/passwd or /etc/group has is the host's own, and nobody is asked (but see
 * domain_choose_machine()); 0 always is.
 * Only SIDs of domains (sid_is_domain()) are believed.
 *
 * Functions return 0 or -errno: -EHOSTDOWN where a mapping is in use that cannot be asked, or gives
 * an answer that cannot be true.  That is never to be taken for "not mapped".
 */
#ifndef GUISE_KEYRING_DOMAIN_H
#define GUISE_KEYRING_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "acl/sid.h"

/* Which service is asked. */
enum domain_mapping {
	DOMAIN_AUTO, /* the first that line "passwd:" of nsswitch.conf names */
	DOMAIN_WINBIND,
	DOMAIN_SSSD,
	DOMAIN_NONE,
	DOMAIN_MAPPINGS
};

/* "auto", "winbind", "sssd", "none" and back; false if @name is none. */
const char *domain_mapping_name(enum domain_mapping mapping);
bool domain_mapping_parse(const char *name, enum domain_mapping *mapping);

/* Loads what @mapping needs.  NULL, or what is missing: for people, valid as long as the process.
 */
const char *domain_mapping_lacks(enum domain_mapping mapping);

/*
 * From now on accounts of the host itself, but for root, can have SIDs of @machine, S-1-5-21-a-b-c
 * (NULL: none can, as when nobody calls this): those of the accounts of a Samba server that runs on
 * this host.  Then they are asked for, too.  Call before domain_choose(), which forgets.
 */
void domain_choose_machine(const struct sid *machine);

/* Is @sid S-1-5-21-a-b-c? */
bool domain_is_machine(const struct sid *sid);

/* From now on @mapping counts in this process; DOMAIN_AUTO until this is called.  Forgets. */
void domain_choose(enum domain_mapping mapping);

/*
 * For this thread alone @mapping counts, until domain_choose_end(): who reads a policy looks up as
 * it says before it is in force.  The same of @machine, after that.
 */
void domain_choose_here(enum domain_mapping mapping);
void domain_choose_machine_here(const struct sid *machine);
void domain_choose_end(void);

/* Forgets all answers. */
void domain_forget(void);

/* Another number than before if what was answered then need not hold now; looks once a second. */
uint64_t domain_generation(void);

/* The service that is asked, for people: "winbind", or NULL if none is. */
const char *domain_in_use(void);

/* A Unix id. */
struct domain_id {
	uint32_t id;
	bool is_group;
};

/* Is the user the host's own?  1, 0, or -EHOSTDOWN if it cannot be told. */
int domain_user_is_own(uid_t uid);

/* The SIDs of @count ids: of their domain, or as Samba names what is in none (S-1-22-…). */
int domain_sids(const struct domain_id *ids, size_t count, struct sid *sids);
int domain_user_sid(uid_t uid, struct sid *sid);
int domain_group_sid(gid_t gid, struct sid *sid);

/* What a SID is here.  A user can have a group id, too, where all ids are of one space. */
struct domain_ids {
	bool has_uid, has_gid;
	bool is_user; /* and no group, whatever it has */
	uid_t uid;
	gid_t gid;
};

/*
 * The Unix ids of @sid: its own in Samba's form, or those that a domain SID is mapped to
 * and that map back to it.  A SID that is neither has none.
 */
int domain_ids(const struct sid *sid, struct domain_ids *ids);

/* One of them; -ENOENT: there is none. */
int domain_uid(const struct sid *sid, uid_t *uid);
int domain_gid(const struct sid *sid, gid_t *gid);

/*
 * May somebody else than root state @sid: a user or group of a domain that is not one of those
 * which each domain has, but for "Domain Users", "Domain Guests" and "Domain Computers"?
 */
bool domain_sid_is_ordinary(const struct sid *sid);

/* "EXAMPLE\alice", as the service writes it, for domain SIDs.  -ENOENT, -ENAMETOOLONG, ... */
int domain_name(const struct sid *sid, char *name, size_t size);

/* The domain SID of "EXAMPLE\alice" or "alice@example.com".  -ENOENT, ... */
int domain_named(const char *name, struct sid *sid);

/*
 * The groups of a domain account, by the name that NSS gives it, which its service knows: NSS
 * itself says nothing of those that could not be looked up.  Appends to *@groups (heap) those
 * that are not there yet.
 */
int domain_add_groups(const char *account, gid_t gid, gid_t **groups, size_t *count);

#endif
