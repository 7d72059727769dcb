/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inquiries to the service of a domain, which may not come back in time (bounded.h); private to
 * domain*.c.
 */
#ifndef GUISE_KEYRING_DOMAIN_ASK_H
#define GUISE_KEYRING_DOMAIN_ASK_H

#include "keyring/bounded.h"
#include "keyring/domain_parts.h"
#include "keyring/idmap.h"

struct inquiry;
typedef int ask_fn(struct inquiry *inquiry);

/* What is asked, and the answer: each sort of inquiry has its own fields. */
struct inquiry {
	struct work work; /* the first: bounded.c knows no more */
	const struct domain_backend *backend;
	ask_fn *ask;
	size_t count; /* of the next three */
	struct domain_id *ids;
	size_t *places; /* where the asker wants the answer */
	struct sid *sids;
	struct sid sid;
	struct domain_ids unix_ids;
	char name[IDMAP_NAME_MAX];
	gid_t gid;
	gid_t *groups; /* owned */
	size_t group_count;
};

ask_fn ask_sids, ask_ids, ask_name, ask_named, ask_groups;

/* One with room for @room ids.  0 or -ENOMEM. */
int inquiry_make(struct inquiry **inquiry, size_t room);

/* Adds @id to *@inquiry, which is made with room for @room if there is none. */
int inquiry_add(struct inquiry **inquiry, size_t room, const struct domain_id *id, size_t place);

/* Asks @backend.  On failure *@inquiry may be NULL: then it did not come back in time. */
int inquiry_ask(struct inquiry **inquiry, const struct domain_backend *backend, ask_fn *ask);

void inquiry_free(struct inquiry **inquiry);

#define SCOPED_INQUIRY __attribute__((cleanup(inquiry_free))) struct inquiry *

#endif
