/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Accounts that exist while a test runs.  Needs root. */
#ifndef GUISE_TESTS_PEOPLE_H
#define GUISE_TESTS_PEOPLE_H

#include <stdbool.h>
#include <sys/types.h>

#define PEOPLE_MAX 4

struct person {
	char name[32];
	uid_t uid;
	gid_t gid;
};

/*
 * Adds @count accounts with unique names and their own groups.  They are removed
 * when the process that called this exits, also by SIGINT, SIGTERM or SIGHUP.
 */
bool people_add(unsigned int count, struct person *people);

#endif
