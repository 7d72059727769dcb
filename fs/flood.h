/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A limit to how fast any one user can fill the audit: so many at once, so many a second from then
 * on, and the rest are counted.  Thread safe.
 */
#ifndef GUISE_FS_FLOOD_H
#define GUISE_FS_FLOOD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define FLOOD_BURST 1000u
#define FLOOD_PER_SECOND 100u

/* Users who may have a limit of their own at once; those beyond share one. */
#define FLOOD_USERS 4096

/* Stands for several users. */
#define FLOOD_OTHERS ((uid_t)-1)

struct flood;

/* NULL without memory. */
struct flood *flood_create(void);
void flood_destroy(struct flood *flood);

/*
 * May @uid have one more at @now (nanoseconds of a clock that does not go back)?  If so, stores in
 * *@missed how many it may not have had since the last that it had.  What users without a
 * limit of their own missed is told by flood_drain() alone.
 */
bool flood_admits(struct flood *flood, uid_t uid, uint64_t now, uint64_t *missed);

/* How many any one user missed, who is stored in *@uid; they are then forgotten.  0: nobody did. */
uint64_t flood_drain(struct flood *flood, uid_t *uid);

#endif
