/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Operations on files by the names that acl/action.h gives them, really done. */
#ifndef GUISE_TESTS_ERRAND_H
#define GUISE_TESTS_ERRAND_H

#include "acl/sid.h"

#define ERRAND_PATH 512

/* An operation as guise why names it, and what it is done with. */
struct errand {
	char name[32];           /* of the operation */
	char path[ERRAND_PATH];  /* the object */
	char other[ERRAND_PATH]; /* the name that is made */
	char sid[SID_MAX_TEXT];  /* the new owner */
};

/* 0 or -errno; -ENOSYS if there is no such operation here. */
int errand_do(const struct errand *errand);

#endif
