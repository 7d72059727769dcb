/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What players can do; see cast.h. */
#ifndef GUISE_TESTS_DEEDS_H
#define GUISE_TESTS_DEEDS_H

#include "tests/mount/cast.h"

/* longest text that goes in or out */
#define DEED_TEXT 6000

long deed_do(enum deed deed, const char *text, long number, char *said);

#endif
