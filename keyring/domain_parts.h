/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of domain.h share, and what tests put in their place. */
#ifndef GUISE_KEYRING_DOMAIN_PARTS_H
#define GUISE_KEYRING_DOMAIN_PARTS_H

#include "keyring/domain.h"

/*
 * A service.  Its functions ask anew each time, however long that takes, from any thread.  They
 * return 0, -ENOENT (it knows of nothing such), or another -errno: it could not be asked.
 */
struct domain_backend {
	/* NULL, or what is missing */
	const char *(*lacks)(void);
	/* all or nothing; an id that is not mapped has sid_null */
	int (*sids)(const struct domain_id *ids, size_t count, struct sid *sids);
	/* not mapped: neither */
	int (*ids)(const struct sid *sid, struct domain_ids *ids);
	int (*name)(const struct sid *sid, char *name, size_t size);
	int (*named)(const char *name, struct sid *sid);
	/* a list on the heap */
	int (*groups)(const char *account, gid_t gid, gid_t **groups, size_t *count);
};

extern const struct domain_backend domain_winbind;
extern const struct domain_backend domain_sssd;

/* --- domain_host.c: the host's own files --- */

struct host_files {
	const char *passwd, *group, *nsswitch;
	const char *sssd; /* the folder of SSSD's configuration */
};

/* Which service the host says that it uses.  DOMAIN_NONE, or -EIO if it cannot be told. */
int host_mapping(enum domain_mapping *mapping);

/* Is the id the host's own?  1, 0, or -EIO if it cannot be told. */
int host_is_own(const struct domain_id *id);

/* Another number than before if one of the files is.  Looks once a second. */
uint64_t host_generation(void);

/* --- domain_cache.c: answers --- */

/* The answer that was given in @generation and is not too old. */
bool cache_sid(const struct domain_id *id, uint64_t generation, struct sid *sid);
bool cache_ids(const struct sid *sid, uint64_t generation, struct domain_ids *ids);

/* Keeps an answer: not mapped is one, too. */
void cache_keep_sid(const struct domain_id *id, uint64_t generation, const struct sid *sid);
void cache_keep_ids(const struct sid *sid, uint64_t generation, const struct domain_ids *ids);

/* How many answers are kept at most. */
#define CACHE_ANSWERS 65536

/* seconds that answers are kept */
#define CACHE_MAPPED 600
#define CACHE_NOT_MAPPED 60

/* --- for tests --- */

/* All mappings but DOMAIN_NONE are @backend; NULL: as they are. */
void domain_test_backend(const struct domain_backend *backend);
/* These files count, and are looked at each time; NULL: the host's. */
void host_test_files(const struct host_files *files);
/* Where SSSD's library is, before it was needed, and where SSSD would answer it. */
void domain_sssd_test(const char *path, const char *socket);

#endif
