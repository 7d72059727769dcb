/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a policy is made of; private to keyring/policy*.c.
 *
 * The readers fill the lists, which grow; policy_seal() then puts accounts in the order in
 * which they are searched.
 */
#ifndef GUISE_KEYRING_POLICY_PARTS_H
#define GUISE_KEYRING_POLICY_PARTS_H

#include <stdatomic.h>

#include "keyring/policy.h"

/* Words as the file has them. */
struct words {
	char **list;
	size_t count, room;
};

/* Principals, and how the file spells each. */
struct principals {
	struct sid *sids;
	size_t count, room;
	struct words names;
	/* their other SIDs: whoever is of a domain has two, and is meant by either */
	struct sid *others;
	size_t other_count, other_room;
};

struct account_entry {
	struct policy_account account;
	char *name;
	struct words targets;
};

struct privilege_entry {
	uint32_t bit;
	struct principals holders;
};

struct role_entry {
	char *name;
	struct principals members;
};

struct peer_entry {
	struct policy_peer peer;
	char *host, *domain;
	struct words accounts;
};

/* Entries are made one by one, so that pointers to them stay good while the lists grow. */
struct entries {
	void **list;
	size_t count, room;
};

struct policy {
	atomic_uint references;
	char *file;
	struct policy_defaults defaults;
	enum domain_mapping mapping;
	bool has_machine;
	struct sid machine;
	struct entries accounts, privileges, roles, peers;
	bool asks_groups; /* see policy_asks_groups() */
};

/* A policy that says nothing; @file may be NULL. */
struct policy *policy_create(const char *file);

/* A new entry of @size bytes, all zero, at the end of @entries; NULL without memory. */
void *entries_add(struct entries *entries, size_t size);

/* Appends a copy of @word.  0 or -ENOMEM. */
int words_add(struct words *words, const char *word);
int principals_add(struct principals *principals, const struct sid *sid, const char *name);
/* Adds another SID of one of them. */
int principals_add_other(struct principals *principals, const struct sid *sid);

/* Is @sid one of @principals?  Root has two SIDs, too, and either stands for both. */
bool principals_have(const struct principals *principals, const struct sid *sid);

/* LocalSystem is the account root. */
struct sid policy_account_sid(const struct sid *sid);

/* Ends the filling. */
void policy_seal(struct policy *policy);

#endif
