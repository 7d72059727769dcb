/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A domain of the test's own, in place of winbindd, and a host's files to go with it: EX\alice
 * (user id 5001), EX\bob (5002), EX\admin (5003, RID 500), the groups EX\staff (6001), EX\users
 * (6002, RID 513) and EX\admins (6003, RID 512), BUILTIN\Users (6004), and EX\ghost, who has no id.
 * The host itself has root, local (1000) and its group local (100).
 */
#ifndef GUISE_TESTS_FAKE_DOMAIN_H
#define GUISE_TESTS_FAKE_DOMAIN_H

#include <pthread.h>
#include <stdbool.h>

#include "acl/sid.h"

#define EX "S-1-5-21-10-20-30-"
#define ALICE 5001
#define BOB 5002
#define ADMIN 5003
#define STAFF 6001
#define USERS 6002
#define ADMINS 6003
#define BUILTIN_USERS 6004
#define LOCAL 1000
#define LOCALS 100
#define STRANGER 7000 /* nobody knows it */

/* What it is like today. */
struct fake_domain {
	int error;          /* what each question ends with; 0: an answer */
	const char *answer; /* to any question for a SID, or NULL */
	bool has_other_ids; /* any question for ids is answered so: */
	uint32_t uid, gid;
	uint32_t hangs_at;      /* questions about this id or RID wait until it is 0 again */
	unsigned int questions; /* so far */
	unsigned int asked;     /* ids in them */
	uint32_t extra_group;   /* in everybody's list, or 0 */
	pthread_mutex_t lock;
	pthread_cond_t changed;
};

extern struct fake_domain fake_domain;

/* Puts it in place, with files in a folder of its own. */
void fake_domain_start(void);
void fake_domain_end(void);

/* Writes @text over one of the files: "passwd", "group", "nsswitch.conf"; NULL removes it. */
void fake_domain_file(const char *name, const char *text);

/* Makes or removes a folder there. */
void fake_domain_folder(const char *name, bool is_there);

void fake_domain_hang(uint32_t id);

struct sid fake_sid(const char *text);

#endif
